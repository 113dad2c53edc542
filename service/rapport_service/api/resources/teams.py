"""``/v1/teams``: the reports of teams."""

from uuid import UUID

from flask import Blueprint

from rapport_schemas.enums import Role, Scope
from rapport_schemas.heatmap import HEATMAP
from rapport_schemas.paging import PageQuerySchema
from rapport_schemas.problems import Problem
from rapport_schemas.reports import (
    SCORE,
    ScoreQuerySchema,
    TeamsQuerySchema,
    TeamsReplySchema,
    TeamSummarySchema,
)
from rapport_schemas.trend import TrendReplySchema
from rapport_service.agency.models import Team
from rapport_service.api.auth import require_scope
from rapport_service.api.operation import RequestData, query, response
from rapport_service.api.pages import read_page_request, write_cursor
from rapport_service.core.db import Door, read_transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.core.paging import slice_page
from rapport_service.pollbook.tokens import Bearer
from rapport_service.reports.heatmap import load_heatmap
from rapport_service.reports.rights import Reader, ReadingRights
from rapport_service.reports.service import (
    PendingScore,
    load_score,
    pending_score_document,
)
from rapport_service.reports.trend import load_trend
from rapport_service.tables import score_columns

blueprint = Blueprint("teams", __name__)

REPORT_SCOPES = (Scope.MEMBER, Scope.SUPERVISOR, Scope.ADMIN, Scope.REPORTS)


@blueprint.get("/v1/teams")
@require_scope(*REPORT_SCOPES)
@query(TeamsQuerySchema)
@response(TeamsReplySchema, table=score_columns.TEAMS, depends_on_reader=True)
def list_teams(arguments: RequestData, bearer: Bearer) -> object:
    """Lists the teams that you can see, or the one with an external ID.

    With `gone`, lists those whose earlier waves you can see although the teams are gone
    from the roster, or you have left them.
    """
    external_id = arguments.get("external_id")
    wanted = read_page_request(arguments, bearer.organization_id)
    with read_transaction(Door.REPORTS) as session:
        rights = ReadingRights(session, reader_of(bearer))
        listed = rights.list_past() if arguments["gone"] else rights.list_present()
    teams = [team for team in listed if external_id in {None, team.external_id}]
    page = slice_page(teams, wanted, lambda team: (team.external_id,))
    return {
        "teams": [_team_document(team) for team in page.rows],
        "next": write_cursor(page.last_key, bearer.organization_id),
    }


@blueprint.get("/v1/teams/<uuid:team_id>")
@require_scope(*REPORT_SCOPES)
@response(TeamSummarySchema, Problem.TEAM_NOT_FOUND, depends_on_reader=True)
def get_team(bearer: Bearer, team_id: UUID) -> object:
    """Reads a team that you can see, or of which you can see earlier waves."""
    with read_transaction(Door.REPORTS) as session:
        team = ReadingRights(session, reader_of(bearer)).get_team(team_id)
    return _team_document(team)


@blueprint.get("/v1/teams/<uuid:team_id>/score")
@require_scope(*REPORT_SCOPES)
@query(ScoreQuerySchema)
@response(
    SCORE,
    Problem.TEAM_NOT_FOUND,
    Problem.NOTHING_MEASURED,
    table=score_columns.SCORES,
    depends_on_reader=True,
)
def get_team_score(arguments: RequestData, bearer: Bearer, team_id: UUID) -> object:
    """A team's score in one wave: released, rolled up, withheld or pending."""
    now, wave_id = dependencies().clock(), arguments.get("wave_id")
    with read_transaction(Door.REPORTS) as session:
        score = load_score(session, reader_of(bearer), team_id, wave_id, now)
    return pending_score_document(score) if isinstance(score, PendingScore) else score


@blueprint.get("/v1/teams/<uuid:team_id>/trend")
@require_scope(*REPORT_SCOPES)
@query(PageQuerySchema)
@response(
    TrendReplySchema,
    Problem.TEAM_NOT_FOUND,
    table=score_columns.TREND,
    depends_on_reader=True,
)
def get_team_trend(arguments: RequestData, bearer: Bearer, team_id: UUID) -> object:
    """A team's own scores by wave, newest first."""
    wanted = read_page_request(arguments, bearer.organization_id)
    with read_transaction(Door.REPORTS) as session:
        trend, last_key = load_trend(session, reader_of(bearer), team_id, wanted)
    return trend | {"next": write_cursor(last_key, bearer.organization_id)}


@blueprint.get("/v1/teams/<uuid:team_id>/heatmap")
@require_scope(*REPORT_SCOPES)
@query(ScoreQuerySchema)
@response(
    HEATMAP,
    Problem.TEAM_NOT_FOUND,
    Problem.NOTHING_MEASURED,
    table=score_columns.HEATMAP,
    depends_on_reader=True,
)
def get_team_heatmap(arguments: RequestData, bearer: Bearer, team_id: UUID) -> object:
    """Scores of a team and of the teams just below it, in one wave."""
    now, wave_id = dependencies().clock(), arguments.get("wave_id")
    with read_transaction(Door.REPORTS) as session:
        heatmap = load_heatmap(session, reader_of(bearer), team_id, wave_id, now)
    return (
        pending_score_document(heatmap)
        if isinstance(heatmap, PendingScore)
        else heatmap
    )


def reader_of(bearer: Bearer) -> Reader:
    """The reader that the bearer is, with the roles of its scopes."""
    scopes = {scope.value for scope in bearer.scopes}
    roles = frozenset(role for role in Role if role.value in scopes)
    return Reader(bearer.organization_id, bearer.subject, roles)


def _team_document(team: Team) -> dict[str, object]:
    return {
        "id": str(team.team_id),
        "external_id": team.external_id,
        "name": team.name,
        "parent_id": team.parent_id and str(team.parent_id),
        "gone": not team.listed,
    }
