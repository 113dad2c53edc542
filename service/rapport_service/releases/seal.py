"""Seal of a wave: publishes its release and separates answers from ballots."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from rapport_schemas.enums import WaveState
from rapport_service.ballotbox.models import (
    Answer,
    CountedBallot,
    StoredStatus,
    Submission,
)
from rapport_service.instrument.answers import Answers
from rapport_service.registry.models import Wave
from rapport_service.registry.queries import list_ballot_keys, lock_wave
from rapport_service.releases.publish import publish


def begin_seal(session: Session, wave: Wave, now: datetime) -> None:
    """Starts the seal: answers that arrive from here on are late.

    Submissions hold the wave's row in share mode and this takes it exclusively, so each
    is either before or after it.
    """
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if wave.state == WaveState.CLOSED and now >= wave.seals_at:
        wave.state = WaveState.SEALING


def seal(session: Session, wave: Wave) -> None:
    """Seals a wave in one transaction; does nothing if another job has sealed it."""
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if wave.state != WaveState.SEALING:
        return
    accepted = _load_accepted(session, wave)
    publish(
        session,
        wave,
        ((node, _load_answers(row)) for node, row in accepted),
        (row.ballot_hash for _, row in accepted),
    )
    _separate_answers(session, wave, accepted)
    wave.state = WaveState.SEALED


AcceptedBallot = tuple[UUID, Submission]
"""A counted submission, and the node that holds its key."""


def _load_accepted(session: Session, wave: Wave) -> list[AcceptedBallot]:
    keys = {key.kid: key.team_id for key in list_ballot_keys(session, wave)}
    rows = session.scalars(
        select(Submission)
        .where(
            Submission.organization_id == wave.organization_id,
            Submission.kid.in_(keys),
            Submission.status == StoredStatus.ACCEPTED,
        )
        .order_by(Submission.kid, Submission.ballot_hash)
    )
    return [(keys[row.kid], row) for row in rows]


def _separate_answers(
    session: Session, wave: Wave, accepted: Sequence[AcceptedBallot]
) -> None:
    """Moves answers away from their ballots; content and nonces are deleted."""
    answers = [
        {
            "organization_id": wave.organization_id,
            "wave_id": wave.wave_id,
            "answer_id": uuid4(),
            "team_id": node,
            "form": row.form,
            "answers": row.answers,
        }
        for node, row in accepted
    ]
    answers.sort(key=lambda row: str(row["answer_id"]))
    counted = [
        {
            "organization_id": row.organization_id,
            "kid": row.kid,
            "ballot_hash": row.ballot_hash,
            "digest": row.digest,
            "status": row.status,
        }
        for _, row in accepted
    ]
    if accepted:
        session.execute(insert(Answer), answers)
        session.execute(insert(CountedBallot), counted)
    session.execute(
        delete(Submission).where(
            Submission.organization_id == wave.organization_id,
            Submission.kid.in_({row.kid for _, row in accepted}),
            Submission.status == StoredStatus.ACCEPTED,
        )
    )


def _load_answers(row: Submission) -> Answers:
    if row.form is None or row.answers is None:
        raise ValueError("an accepted submission without answers")
    return Answers.load(row.form, row.answers)
