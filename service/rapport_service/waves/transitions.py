"""Transitions of waves outside of poll book and seal: open, cancel, retire."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from rapport_schemas.enums import AuditAction, PendingDelay, WaveState
from rapport_service.agency.audit import Actor
from rapport_service.ballotbox.models import SpentBallot, Submission
from rapport_service.core.installation import request_vacuum
from rapport_service.registry.models import BallotKey, Wave
from rapport_service.registry.queries import list_ballot_keys, lock_wave
from rapport_service.registry.wave_audit import audit_cancellation, audit_wave

ENDED_STATES = (WaveState.SEALED, WaveState.CANCELLED)


class SealNotBlockedError(Exception):
    """The seal of the wave is not blocked: there is nothing to accept."""


class WaveEndedError(Exception):
    """The wave is sealed or cancelled already, and stays so."""


def open_wave(session: Session, wave: Wave, now: datetime) -> None:
    """Marks a wave as open; devices go by its dates themselves."""
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if wave.state == WaveState.ANNOUNCED and now >= wave.opens_at:
        wave.state = WaveState.OPEN


def cancel_wave(
    session: Session, wave: Wave, reason: str, actor: Actor, now: datetime
) -> Wave:
    """Cancels a wave before its seal: deletes its answers, publishes the reason.

    The same cancellation again changes nothing. A seal that waits for a person, because
    its key is lost or its envelopes do not open, can be given up.

    Returns:
        The cancelled wave.

    Raises:
        WaveEndedError: too late; a release is never taken back.
    """
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if (wave.state, wave.cancel_reason) == (WaveState.CANCELLED, reason):
        return wave
    is_sealing = wave.state == WaveState.SEALING and wave.sealing_delay is None
    if wave.state in ENDED_STATES or is_sealing:
        raise WaveEndedError
    _destroy_ballots(session, wave)
    wave.state, wave.cancel_reason = WaveState.CANCELLED, reason
    audit_cancellation(session, wave, actor, now)
    return wave


def retire_wave(session: Session, wave: Wave) -> None:
    """Deletes a wave's public keys and ballots; releases and unlinked answers stay.

    The keys' ids stay too, so that a very late phone learns that its ballot expired.
    """
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    _destroy_ballots(session, wave)
    for key in list_ballot_keys(session, wave):
        key.jwk = None


def list_past_seal(session: Session, organization_id: str, now: datetime) -> list[Wave]:
    """Closed waves past the date of their seal, whether or not they can be sealed."""
    return list(
        session.scalars(
            select(Wave).where(
                Wave.organization_id == organization_id,
                Wave.state.in_((WaveState.CLOSED, WaveState.SEALING)),
                Wave.seals_at <= now,
            )
        )
    )


def accept_invalid(session: Session, wave: Wave, actor: Actor, now: datetime) -> None:
    """Lets a blocked wave be sealed without its invalid envelopes; on record.

    Raises:
        SealNotBlockedError: the seal of the wave is not blocked.
    """
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    is_blocked = wave.sealing_delay == PendingDelay.SEAL_BLOCKED
    if wave.state != WaveState.SEALING or not is_blocked:
        raise SealNotBlockedError
    if wave.accepts_invalid:
        return
    wave.accepts_invalid = True
    audit_wave(
        session,
        wave,
        actor,
        now,
        AuditAction.INVALID_ACCEPTED,
        {"accepts_invalid": True},
    )


def list_retirable(session: Session, organization_id: str, now: datetime) -> list[Wave]:
    """Ended waves past their retirement date that still have their public keys."""
    return list(
        session.scalars(
            select(Wave).where(
                Wave.organization_id == organization_id,
                Wave.state.in_(ENDED_STATES),
                Wave.retires_at <= now,
                select(BallotKey)
                .where(
                    BallotKey.organization_id == Wave.organization_id,
                    BallotKey.wave_id == Wave.wave_id,
                    BallotKey.jwk.is_not(None),
                )
                .exists(),
            )
        )
    )


def _destroy_ballots(session: Session, wave: Wave) -> None:
    """Deletes all submissions and ballots; the next vacuum clears the disk as well."""
    kids = [key.kid for key in list_ballot_keys(session, wave)]
    session.execute(
        delete(Submission).where(
            Submission.organization_id == wave.organization_id, Submission.kid.in_(kids)
        )
    )
    session.execute(
        delete(SpentBallot).where(
            SpentBallot.organization_id == wave.organization_id,
            SpentBallot.wave_id == wave.wave_id,
        )
    )
    request_vacuum(session)
