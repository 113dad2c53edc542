"""What earlier releases kept for this one. Only the sealing door reads it."""

import json
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service.instrument.bank import Instrument
from rapport_service.measure.series import Window
from rapport_service.record.models import Release, Score, Wave, WaveState
from rapport_service.scoring.figures import Figures
from rapport_service.scoring.over_time import Wave as Past

NEWEST = 26
"""How many earlier waves a trend looks back on: a year of fortnights."""


def past_waves(session: Session, wave: Wave, instrument: Instrument) -> list[Past]:
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
        .limit(NEWEST)
    )
    alike = [
        earlier
        for earlier, kept in rows
        if json.loads(kept).get("instrument") == instrument.digest
    ]
    figures = _figures(session, wave.organization_id, [one.wave_id for one in alike])
    return [
        Past(Window(one.opens_at, one.closes_at), figures.get(one.wave_id, {}))
        for one in reversed(alike)
    ]


def _figures(
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
