"""``/v1/waves/{wave_id}/releases``: the releases of a wave."""

from flask import Blueprint

from rapport_schemas.paging import PageQuerySchema
from rapport_schemas.problems import Problem
from rapport_schemas.releases import ReleasesReplySchema
from rapport_service.api.auth import require_scope
from rapport_service.api.operation import RequestData, query, response
from rapport_service.api.pages import read_page_request, write_cursor
from rapport_service.api.resources.teams import REPORT_SCOPES, reader_of
from rapport_service.core.db import Door, read_transaction
from rapport_service.pollbook.tokens import Bearer
from rapport_service.reports.releases import load_releases

blueprint = Blueprint("releases", __name__)


@blueprint.get("/v1/waves/<wave_id>/releases")
@require_scope(*REPORT_SCOPES)
@query(PageQuerySchema)
@response(ReleasesReplySchema, Problem.NOT_FOUND, depends_on_reader=True)
def list_wave_releases(arguments: RequestData, bearer: Bearer, wave_id: str) -> object:
    """Lists the releases of a wave, with the digests of their documents."""
    wanted = read_page_request(arguments, bearer.organization_id)
    with read_transaction(Door.REPORTS) as session:
        listed, last_key = load_releases(session, reader_of(bearer), wave_id, wanted)
    return listed | {"next": write_cursor(last_key, bearer.organization_id)}
