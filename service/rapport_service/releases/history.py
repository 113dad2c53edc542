"""What earlier releases kept for this one. Only the sealing door reads it."""

import json
from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service.ballotbox.models import Answer
from rapport_service.instrument.answers import Answers
from rapport_service.instrument.bank import Instrument
from rapport_service.registry.models import Release, Score, Wave, WaveState
from rapport_service.registry.queries import parse_wave_id
from rapport_service.releases.scoring.aggregation import BATCH_SIZE, aggregate_answers
from rapport_service.releases.scoring.figures import Figures
from rapport_service.releases.scoring.reliability import AggregatedWave
from rapport_service.releases.scoring.trends import ScoredWave as Past
from rapport_service.stats.trend import Window

MAX_EARLIER_WAVES = 26
"""How many earlier waves a trend looks back on: a year of fortnights."""


def comparable_waves(
    session: Session, wave: Wave, instrument: Instrument
) -> list[Past]:
    """The newest sealed waves that opened before this one, the oldest first.

    Waves that asked other questions are left out; a cancelled wave left no release.
    """
    rows = session.execute(
        select(Wave, Release.figures)
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
    alike = [
        earlier
        for earlier, kept in rows
        if json.loads(kept).get("instrument") == instrument.digest
    ]
    figures = released_figures(
        session, wave.organization_id, [one.wave_id for one in alike]
    )
    return [
        Past(
            one.public_id,
            Window(one.opens_at, one.closes_at),
            figures.get(one.wave_id, {}),
        )
        for one in reversed(alike)
    ]


def poolable_waves(
    session: Session,
    wave: Wave,
    instrument: Instrument,
    root: str,
    earlier_waves: Sequence[Past],
) -> Iterator[AggregatedWave]:
    """Earlier waves that have not retired, each read when it is asked for.

    Args:
        wave: the one that is being sealed.
        root: the node that stands for the whole organization; it was released in them.
        past: of `past_waves`; the newest comes first here.
    """
    for one in reversed(earlier_waves):
        row = session.get_one(Wave, parse_wave_id(one.id))
        if root in one.figures and row.retires_at > wave.seals_at:
            yield one, aggregate_answers(instrument, load_sealed_answers(session, row))


def load_sealed_answers(session: Session, wave: Wave) -> Iterator[tuple[UUID, Answers]]:
    """A wave's answers at rest, each with the node whose key it came under.

    Read in small numbers, so a wave may be of any size.
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
    """What is kept of each wave's released groups, by the newest of its releases."""
    found: dict[UUID, dict[str, Figures]] = {}
    for wave_id, team_id, kept in session.execute(
        select(Score.wave_id, Score.team_id, Score.figures)
        .where(
            Score.organization_id == organization_id,
            Score.wave_id.in_(waves),
        )
        .order_by(Score.number)
    ):
        if kept is not None:
            found.setdefault(wave_id, {})[str(team_id)] = Figures.load(kept)
    return found
