"""Seal of a wave: its key, its state, and one short write of what was reckoned."""

from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from rapport_schemas.enums import PendingDelay, WaveState
from rapport_service.ballotbox.models import Answer, Submission
from rapport_service.core.installation import request_vacuum
from rapport_service.registry.models import Wave
from rapport_service.registry.queries import list_ballot_keys, lock_wave
from rapport_service.registry.sealing import UNSEALED_STATES
from rapport_service.releases.publish import Reckoning, load_stored_ballots
from rapport_service.releases.sealed_release import SealedRelease, insert_release


class SubmissionsChangedError(Exception):
    """The submissions of a wave are not those that were reckoned."""


class ForeignReleaseError(Exception):
    """The kept release of a wave is of other ballots than this database has."""


def record_key(session: Session, wave: Wave, jwk: str) -> bool:
    """Records the public half of a planned wave's new key, in place of a lost one.

    Returns:
        False where another job was first, or the wave is not planned any more: then
        the key is of no use.
    """
    known = wave.sealing_key
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if wave.state != WaveState.PLANNED or wave.sealing_key != known:
        return False
    wave.sealing_key, wave.sealing_delay = jwk, None
    return True


def note_key_present(session: Session, wave: Wave) -> None:
    """Notes that the key of a planned wave is there again."""
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if wave.state == WaveState.PLANNED:
        wave.sealing_delay = None


def begin_seal(session: Session, wave: Wave, now: datetime) -> bool:
    """Starts the seal: answers that arrive from here on come too late.

    Submissions hold the wave's row in share mode and this takes it exclusively, so each
    is either before or after it.
    """
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if wave.state == WaveState.CLOSED and now >= wave.seals_at:
        wave.state, wave.sealing_delay = WaveState.SEALING, None
    return wave.state == WaveState.SEALING


def note_delay(session: Session, wave: Wave, delay: PendingDelay) -> None:
    """Tells everybody who looks why a wave is not announced, or is due and not sealed.

    A machine that lacks the key knows less than the one that has opened the envelopes.
    """
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    is_waiting = wave.state in {WaveState.PLANNED, *UNSEALED_STATES}
    if is_waiting and wave.sealing_delay != PendingDelay.SEAL_BLOCKED:
        wave.sealing_delay = delay


def write_seal(session: Session, wave: Wave, reckoning: Reckoning) -> bool:
    """Writes what was reckoned, in one short transaction.

    Returns:
        False where another job has sealed the wave.

    Raises:
        SubmissionsChangedError: others are stored than were reckoned.
    """
    if reckoning.release is None:
        raise ValueError("a blocked seal is not written")
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if wave.state != WaveState.SEALING:
        return False
    if load_stored_ballots(session, wave) != reckoning.stored:
        raise SubmissionsChangedError(wave.public_id)
    if reckoning.answers:
        session.execute(insert(Answer), reckoning.answers)
    _publish(session, wave, reckoning.release)
    return True


def import_release(session: Session, wave: Wave, release: SealedRelease) -> bool:
    """Takes over a release that was published before the database was restored.

    Its answers are gone with the key; what was published stays as it was.

    Returns:
        False where the wave is sealed, cancelled or only planned.

    Raises:
        ForeignReleaseError: it does not hold every ballot that is stored here, as if
            another copy of the database had sealed. An operator may accept that.
    """
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if wave.state not in UNSEALED_STATES:
        return False
    spent = {each.ballot_hash for each in release.spent}
    stored = {each.ballot_hash for each in load_stored_ballots(session, wave)}
    if not stored <= spent and not wave.accepts_invalid:
        raise ForeignReleaseError(wave.public_id)
    _publish(session, wave, release)
    return True


def _publish(session: Session, wave: Wave, release: SealedRelease) -> None:
    insert_release(session, wave, release)
    session.execute(
        delete(Submission).where(
            Submission.organization_id == wave.organization_id,
            Submission.kid.in_([key.kid for key in list_ballot_keys(session, wave)]),
        )
    )
    wave.state, wave.sealing_delay = WaveState.SEALED, None
    request_vacuum(session)
