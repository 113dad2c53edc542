"""``/v1/organization``: the whole agency, its settings and reports."""

from flask import Blueprint
from sqlalchemy.orm import Session

from rapport_schemas.enums import Scope
from rapport_schemas.organization import (
    OrganizationChangeSchema,
    OrganizationSchema,
)
from rapport_schemas.problems import Problem
from rapport_schemas.reliability import ReliabilityReplySchema
from rapport_service.agency import service as agency
from rapport_service.agency.team_sizes import load_team_sizes, team_sizes_document
from rapport_service.api.auth import (
    get_actor,
    require_scope,
    require_unrestricted_client,
)
from rapport_service.api.operation import RequestData, body, response
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook.tokens import Bearer
from rapport_service.reports.reliability import load_reliability
from rapport_service.tables import score_columns
from rapport_service.waves.settings import update_settings

blueprint = Blueprint("organization", __name__)

MAX_CHANGE_BYTES = 4 * 1024


@blueprint.get("/v1/organization")
@require_scope(*Scope)
@response(OrganizationSchema)
def get_organization(bearer: Bearer) -> object:
    """Reads the name and the settings of your agency.

    Also the teams that are too small for a score of their own, by the roster as it is.
    """
    with read_transaction(Door.REPORTS) as session:
        return _organization_document(session, bearer.organization_id)


@blueprint.patch("/v1/organization")
@require_scope(Scope.ADMIN)
@body(OrganizationChangeSchema, MAX_CHANGE_BYTES)
@response(OrganizationSchema, Problem.WINDOW_TAKEN)
def update_organization(document: RequestData, bearer: Bearer) -> object:
    """Changes settings of your agency. They count from the next charter on. Audited.

    Waves that were announced keep what their charters say. If nothing changes, nothing
    is written. In another time zone, pulses keep their days and hours of the clock:
    their waves that are not announced yet move, and those planned one by one stay.
    """
    with transaction(Door.POLL_BOOK) as session:
        update_settings(
            session,
            bearer.organization_id,
            get_actor(session, bearer),
            dependencies().clock(),
            **document,
        )
        return _organization_document(session, bearer.organization_id)


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


def _organization_document(session: Session, organization_id: str) -> object:
    return {
        **agency.organization_document(
            agency.get_organization(session, organization_id)
        ),
        **team_sizes_document(load_team_sizes(session, organization_id)),
    }
