"""``/v1/organization``: what is said of the whole agency."""

from flask import Blueprint

from rapport_schemas.problems import Problem
from rapport_schemas.reliability import ReliabilityReply
from rapport_service.api import tables
from rapport_service.api.auth import demand_whole, demands
from rapport_service.api.contract import gives
from rapport_service.db import Door, reading
from rapport_service.pollbook.tokens import Bearer, Scope
from rapport_service.reports.reliability import reliability

blueprint = Blueprint("organization", __name__)


@blueprint.get("/v1/organization/reliability")
@demands(Scope.ADMIN, Scope.REPORTS)
@gives(ReliabilityReply, Problem.NOTHING_MEASURED, table=tables.RELIABILITY)
def get_reliability(bearer: Bearer) -> object:
    """Whether the questions measure what they should, as of the newest release.

    For administrators, and for programs that are not limited to teams.
    """
    with reading(Door.REPORTS) as session:
        demand_whole(session, bearer)
        return reliability(session, bearer.organization_id)
