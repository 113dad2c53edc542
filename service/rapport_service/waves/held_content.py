"""Held content of a wave: counted in bands, revalidated, discarded; never shown."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from rapport_schemas.enums import SubmissionReason, WaveState
from rapport_service.agency import audit
from rapport_service.agency.audit import Actor
from rapport_service.ballotbox.content_check import judge
from rapport_service.ballotbox.models import Conflict, StoredStatus, Submission
from rapport_service.charter import document
from rapport_service.disclosure.bands import held_band
from rapport_service.instrument.bank import instrument_by_digest
from rapport_service.registry.models import Charter, Wave
from rapport_service.registry.queries import list_ballot_keys, lock_wave

HeldCounts = dict[str, str]
"""Band of the number of held items, by reason."""


class NotSealedError(Exception):
    """The wave is not sealed: a number shown now could reveal who has answered."""


def count_held(session: Session, wave: Wave) -> HeldCounts:
    """The number of held items by reason, in bands.

    Raises:
        NotSealedError: there are no numbers before the seal.
    """
    if wave.state != WaveState.SEALED:
        raise NotSealedError
    held: dict[str, int] = dict.fromkeys(
        (
            SubmissionReason.FORM_UNKNOWN,
            SubmissionReason.ANSWERS_INVALID,
            SubmissionReason.CONTENT_CONFLICT,
        ),
        0,
    )
    counts = session.execute(
        select(Submission.reason, func.count())
        .where(_is_held(session, wave))
        .group_by(Submission.reason)
    )
    held.update((str(reason), count) for reason, count in counts)
    held[SubmissionReason.CONTENT_CONFLICT] = session.scalars(
        select(func.count()).select_from(Conflict).where(_is_conflict(session, wave))
    ).one()
    return {str(reason): held_band(count) for reason, count in held.items()}


def audited_count_held(
    session: Session, wave: Wave, actor: Actor, now: datetime
) -> HeldCounts:
    """The same numbers, audited: a reader who looks often could watch them change.

    Raises:
        NotSealedError: there are no numbers before the seal.
    """
    held = count_held(session, wave)
    _audit(session, wave, actor, now, "looked at what is held")
    return held


def revalidate(session: Session, wave: Wave, actor: Actor, now: datetime) -> None:
    """Validates all held content once more, after a fix of the rules.

    Content that is valid now is accepted, or late from the seal on. Other content of a
    used ballot stays where it is: the first binds the ballot.
    """
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    charter = session.get(Charter, (wave.organization_id, wave.wave_id))
    if charter is not None:
        instrument = instrument_by_digest(
            document.read_charter(charter.document).instrument_digest
        )
        for row in session.scalars(select(Submission).where(_is_held(session, wave))):
            verdict = judge(instrument, row.content or b"", late=wave.has_seal_begun)
            row.status, row.reason = verdict["status"], verdict["reason"]
            row.form, row.answers = verdict["form"], verdict["answers"]
    _audit(session, wave, actor, now, "revalidated what is held")


def discard(session: Session, wave: Wave, actor: Actor, now: datetime) -> None:
    """Deletes all held content. Ballots stay bound: a replay gets the same reason."""
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    session.execute(
        update(Submission).where(_is_held(session, wave)).values(content=None)
    )
    session.execute(delete(Conflict).where(_is_conflict(session, wave)))
    _audit(session, wave, actor, now, "discarded what is held")


def _is_held(session: Session, wave: Wave) -> ColumnElement[bool]:
    return (
        (Submission.organization_id == wave.organization_id)
        & Submission.kid.in_([key.kid for key in list_ballot_keys(session, wave)])
        & (Submission.status == StoredStatus.HELD)
        & Submission.content.is_not(None)
    )


def _is_conflict(session: Session, wave: Wave) -> ColumnElement[bool]:
    return (Conflict.organization_id == wave.organization_id) & Conflict.kid.in_(
        [key.kid for key in list_ballot_keys(session, wave)]
    )


def _audit(
    session: Session, wave: Wave, actor: Actor, now: datetime, action: str
) -> None:
    audit.append_entry(
        session, wave.organization_id, now, actor, action, wave.public_id
    )
