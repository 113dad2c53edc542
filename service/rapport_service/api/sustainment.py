"""``/v1/teams/{id}/sustainment``: accelerated, sustained, faded?"""

from uuid import UUID

from flask import Blueprint

from rapport_schemas.problems import Problem
from rapport_schemas.sustainment import SUSTAINMENT, SustainmentQuery
from rapport_service.api import sustainment_table
from rapport_service.api.auth import demands
from rapport_service.api.contract import Loaded, gives, queries
from rapport_service.api.problems import ProblemError
from rapport_service.api.teams import READERS, reader
from rapport_service.db import Door, reading
from rapport_service.explanation.what_became import PENDING
from rapport_service.pollbook.tokens import Bearer
from rapport_service.record.markers import UnknownMarkerError
from rapport_service.reports.sustainment import NotYet, sustainment

blueprint = Blueprint("sustainment", __name__)

NONE_DECLARED = "No marker that concerns this team has been declared yet."


@blueprint.get("/v1/teams/<uuid:team_id>/sustainment")
@demands(*READERS)
@queries(SustainmentQuery)
@gives(
    SUSTAINMENT,
    Problem.TEAM_NOT_FOUND,
    Problem.MARKER_NOT_FOUND,
    table=sustainment_table.SUSTAINMENT,
)
def get_sustainment(asked: Loaded, bearer: Bearer, team_id: UUID) -> object:
    """What became of a team's trust and communication around a marker."""
    marker = UUID(asked["marker"]) if "marker" in asked else None
    try:
        with reading(Door.REPORTS) as session:
            found = sustainment(session, reader(bearer), team_id, marker)
    except UnknownMarkerError as error:
        if marker is not None:
            raise
        raise ProblemError(Problem.MARKER_NOT_FOUND, detail=NONE_DECLARED) from error
    if isinstance(found, NotYet):
        return {
            "status": "pending",
            "team": {"id": str(found.team.team_id), "name": found.team.name},
            "marker": str(found.marker_id),
            "explanation": [PENDING()],
        }
    return found.document
