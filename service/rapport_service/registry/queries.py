"""Queries of waves, charters and ballot keys, by their public ids."""

import re
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import WaveState
from rapport_service.agency.service import is_organization_id
from rapport_service.registry.models import BallotKey, Charter, Wave

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


def get_own_wave(session: Session, organization_id: str, public_id: str) -> Wave:
    """The organization's wave with this public id.

    Raises:
        UnknownWaveError: there is none, or it is another organization's.
    """
    owner, wave_id = parse_wave_id(public_id)
    wave = session.get(Wave, (organization_id, wave_id))
    if wave is None or owner != organization_id:
        raise UnknownWaveError(public_id)
    return wave


def list_drawable(session: Session) -> list[Wave]:
    """The waves of every organization whose ballots can be drawn now."""
    return list(
        session.scalars(
            select(Wave)
            .where(Wave.state.in_((WaveState.ANNOUNCED, WaveState.OPEN)))
            .order_by(Wave.organization_id, Wave.wave_id)
        )
    )


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
    """The wave, locked for a change of state, in its present state."""
    return session.scalars(
        select(Wave)
        .where(Wave.organization_id == organization_id, Wave.wave_id == wave_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def lock_waves_with_keys(session: Session) -> list[Wave]:
    """The waves of every organization that have private keys, locked in their states.

    Ballots can be drawn meanwhile; nothing announces, opens, closes or cancels a wave.
    """
    return list(
        session.scalars(
            select(Wave)
            .where(
                Wave.state.in_((WaveState.PLANNED, WaveState.ANNOUNCED, WaveState.OPEN))
            )
            .order_by(Wave.organization_id, Wave.wave_id)
            .with_for_update(key_share=True)  # draws refer to it meanwhile
            .execution_options(populate_existing=True)
        )
    )


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
