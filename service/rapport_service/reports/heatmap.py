"""The heat map: a team and the teams below it in one wave, in order of their ids."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import WaveState
from rapport_service.charter.document import read_charter, team_reference
from rapport_service.charter.voting_groups import TeamNode
from rapport_service.encoding.timestamps import format_utc
from rapport_service.narrative.comparison import explain_heatmap
from rapport_service.registry.models import Charter, Score, Wave
from rapport_service.reports.documents import IS_NEWEST_RELEASE, presented_figures
from rapport_service.reports.rights import Reader, ReadingRights
from rapport_service.reports.service import (
    NothingMeasuredError,
    PendingScore,
    describe_pending,
    present_score,
    resolve_wave,
)


def load_heatmap(
    session: Session, reader: Reader, team_id: UUID, wave_id: str | None, now: datetime
) -> dict[str, Any] | PendingScore:
    """The releases of a wave for a team and its children in that wave's charter.

    Children that the reader may not see are left out. The team comes first, its
    children by external id.

    Args:
        wave_id: a wave's public id; by default the one that a score would be of.

    Raises:
        TeamNotReadableError: not a team of this reader.
        NothingMeasuredError: there is no such wave with the team.
    """
    rights = ReadingRights(session, reader)
    rights.get_team(team_id)
    measured = resolve_wave(session, rights, team_id, wave_id)
    if measured.state != WaveState.SEALED:
        return describe_pending(session, measured, team_id, now)
    readable = rights.today | rights.of_wave(measured.wave_id)
    nodes = [
        node
        for node in _load_compared_nodes(session, measured, team_id)
        if node.team_id in readable
    ]
    documents = _load_documents(session, measured, [node.team_id for node in nodes])
    rows = [
        {
            "team": team_reference(node),
            **presented_figures(
                present_score(
                    rights, documents[node.team_id], node.team_id, measured.wave_id
                )
            ),
        }
        for node in nodes
    ]
    return {
        "status": "sealed",
        "team": team_reference(nodes[0]),
        "wave_id": measured.public_id,
        "opens_at": format_utc(measured.opens_at),
        "closes_at": format_utc(measured.closes_at),
        "rows": rows,
        "explanation": explain_heatmap(
            [(row["team"]["name"], _shown_status(row)) for row in rows]
        ),
    }


def _shown_status(row: Mapping[str, Any]) -> str:
    """The status of a row for its explanation."""
    is_hidden = row["status"] == "rolled_up" and row["source_team"] is None
    return "group_hidden" if is_hidden else str(row["status"])


def _load_compared_nodes(session: Session, wave: Wave, team_id: UUID) -> list[TeamNode]:
    charter = session.get_one(Charter, (wave.organization_id, wave.wave_id))
    nodes = read_charter(charter.document).nodes
    team = [node for node in nodes if node.team_id == team_id]
    if not team:
        raise NothingMeasuredError
    children = [node for node in nodes if node.parent_id == team_id]
    return team + sorted(children, key=lambda node: node.external_id)


def _load_documents(
    session: Session, wave: Wave, teams: list[UUID]
) -> dict[UUID, bytes]:
    rows = session.execute(
        select(Score.team_id, Score.document).where(
            Score.organization_id == wave.organization_id,
            Score.wave_id == wave.wave_id,
            Score.team_id.in_(teams),
            IS_NEWEST_RELEASE,
        )
    )
    return dict(rows.all())
