"""``/v1/teams``: what supervisors, members, administrators and programs read."""

from uuid import UUID

from flask import Blueprint

from rapport_schemas.heatmap import HEATMAP
from rapport_schemas.problems import Problem
from rapport_schemas.reports import SCORE, ScoreQuery, TeamsReply
from rapport_schemas.trend import TrendReply
from rapport_service.api import tables
from rapport_service.api.auth import demands
from rapport_service.api.contract import Loaded, gives, queries
from rapport_service.db import Door, reading
from rapport_service.pollbook.tokens import Bearer, Scope
from rapport_service.reports.heatmap import heatmap
from rapport_service.reports.service import (
    Pending,
    Reader,
    Role,
    readable_teams,
    score,
)
from rapport_service.reports.trend import trend

blueprint = Blueprint("teams", __name__)

READERS = (Scope.MEMBER, Scope.SUPERVISOR, Scope.ADMIN, Scope.REPORTS)


@blueprint.get("/v1/teams")
@demands(*READERS)
@gives(TeamsReply, table=tables.TEAMS)
def get_teams(bearer: Bearer) -> object:
    """The teams that the reader may see."""
    with reading(Door.REPORTS) as session:
        teams = readable_teams(session, reader(bearer))
    return {
        "teams": [
            {
                "id": str(team.team_id),
                "external_id": team.external_id,
                "name": team.name,
                "parent": team.parent_id and str(team.parent_id),
            }
            for team in teams
        ]
    }


@blueprint.get("/v1/teams/<uuid:team_id>/scores")
@demands(*READERS)
@queries(ScoreQuery)
@gives(SCORE, Problem.TEAM_NOT_FOUND, Problem.NOTHING_MEASURED, table=tables.SCORES)
def get_scores(asked: Loaded, bearer: Bearer, team_id: UUID) -> object:
    """A team's score: released, rolled up, withheld or pending."""
    with reading(Door.REPORTS) as session:
        found = score(session, reader(bearer), team_id, asked.get("wave"))
    return _told(found) if isinstance(found, Pending) else found.document


@blueprint.get("/v1/teams/<uuid:team_id>/trend")
@demands(*READERS)
@gives(TrendReply, Problem.TEAM_NOT_FOUND, table=tables.TREND)
def get_trend(bearer: Bearer, team_id: UUID) -> object:
    """A team's own scores through the waves, oldest first."""
    with reading(Door.REPORTS) as session:
        return trend(session, reader(bearer), team_id)


@blueprint.get("/v1/teams/<uuid:team_id>/heatmap")
@demands(*READERS)
@queries(ScoreQuery)
@gives(HEATMAP, Problem.TEAM_NOT_FOUND, Problem.NOTHING_MEASURED, table=tables.HEATMAP)
def get_heatmap(asked: Loaded, bearer: Bearer, team_id: UUID) -> object:
    """A team and its children side by side in one wave."""
    with reading(Door.REPORTS) as session:
        found = heatmap(session, reader(bearer), team_id, asked.get("wave"))
    return _told(found) if isinstance(found, Pending) else found


def reader(bearer: Bearer) -> Reader:
    """Who reads, and in what capacity."""
    scopes = {scope.value for scope in bearer.scopes}
    roles = frozenset(role for role in Role if role.value in scopes)
    return Reader(bearer.organization_id, bearer.subject, roles)


def _told(pending: Pending) -> dict[str, object]:
    return {
        "status": "pending",
        "team": {"id": str(pending.team_id), "name": pending.team_name},
        "wave": pending.wave,
        "seals_at": pending.seals_at,
    }
