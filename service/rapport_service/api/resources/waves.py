"""``/v1/waves``: single waves, for administrators."""

from datetime import datetime

from flask import Blueprint

from rapport_schemas.enums import Scope
from rapport_schemas.paging import PageQuerySchema
from rapport_schemas.planning import (
    CancelRequestSchema,
    CreatedWaveSchema,
    PlannedWaveSchema,
    WaveRequestSchema,
    WavesReplySchema,
)
from rapport_schemas.problems import Problem
from rapport_service.agency.team_sizes import load_team_sizes, team_sizes_document
from rapport_service.api.auth import (
    get_actor,
    require_scope,
)
from rapport_service.api.operation import RequestData, body, query, response
from rapport_service.api.pages import read_page_request, write_cursor
from rapport_service.charter.document import WaveDates
from rapport_service.charter.schedule import KEEP_SECONDS, retirement_date
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook.tokens import Bearer
from rapport_service.registry.queries import get_own_wave
from rapport_service.waves import planning, transitions
from rapport_service.waves.documents import wave_document

blueprint = Blueprint("waves", __name__)

MAX_WAVE_BYTES = 4 * 1024


@blueprint.get("/v1/waves")
@require_scope(Scope.ADMIN)
@query(PageQuerySchema)
@response(WavesReplySchema)
def list_waves(arguments: RequestData, bearer: Bearer) -> object:
    """Lists all waves with their dates and states."""
    organization_id = bearer.organization_id
    wanted = read_page_request(arguments, organization_id)
    with read_transaction(Door.POLL_BOOK) as session:
        page = planning.list_waves(session, organization_id, wanted)
    return {
        "waves": [wave_document(wave) for wave in page.rows],
        "next": write_cursor(page.last_key, organization_id),
    }


@blueprint.post("/v1/waves")
@require_scope(Scope.ADMIN)
@body(WaveRequestSchema, MAX_WAVE_BYTES)
@response(
    CreatedWaveSchema,
    Problem.ID_USED,
    Problem.WINDOW_TAKEN,
    status=201,
    location="/v1/waves/{id}",
)
def plan_wave(document: RequestData, bearer: Bearer) -> object:
    """Plans a single wave with exact times. It may last seconds. Audited.

    The same ``id`` and content again answer with that wave, as it is now. The reply
    names the teams that are too small for a score of their own.
    """
    now = dependencies().clock()
    with transaction(Door.POLL_BOOK) as session:
        wave = planning.plan_wave(
            session,
            bearer.organization_id,
            _parse_dates(document),
            now,
            get_actor(session, bearer),
            document["id"],
        )
        sizes = load_team_sizes(session, bearer.organization_id)
    return {**wave_document(wave), **team_sizes_document(sizes)}


@blueprint.get("/v1/waves/<wave_id>")
@require_scope(Scope.ADMIN)
@response(PlannedWaveSchema, Problem.NOT_FOUND)
def get_wave(bearer: Bearer, wave_id: str) -> object:
    """Reads a wave with its dates and its state."""
    with read_transaction(Door.POLL_BOOK) as session:
        wave = get_own_wave(session, bearer.organization_id, wave_id)
    return wave_document(wave)


@blueprint.post("/v1/waves/<wave_id>/cancel")
@require_scope(Scope.ADMIN)
@body(CancelRequestSchema, MAX_WAVE_BYTES)
@response(PlannedWaveSchema, Problem.NOT_FOUND, Problem.WAVE_ENDED)
def cancel_wave(document: RequestData, bearer: Bearer, wave_id: str) -> object:
    """Cancels a wave before its seal and destroys its answers. Audited."""
    with read_transaction(Door.POLL_BOOK) as session:  # the seal's door sees no person
        actor = get_actor(session, bearer)
    with transaction(Door.SEAL) as session:
        cancelled = transitions.cancel_wave(
            session,
            get_own_wave(session, bearer.organization_id, wave_id),
            document["reason"],
            actor,
            dependencies().clock(),
        )
    return wave_document(cancelled)


def _parse_dates(document: RequestData) -> WaveDates:
    announces, opens, closes, seals = (
        datetime.fromisoformat(document[name])
        for name in ("announces_at", "opens_at", "closes_at", "seals_at")
    )
    retires = document.get("retires_at")
    return WaveDates(
        announces,
        opens,
        closes,
        seals,
        retirement_date(closes) if retires is None else datetime.fromisoformat(retires),
        KEEP_SECONDS,
    )
