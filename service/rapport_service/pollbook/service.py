"""Blind signing of ballots, once an elector and wave; the end of the draw."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.orm import Session

from rapport_schemas.enums import DrawStatus, WaveState
from rapport_service.agency.models import Person
from rapport_service.blindsign.keys import decrypt
from rapport_service.blindsign.sign import BlindedInvalidError, blind_sign
from rapport_service.core.bulk import split_rows
from rapport_service.core.data_keys import Keyring
from rapport_service.core.db import insert_new
from rapport_service.encoding import base64url
from rapport_service.pollbook import private_keys
from rapport_service.pollbook.models import Draw, Elector, PrivateKey
from rapport_service.pollbook.tokens import Bearer
from rapport_service.registry.models import Wave
from rapport_service.registry.queries import UnknownWaveError, lock_wave, parse_wave_id
from rapport_service.registry.readers import forget_readers

BLINDED_BYTES = 256

KEY_SHARE = {"read": True, "key_share": True}
"""The lock that a draw takes on its elector anyhow, because it refers to it."""


@dataclass(frozen=True)
class DrawRequest:
    """A blinded ballot for one wave, under the key that its charter named."""

    wave_id: str
    ballot_key_id: str
    blinded: str


@dataclass(frozen=True)
class DrawResult:
    """Result of one request, with the signature if the status is ``signed``."""

    wave_id: str
    status: DrawStatus
    signature: bytes | None = None


def draw(
    session: Session,
    keyring: Keyring,
    bearer: Bearer,
    requests: list[DrawRequest],
    now: datetime,
) -> list[DrawResult]:
    """Signs a person's blinded ballots, one result a request, in order.

    The same blinded value again gets the same signature, also after the draw has closed
    and until the seal: the reply may have been lost.
    """
    results = []
    for request in requests:
        status, signature = _draw(session, keyring, bearer, request, now)
        results.append(DrawResult(request.wave_id, status, signature))
    return results


def close_wave(session: Session, wave: Wave) -> None:
    """Ends a wave's draw and destroys its keys: no more ballots can be signed."""
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if wave.state == WaveState.OPEN:
        wave.state = WaveState.CLOSED
        private_keys.destroy_keys(session, wave)


def purge_ended(
    session: Session, organization_id: str, past_seal: Collection[UUID] = ()
) -> bool:
    """Forgets who drew a ballot, and under which key, in ended waves.

    It waits for the date of the seal and not for the seal itself, which may be delayed:
    from then on no lost reply to a draw is of use.

    Args:
        session: behind the poll book's door.
        organization_id: the organization.
        past_seal: ids of its waves past that date.

    Returns:
        Whether there was something to forget.
    """
    ended = select(Wave.wave_id).where(
        Wave.organization_id == organization_id,
        Wave.state.in_((WaveState.SEALED, WaveState.CANCELLED))
        | Wave.wave_id.in_(past_seal),
    )
    connection = session.connection()  # whose results count rows
    drawn = connection.execute(
        delete(Draw).where(
            Draw.organization_id == organization_id, Draw.wave_id.in_(ended)
        )
    )
    under_key = connection.execute(
        update(Elector)
        .where(
            Elector.organization_id == organization_id,
            Elector.wave_id.in_(ended),
            Elector.kid.is_not(None),
        )
        .values(kid=None)
    )
    private_keys.destroy_leftover_keys(session, organization_id, ended)
    return drawn.rowcount + under_key.rowcount > 0


def remove_leavers(
    session: Session, organization_id: str, external_ids: Iterable[str]
) -> None:
    """Deletes people who left the roster from the electorate of waves not yet sealed.

    Else whoever gets their number next would have their place: their ballot, or the
    word that it is drawn. A ballot that a leaver has drawn stays valid.
    """
    unsealed = select(Wave.wave_id).where(
        Wave.organization_id == organization_id, Wave.state != WaveState.SEALED
    )
    connection = session.connection()
    for left in split_rows(external_ids):
        people = select(Person.person_id).where(
            Person.organization_id == organization_id, Person.external_id.in_(left)
        )
        # Locked first: a draw under way has made its row then, and no other begins.
        connection.execute(
            select(Elector.person_id)
            .where(*_of_electors(Elector, organization_id, unsealed, people))
            .with_for_update()
        )
        for table in (Draw, Elector):
            connection.execute(
                delete(table).where(
                    *_of_electors(table, organization_id, unsealed, people)
                )
            )


