"""A team's own scores through the waves: a list of releases, and no new arithmetic."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service.charter.document import instant
from rapport_service.disclosure.presentation import CONSTRUCTS
from rapport_service.explanation.side_by_side import trend_explained
from rapport_service.record.models import Score, Wave
from rapport_service.reports.service import Reader, readable_team
from rapport_service.reports.stored import NEWEST, own

MOST_WAVES = 60
"""More than two years of a pulse every two weeks; older waves are still scores."""


def trend(session: Session, reader: Reader, team_id: UUID) -> dict[str, Any]:
    """The newest waves that released something of a team, oldest first.

    One statement and one row a wave, however many people answered.

    Raises:
        TeamNotReadableError: not a team of this reader.
    """
    team = readable_team(session, reader, team_id)
    rows = session.execute(
        select(Wave.wave_id, Wave.opens_at, Wave.closes_at, Score.document)
        .join(
            Score,
            (Score.organization_id == Wave.organization_id)
            & (Score.wave_id == Wave.wave_id),
        )
        .where(
            Wave.organization_id == reader.organization_id,
            Score.team_id == team_id,
            NEWEST,
        )
        .order_by(Wave.seals_at.desc(), Wave.wave_id)
        .limit(MOST_WAVES)
    ).all()
    points = [
        {
            "wave": f"{reader.organization_id}.{wave_id}",
            "opens_at": instant(opens_at),
            "closes_at": instant(closes_at),
            **own(document),
        }
        for wave_id, opens_at, closes_at, document in reversed(rows)
    ]
    newest = points[-1]["constructs"] if points else None
    heading = {name: newest and newest[name]["trend"] for name in CONSTRUCTS}
    return {
        "team": {"id": str(team_id), "name": team.name},
        "waves": points,
        "heading": heading,
        "explanation": trend_explained([point["status"] for point in points], heading),
    }
