"""The seal: splits the ballot box, plans, and writes an immutable release."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from rapport_service import b64
from rapport_service.ballotbox.models import Answer, Spent, Standing, Submission
from rapport_service.charter import document
from rapport_service.instrument.answers import Answers
from rapport_service.instrument.bank import by_digest
from rapport_service.measure.series import Window
from rapport_service.record.models import (
    Charter,
    Release,
    Score,
    Wave,
    WaveState,
)
from rapport_service.record.service import lock_wave, wave_keys
from rapport_service.scoring.document import Occasion
from rapport_service.scoring.release import release
from rapport_service.scoring.tally import blocks
from rapport_service.waves.past import past_waves


def begin_seal(session: Session, wave: Wave, now: datetime) -> None:
    """Ends the taking of answers for release 1: from here on they are late.

    Submissions hold the wave's row in share mode and this takes it alone, so none falls
    between.
    """
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if wave.state == WaveState.CLOSED and now >= wave.seals_at:
        wave.state = WaveState.SEALING


def seal(session: Session, wave: Wave) -> None:
    """Seals a wave in one transaction; a second job that comes along finds it done."""
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if wave.state != WaveState.SEALING:
        return
    accepted = _accepted(session, wave)
    _publish(session, wave, accepted)
    _split(session, wave, accepted)
    wave.state = WaveState.SEALED


Ballot = tuple[UUID, Submission]
"""A counted submission, and the node that holds its key."""


def _accepted(session: Session, wave: Wave) -> list[Ballot]:
    keys = {key.kid: key.team_id for key in wave_keys(session, wave)}
    rows = session.scalars(
        select(Submission)
        .where(
            Submission.organization_id == wave.organization_id,
            Submission.kid.in_(keys),
            Submission.standing == Standing.ACCEPTED,
        )
        .order_by(Submission.kid, Submission.ballot_hash)
    )
    return [(keys[row.kid], row) for row in rows]


def _publish(session: Session, wave: Wave, accepted: Sequence[Ballot]) -> None:
    charter = document.read(
        session.get_one(Charter, (wave.organization_id, wave.wave_id)).document
    )
    instrument = by_digest(charter.instrument)
    own = blocks(instrument, ((node, _answers(row)) for node, row in accepted))
    occasion = Occasion(
        wave.public_id, Window(wave.opens_at, wave.closes_at), pilot=True
    )
    past = past_waves(session, wave, instrument)
    result = release(occasion, charter, instrument, own, past)
    session.add(
        Release(
            organization_id=wave.organization_id,
            wave_id=wave.wave_id,
            number=1,
            counted=commitment(row.ballot_hash for _, row in accepted),
            figures=result.figures,
        )
    )
    session.flush()
    session.add_all(
        Score(
            organization_id=wave.organization_id,
            wave_id=wave.wave_id,
            number=1,
            team_id=team_id,
            digest=b64.digest(team.document),
            document=team.document,
            figures=team.figures,
        )
        for team_id, team in result.teams.items()
    )


def commitment(hashes: Iterable[bytes]) -> str:
    """Commits to the counted ballots: SHA-256 over their hashes in ascending order."""
    return b64.encode(hashlib.sha256(b"".join(sorted(hashes))).digest())


def _split(session: Session, wave: Wave, accepted: Sequence[Ballot]) -> None:
    """Parts what was said from the ballots that said it; content and nonce are gone."""
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
    spent = [
        {
            "organization_id": row.organization_id,
            "kid": row.kid,
            "ballot_hash": row.ballot_hash,
            "digest": row.digest,
            "standing": row.standing,
        }
        for _, row in accepted
    ]
    if accepted:
        session.execute(insert(Answer), answers)
        session.execute(insert(Spent), spent)
    session.execute(
        delete(Submission).where(
            Submission.organization_id == wave.organization_id,
            Submission.kid.in_({row.kid for _, row in accepted}),
            Submission.standing == Standing.ACCEPTED,
        )
    )


def _answers(row: Submission) -> Answers:
    if row.form is None or row.answers is None:
        raise ValueError("an accepted submission without answers")
    return Answers.load(row.form, row.answers)
