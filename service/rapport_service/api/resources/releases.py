"""``/v1/waves/{wave_id}/releases``: the releases of a wave."""

from flask import Blueprint

from rapport_schemas.problems import Problem
from rapport_schemas.releases import ReleasesReplySchema
from rapport_service.api.auth import require_scope
from rapport_service.api.operation import response
from rapport_service.api.resources.teams import REPORT_SCOPES, reader_of
from rapport_service.core.db import Door, read_transaction
from rapport_service.pollbook.tokens import Bearer
from rapport_service.reports.releases import load_releases

blueprint = Blueprint("releases", __name__)


@blueprint.get("/v1/waves/<wave_id>/releases")
@require_scope(*REPORT_SCOPES)
@response(ReleasesReplySchema, Problem.NOT_FOUND)
def list_wave_releases(bearer: Bearer, wave_id: str) -> object:
    """Lists the releases of a wave, with the digests of their documents."""
    with read_transaction(Door.REPORTS) as session:
        return load_releases(session, reader_of(bearer), wave_id)
