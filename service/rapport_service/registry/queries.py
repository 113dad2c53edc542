"""Looking things up in the record, and the one row about the database itself."""

import re
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from rapport_service.agency.service import is_organization_id
from rapport_service.registry.models import BallotKey, Charter, Installation, Wave

_KID = re.compile(r"[a-z][a-z0-9]{2,19}\.[\w-]{43}", re.ASCII)


class UnknownWaveError(Exception):
    """No wave has this id."""


def parse_wave_id(public_id: str) -> tuple[str, UUID]:
    """Splits a wave's public id into the two parts of its key.

    Raises:
        UnknownWaveError: no wave could have this id.
    """
    organization_id, _, wave_id = public_id.partition(".")
    if not is_organization_id(organization_id):
        raise UnknownWaveError(public_id)
    try:
        key = organization_id, UUID(wave_id)
    except ValueError as error:
        raise UnknownWaveError(public_id) from error
    if public_id != f"{organization_id}.{key[1]}":
        raise UnknownWaveError(public_id)
    return key


def get_wave(session: Session, public_id: str) -> Wave:
    """The wave with this public id.

    Raises:
        UnknownWaveError: there is none.
    """
    wave = session.get(Wave, parse_wave_id(public_id))
    if wave is None:
        raise UnknownWaveError(public_id)
    return wave


def get_charter(session: Session, public_id: str) -> Charter:
    """The charter of an announced wave.

    Raises:
        UnknownWaveError: no such wave, or not announced yet.
    """
    charter = session.get(Charter, parse_wave_id(public_id))
    if charter is None:
        raise UnknownWaveError(public_id)
    return charter


def get_public_key(session: Session, kid: str) -> str | None:
    """The public ballot key with this id as JSON; None where unknown or retired."""
    if not _KID.fullmatch(kid):
        return None
    organization_id, _, _ = kid.partition(".")
    return session.scalar(
        select(BallotKey.jwk).where(
            BallotKey.organization_id == organization_id, BallotKey.kid == kid
        )
    )


def lock_wave(session: Session, organization_id: str, wave_id: UUID) -> Wave:
    """The wave, locked for a change of state, as it stands now."""
    return session.scalars(
        select(Wave)
        .where(Wave.organization_id == organization_id, Wave.wave_id == wave_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def list_ballot_keys(session: Session, wave: Wave) -> list[BallotKey]:
    """The public keys of a wave, in key order."""
    return list(
        session.scalars(
            select(BallotKey)
            .where(
                BallotKey.organization_id == wave.organization_id,
                BallotKey.wave_id == wave.wave_id,
            )
            .order_by(BallotKey.kid)
        )
    )


def get_epoch(session: Session) -> UUID:
    """The epoch of this database; another one means that it was restored."""
    return session.scalars(select(Installation.epoch)).one()


def store_secret_check(session: Session, check: bytes) -> bool:
    """Notes the secret that this database is kept under; false if one was noted."""
    noted = session.scalar(
        update(Installation)
        .where(Installation.secret_check.is_(None))
        .values(secret_check=check)
        .returning(Installation.epoch)
    )
    return noted is not None


def is_installation_secret(session: Session, check: bytes) -> bool | None:
    """Whether the database is kept under this secret; None where none is noted."""
    noted = session.scalars(select(Installation.secret_check)).one()
    return None if noted is None else noted == check


def request_vacuum(session: Session, tidied_at: datetime | None = None) -> None:
    """Lets the next tick tidy at once, since something was destroyed.

    Args:
        tidied_at: when tidying is pretended to have been done, so that it waits a bit.
    """
    session.execute(update(Installation).values(tidied_at=tidied_at))


def claim_vacuum(session: Session, now: datetime, interval: timedelta) -> bool:
    """Whether to rewrite tables in key order now; of two that ask, one hears yes."""
    claimed = session.scalar(
        update(Installation)
        .where(
            or_(
                Installation.tidied_at.is_(None),
                Installation.tidied_at <= now - interval,
            )
        )
        .values(tidied_at=now)
        .returning(Installation.epoch)
    )
    return claimed is not None
