"""``/v1/teams/{id}/sustainment``: a team around a marker."""

from uuid import UUID

from flask import Blueprint

from rapport_schemas.problems import Problem
from rapport_schemas.sustainment import SUSTAINMENT, SustainmentQuerySchema
from rapport_service.api.auth import require_scope
from rapport_service.api.operation import RequestData, query, response
from rapport_service.api.problems import ProblemError
from rapport_service.api.resources.teams import REPORT_SCOPES, reader_of
from rapport_service.core.db import Door, read_transaction
from rapport_service.pollbook.tokens import Bearer
from rapport_service.registry.markers import UnknownMarkerError
from rapport_service.reports.sustainment import (
    PendingFinding,
    load_sustainment,
    pending_finding_document,
)
from rapport_service.tables import sustainment_columns

blueprint = Blueprint("sustainment", __name__)

NO_MARKER_DETAIL = "There is no marker for this team yet. Ask your administrator."


@blueprint.get("/v1/teams/<uuid:team_id>/sustainment")
@require_scope(*REPORT_SCOPES)
@query(SustainmentQuerySchema)
@response(
    SUSTAINMENT,
    Problem.TEAM_NOT_FOUND,
    Problem.MARKER_NOT_FOUND,
    table=sustainment_columns.SUSTAINMENT,
    depends_on_reader=True,
)
def get_team_sustainment(
    arguments: RequestData, bearer: Bearer, team_id: UUID
) -> object:
    """Trust and communication of a team before, during and after an event."""
    marker_id = UUID(arguments["marker_id"]) if "marker_id" in arguments else None
    try:
        with read_transaction(Door.REPORTS) as session:
            finding = load_sustainment(session, reader_of(bearer), team_id, marker_id)
    except UnknownMarkerError as error:
        if marker_id is not None:
            raise
        raise ProblemError(Problem.MARKER_NOT_FOUND, detail=NO_MARKER_DETAIL) from error
    if isinstance(finding, PendingFinding):
        return pending_finding_document(finding)
    return finding
