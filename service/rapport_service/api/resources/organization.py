"""``/v1/organization``: the whole agency, its settings and reports."""

from flask import Blueprint

from rapport_schemas.enums import Scope
from rapport_schemas.organization import OrganizationSchema
from rapport_schemas.problems import Problem
from rapport_schemas.reliability import ReliabilityReplySchema
from rapport_service.agency import service as agency
from rapport_service.api.auth import (
    require_scope,
    require_unrestricted_client,
)
from rapport_service.api.operation import response
from rapport_service.core.db import Door, read_transaction
from rapport_service.pollbook.tokens import Bearer
from rapport_service.reports.reliability import load_reliability
from rapport_service.tables import score_columns

blueprint = Blueprint("organization", __name__)


@blueprint.get("/v1/organization")
@require_scope(*Scope)
@response(OrganizationSchema)
def get_organization(bearer: Bearer) -> object:
    """Reads the name and the settings of your agency."""
    with read_transaction(Door.REPORTS) as session:
        organization = agency.get_organization(session, bearer.organization_id)
    return agency.organization_document(organization)


@blueprint.get("/v1/organization/reliability")
@require_scope(Scope.ADMIN, Scope.REPORTS)
@response(
    ReliabilityReplySchema, Problem.NOTHING_MEASURED, table=score_columns.RELIABILITY
)
def get_reliability(bearer: Bearer) -> object:
    """Report on how reliable the questions are, as of the newest release.

    Administrators can read it, and programs that are not limited to teams.
    """
    with read_transaction(Door.REPORTS) as session:
        require_unrestricted_client(session, bearer)
        return load_reliability(session, bearer.organization_id)
