"""``/v1/markers``: dates in the agency's history."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from flask import Blueprint

from rapport_schemas.enums import MarkerKind, Scope
from rapport_schemas.markers import (
    MarkerRequestSchema,
    MarkerSchema,
    MarkersReplySchema,
)
from rapport_schemas.paging import PageQuerySchema
from rapport_schemas.problems import Problem
from rapport_service.agency.audit import Actor
from rapport_service.api.auth import (
    get_actor,
    require_scope,
)
from rapport_service.api.operation import RequestData, body, query, response
from rapport_service.api.pages import read_page_request, write_cursor
from rapport_service.api.resources.teams import REPORT_SCOPES, reader_of
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.core.paging import slice_page
from rapport_service.pollbook.tokens import Bearer
from rapport_service.registry import markers
from rapport_service.registry.markers import marker_document
from rapport_service.registry.models import Marker
from rapport_service.reports.markers import (
    get_readable_marker,
    list_readable_markers,
)

blueprint = Blueprint("markers", __name__)

MAX_MARKER_BYTES = 4 * 1024


@blueprint.get("/v1/markers")
@require_scope(*REPORT_SCOPES)
@query(PageQuerySchema)
@response(MarkersReplySchema, depends_on_reader=True)
def list_markers(arguments: RequestData, bearer: Bearer) -> object:
    """Lists the markers of the teams that you can see, retracted ones too.

    Administrators and auditors also see who declared each marker.
    """
    wanted = read_page_request(arguments, bearer.organization_id)
    with read_transaction(Door.REPORTS) as session:
        readable = list_readable_markers(session, reader_of(bearer))
    page = slice_page(readable, wanted, markers.chronological_key)
    declarers = _load_declarers(bearer, page.rows)
    return {
        "markers": [marker_document(marker, declarers) for marker in page.rows],
        "next": write_cursor(page.last_key, bearer.organization_id),
    }


@blueprint.post("/v1/markers")
@require_scope(Scope.ADMIN)
@body(MarkerRequestSchema, MAX_MARKER_BYTES)
@response(MarkerSchema, Problem.ID_USED, status=201, location="/v1/markers/{id}")
def declare_marker(document: RequestData, bearer: Bearer) -> object:
    """Declares a marker. Audited.

    The same ``id`` and content again answer with that marker, as it is now.
    """
    with transaction(Door.POLL_BOOK) as session:
        marker = markers.declare_marker(
            session,
            bearer.organization_id,
            MarkerKind(document["kind"]),
            None if document["team_id"] is None else UUID(document["team_id"]),
            date.fromisoformat(document["effective_on"]),
            document["label"],
            dependencies().clock(),
            get_actor(session, bearer),
            document["id"],
            confirmed=document["confirmed"],
        )
        declarers = markers.load_declarers(session, [marker])
    return marker_document(marker, declarers)


@blueprint.get("/v1/markers/<uuid:marker_id>")
@require_scope(*REPORT_SCOPES)
@response(MarkerSchema, Problem.MARKER_NOT_FOUND, depends_on_reader=True)
def get_marker(bearer: Bearer, marker_id: UUID) -> object:
    """Reads a marker of the teams that you can see, also a retracted one."""
    with read_transaction(Door.REPORTS) as session:
        marker = get_readable_marker(session, reader_of(bearer), marker_id)
    return marker_document(marker, _load_declarers(bearer, [marker]))


@blueprint.post("/v1/markers/<uuid:marker_id>/retract")
@require_scope(Scope.ADMIN)
@response(MarkerSchema, Problem.MARKER_NOT_FOUND)
def retract_marker(bearer: Bearer, marker_id: UUID) -> object:
    """Retracts a marker. The list still shows it, as retracted. Audited."""
    with transaction(Door.POLL_BOOK) as session:
        marker = markers.retract_marker(
            session,
            bearer.organization_id,
            marker_id,
            dependencies().clock(),
            get_actor(session, bearer),
        )
        declarers = markers.load_declarers(session, [marker])
    return marker_document(marker, declarers)


def _load_declarers(bearer: Bearer, declared: Sequence[Marker]) -> dict[UUID, Actor]:
    """The declarers of markers; none if the bearer may not read the audit."""
    if not bearer.scopes & {Scope.ADMIN, Scope.AUDIT}:
        return {}
    with read_transaction(Door.POLL_BOOK) as session:  # reports never see the audit
        return markers.load_declarers(session, declared)
