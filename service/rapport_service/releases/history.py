"""Figures and answers of earlier waves; only the sealing door may read them."""

import json
from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import WaveState
from rapport_service.ballotbox.models import Answer
from rapport_service.instrument.answers import Answers
from rapport_service.instrument.bank import Instrument
from rapport_service.registry.models import Release, Score, Wave
from rapport_service.registry.queries import parse_wave_id
from rapport_service.releases.scoring.aggregation import BATCH_SIZE, aggregate_answers
from rapport_service.releases.scoring.figures import Figures
from rapport_service.releases.scoring.levels import load_level_variances
from rapport_service.releases.scoring.reliability import AggregatedWave
from rapport_service.releases.scoring.trends import ScoredWave
from rapport_service.stats.trend import Window

MAX_EARLIER_WAVES = 26
"""Earlier waves in a trend, at most: a year of fortnights."""


def comparable_waves(
    session: Session, wave: Wave, instrument: Instrument
) -> list[ScoredWave]:
    """The newest sealed waves that opened before this one, the oldest first.

    Waves that asked other questions are left out; a cancelled wave left no release.
    """
    rows = session.execute(
        select(Wave, Release.figures, Release.level_variances)
        .join(
            Release,
            (Release.organization_id == Wave.organization_id)
            & (Release.wave_id == Wave.wave_id),
        )
        .where(
            Wave.organization_id == wave.organization_id,
            Wave.opens_at < wave.opens_at,
            Wave.state == WaveState.SEALED,
            Release.number == 1,
        )
        .order_by(Wave.opens_at.desc(), Wave.wave_id)
        .limit(MAX_EARLIER_WAVES)
    )
    comparable = [
        (earlier, load_level_variances(variances))
        for earlier, stored, variances in rows
        if json.loads(stored)["instrument_digest"] == instrument.digest
    ]
    figures = released_figures(
        session, wave.organization_id, [earlier.wave_id for earlier, _ in comparable]
    )
    return [
        ScoredWave(
            earlier.public_id,
            Window(earlier.opens_at, earlier.closes_at),
            figures.get(earlier.wave_id, {}),
            variances,
        )
        for earlier, variances in reversed(comparable)
    ]


def poolable_waves(
    session: Session,
    wave: Wave,
    instrument: Instrument,
    root: str,
    earlier_waves: Sequence[ScoredWave],
) -> Iterator[AggregatedWave]:
    """Earlier waves that have not retired, each loaded when the caller comes to it.

    Args:
        wave: the one that is being sealed.
        root: the node of the whole organization, which was released in each of them.
        earlier_waves: from `comparable_waves`; yielded newest first.
    """
    for earlier in reversed(earlier_waves):
        row = session.get_one(Wave, parse_wave_id(earlier.id))
        if root in earlier.figures and row.retires_at > wave.seals_at:
            yield (
                earlier,
                aggregate_answers(instrument, load_sealed_answers(session, row)),
            )


def load_sealed_answers(session: Session, wave: Wave) -> Iterator[tuple[UUID, Answers]]:
    """A sealed wave's answers, each with the node that holds its ballot's key.

    Loaded in batches, so a wave may be of any size.
    """
    rows = session.execute(
        select(Answer.team_id, Answer.form, Answer.answers)
        .where(
            Answer.organization_id == wave.organization_id,
            Answer.wave_id == wave.wave_id,
        )
        .execution_options(yield_per=BATCH_SIZE)
    )
    for team_id, form, answers in rows:
        yield team_id, Answers.load(form, answers)


def released_figures(
    session: Session, organization_id: str, waves: list[UUID]
) -> dict[UUID, dict[str, Figures]]:
    """Stored figures of the newest release of each wave, by wave and group."""
    figures: dict[UUID, dict[str, Figures]] = {}
    for wave_id, team_id, stored in session.execute(
        select(Score.wave_id, Score.team_id, Score.figures)
        .where(
            Score.organization_id == organization_id,
            Score.wave_id.in_(waves),
        )
        .order_by(Score.number)
    ):
        if stored is not None:
            figures.setdefault(wave_id, {})[str(team_id)] = Figures.load(stored)
    return figures
