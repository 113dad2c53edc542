"""The trend: a team's own scores wave by wave, without any new figures."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service.charter.document import team_reference
from rapport_service.disclosure.rounding import CONSTRUCTS
from rapport_service.encoding.timestamps import format_utc
from rapport_service.narrative.comparison import explain_trend
from rapport_service.registry.models import Score, Wave
from rapport_service.reports.documents import IS_NEWEST_RELEASE, own_figures
from rapport_service.reports.service import Reader, get_readable_team

MAX_TREND_WAVES = 60
"""More than two years of a pulse every two weeks; older waves still have scores."""


def load_trend(session: Session, reader: Reader, team_id: UUID) -> dict[str, Any]:
    """The newest waves that released something of a team, oldest first.

    One statement and one row a wave, however many people answered.

    Raises:
        TeamNotReadableError: not a team of this reader.
    """
    team = get_readable_team(session, reader, team_id)
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
            IS_NEWEST_RELEASE,
        )
        .order_by(Wave.seals_at.desc(), Wave.wave_id)
        .limit(MAX_TREND_WAVES)
    ).all()
    points = [
        {
            "wave_id": f"{reader.organization_id}.{wave_id}",
            "opens_at": format_utc(opens_at),
            "closes_at": format_utc(closes_at),
            **own_figures(document),
        }
        for wave_id, opens_at, closes_at, document in reversed(rows)
    ]
    newest = points[-1]["constructs"] if points else None
    heading = {name: newest and newest[name]["trend"] for name in CONSTRUCTS}
    return {
        "team": team_reference(team),
        "waves": points,
        "heading": heading,
        "explanation": explain_trend([point["status"] for point in points], heading),
    }
