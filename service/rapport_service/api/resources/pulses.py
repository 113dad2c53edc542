"""``/v1/pulses``: recurring pulses, for administrators."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint

from rapport_schemas.enums import Scope
from rapport_schemas.paging import PageQuerySchema
from rapport_schemas.planning import (
    CreatedPulseSchema,
    PulseRequestSchema,
    PulseSchema,
    PulsesReplySchema,
)
from rapport_schemas.problems import Problem
from rapport_service.agency.service import get_organization
from rapport_service.agency.team_sizes import load_team_sizes, team_sizes_document
from rapport_service.api.auth import get_actor, require_scope
from rapport_service.api.operation import RequestData, body, query, response
from rapport_service.api.pages import read_page_request, write_cursor
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook.tokens import Bearer
from rapport_service.waves import planning
from rapport_service.waves.documents import pulse_document, unusual_times_document

blueprint = Blueprint("pulses", __name__)

MAX_PULSE_BYTES = 4 * 1024


@blueprint.get("/v1/pulses")
@require_scope(Scope.ADMIN)
@query(PageQuerySchema)
@response(PulsesReplySchema)
def list_pulses(arguments: RequestData, bearer: Bearer) -> object:
    """Lists all pulses, stopped ones too."""
    organization_id = bearer.organization_id
    wanted = read_page_request(arguments, organization_id)
    with read_transaction(Door.POLL_BOOK) as session:
        page = planning.list_pulses(session, organization_id, wanted)
        zone = get_organization(session, organization_id).time_zone
    return {
        "pulses": [pulse_document(pulse, zone) for pulse in page.rows],
        "next": write_cursor(page.last_key, organization_id),
    }


@blueprint.post("/v1/pulses")
@require_scope(Scope.ADMIN)
@body(PulseRequestSchema, MAX_PULSE_BYTES)
@response(
    CreatedPulseSchema,
    Problem.ID_USED,
    Problem.WINDOW_TAKEN,
    status=201,
    location="/v1/pulses/{id}",
)
def create_pulse(document: RequestData, bearer: Bearer) -> object:
    """Creates a pulse. It plans each wave a week before its announcement. Audited.

    The same ``id`` and content again answer with that pulse, as it is now. The reply
    names the teams that are too small for a score of their own. It also lists the
    openings and closes of the next two years whose local time the clock skips or
    repeats, with the instant that is meant.
    """
    pulse_id = document.pop("id")
    first_opens = datetime.fromisoformat(document.pop("first_opens"))
    now = dependencies().clock()
    with transaction(Door.POLL_BOOK) as session:
        pulse = planning.create_pulse(
            session,
            bearer.organization_id,
            first_opens,
            now,
            get_actor(session, bearer),
            pulse_id=pulse_id,
            **document,
        )
        sizes = load_team_sizes(session, bearer.organization_id)
        calendar = planning.get_calendar(session, pulse)
    return {
        **pulse_document(pulse, calendar.zone.key),
        **unusual_times_document(calendar.unusual_times(now)),
        **team_sizes_document(sizes),
    }


@blueprint.get("/v1/pulses/<uuid:pulse_id>")
@require_scope(Scope.ADMIN)
@response(PulseSchema, Problem.PULSE_NOT_FOUND)
def get_pulse(bearer: Bearer, pulse_id: UUID) -> object:
    """Reads a pulse, also one that is stopped."""
    with read_transaction(Door.POLL_BOOK) as session:
        pulse = planning.get_pulse(session, bearer.organization_id, pulse_id)
        zone = get_organization(session, bearer.organization_id).time_zone
    return pulse_document(pulse, zone)


@blueprint.post("/v1/pulses/<uuid:pulse_id>/stop")
@require_scope(Scope.ADMIN)
@response(PulseSchema, Problem.PULSE_NOT_FOUND)
def stop_pulse(bearer: Bearer, pulse_id: UUID) -> object:
    """Stops a pulse. It plans no more waves; waves already planned stay. Audited."""
    with transaction(Door.POLL_BOOK) as session:
        pulse = planning.stop_pulse(
            session,
            bearer.organization_id,
            pulse_id,
            dependencies().clock(),
            get_actor(session, bearer),
        )
        zone = get_organization(session, bearer.organization_id).time_zone
    return pulse_document(pulse, zone)
