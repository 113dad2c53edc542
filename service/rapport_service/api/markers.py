"""``/v1/markers``: dates in the agency's history."""

from datetime import date
from uuid import UUID

from flask import Blueprint

from rapport_schemas.markers import MarkerDocument, MarkerRequest, MarkersReply
from rapport_schemas.problems import Problem
from rapport_service.agency.errors import Mistake, UnknownTeamError
from rapport_service.api.auth import actor, demands
from rapport_service.api.contract import Loaded, gives, takes
from rapport_service.api.problems import ProblemError
from rapport_service.api.teams import READERS, reader
from rapport_service.charter.document import instant
from rapport_service.db import Door, reading, transaction
from rapport_service.pollbook.tokens import Bearer, Scope
from rapport_service.record.markers import declare_marker, retract_marker
from rapport_service.record.models import Marker, MarkerKind
from rapport_service.reports.markers import readable_markers
from rapport_service.wiring import wiring

blueprint = Blueprint("markers", __name__)

MOST_BYTES = 4 * 1024


@blueprint.get("/v1/markers")
@demands(*READERS)
@gives(MarkersReply)
def get_markers(bearer: Bearer) -> object:
    """The markers that concern teams which the reader may see; retracted ones too."""
    with reading(Door.REPORTS) as session:
        found = readable_markers(session, reader(bearer))
    return {"markers": [told_marker(marker) for marker in found]}


@blueprint.post("/v1/markers")
@demands(Scope.ADMIN)
@takes(MarkerRequest, MOST_BYTES)
@gives(MarkerDocument, status=201)
def post_marker(sent: Loaded, bearer: Bearer) -> object:
    """Declares a marker. Audited."""
    declared_by = actor(bearer)
    try:
        with transaction(Door.POLL_BOOK) as session:
            marker = declare_marker(
                session,
                bearer.organization_id,
                MarkerKind(sent["kind"]),
                None if sent["team"] is None else UUID(sent["team"]),
                date.fromisoformat(sent["effective_on"]),
                sent["label"],
                wiring().clock(),
                declared_by,
                confirmed=sent["confirmed"],
            )
    except UnknownTeamError as error:
        mistake = Mistake("team", "names no team of the roster")
        raise ProblemError(Problem.INVALID, [mistake]) from error
    return told_marker(marker)


@blueprint.post("/v1/markers/<uuid:marker_id>/retract")
@demands(Scope.ADMIN)
@gives(None, Problem.MARKER_NOT_FOUND, status=204)
def post_marker_retraction(bearer: Bearer, marker_id: UUID) -> object:
    """Takes a marker back; that it was there stays on record. Audited."""
    retracted_by = actor(bearer)
    with transaction(Door.POLL_BOOK) as session:
        retract_marker(
            session,
            bearer.organization_id,
            marker_id,
            wiring().clock(),
            retracted_by,
        )
    return None


def told_marker(marker: Marker) -> dict[str, object]:
    """A marker as ``MarkerDocument`` has it."""
    retracted = marker.retracted_at
    return {
        "id": marker.marker_id,
        "kind": marker.kind,
        "team": marker.team_id and str(marker.team_id),
        "effective_on": marker.effective_on.isoformat(),
        "confirmed": marker.confirmed,
        "label": marker.label,
        "declared_at": instant(marker.declared_at),
        "declared_by": marker.declared_by,
        "retracted_at": retracted and instant(retracted),
    }