def _of_electors(
    table: type[Draw] | type[Elector],
    organization_id: str,
    waves: Select[UUID],
    people: Select[UUID],
) -> tuple[ColumnElement[bool], ...]:
    return (
        table.organization_id == organization_id,
        table.wave_id.in_(waves),
        table.person_id.in_(people),
    )


def forget_electorate(session: Session, wave: Wave) -> None:
    """Deletes who could answer or read a wave that retires, and who drew a ballot."""
    forget_readers(session, wave)
    for table in (Draw, Elector):
        session.execute(
            delete(table).where(
                table.organization_id == wave.organization_id,
                table.wave_id == wave.wave_id,
            )
        )


def _draw(
    session: Session,
    keyring: Keyring,
    bearer: Bearer,
    request: DrawRequest,
    now: datetime,
) -> tuple[DrawStatus, bytes | None]:
    try:
        blinded = base64url.decode(request.blinded, BLINDED_BYTES)
    except base64url.NotBase64Error:
        return DrawStatus.BLINDED_INVALID, None
    elector = _find_elector(session, bearer, request.wave_id)
    if elector is None:
        return DrawStatus.NOT_ELIGIBLE, None
    if elector.kid is None:
        return DrawStatus.NOT_DRAWABLE, None
    if elector.kid != request.ballot_key_id:
        return DrawStatus.WRONG_KEY, None
    return _draw_once(session, keyring, elector, blinded, now)


def _find_elector(session: Session, bearer: Bearer, public_id: str) -> Elector | None:
    """The person's row in the wave's electorate, in their own organization."""
    try:
        organization_id, wave_id = parse_wave_id(public_id)
    except UnknownWaveError:
        return None
    if organization_id != bearer.organization_id:
        return None
    return session.get(Elector, (organization_id, wave_id, bearer.subject))


def _draw_once(
    session: Session,
    keyring: Keyring,
    elector: Elector,
    blinded: bytes,
    now: datetime,
) -> tuple[DrawStatus, bytes | None]:
    key = (elector.organization_id, elector.wave_id, elector.person_id)
    blinded_hash = hashlib.sha256(blinded).digest()
    earlier = session.get(Draw, key)
    if earlier is not None:
        return _repeat_result(earlier, blinded_hash)
    if session.get(Elector, key, with_for_update=KEY_SHARE) is None:
        return DrawStatus.NOT_ELIGIBLE, None  # a roster has just removed the person
    signature = _sign(session, keyring, elector, blinded, now)
    if not isinstance(signature, bytes):
        return signature, None
    is_new = insert_new(
        session,
        Draw,
        [
            {
                "organization_id": elector.organization_id,
                "wave_id": elector.wave_id,
                "person_id": elector.person_id,
                "blinded_hash": blinded_hash,
                "signature": signature,
            }
        ],
    )
    if is_new:
        return DrawStatus.SIGNED, signature
    return _repeat_result(
        session.get_one(Draw, key, populate_existing=True), blinded_hash
    )


def _repeat_result(
    earlier: Draw, blinded_hash: bytes
) -> tuple[DrawStatus, bytes | None]:
    if earlier.blinded_hash == blinded_hash and earlier.signature is not None:
        return DrawStatus.SIGNED, earlier.signature
    return DrawStatus.ALREADY_DRAWN, None


def _sign(
    session: Session,
    keyring: Keyring,
    elector: Elector,
    blinded: bytes,
    now: datetime,
) -> bytes | DrawStatus:
    wave = session.get_one(Wave, (elector.organization_id, elector.wave_id))
    private = session.get(
        PrivateKey, (elector.organization_id, elector.wave_id, elector.kid)
    )
    drawable = wave.state in {WaveState.ANNOUNCED, WaveState.OPEN}
    if private is None or not drawable or now >= wave.closes_at:
        return DrawStatus.NOT_DRAWABLE
    key = decrypt(private.encrypted, private.kid, keyring.ballots)
    try:
        return blind_sign(key.private_numbers(), blinded)
    except BlindedInvalidError:
        return DrawStatus.BLINDED_INVALID
