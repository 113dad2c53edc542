"""``/v1/waves/{wave}/releases``: what came out of a wave."""

from flask import Blueprint

from rapport_schemas.problems import Problem
from rapport_schemas.releases import ReleasesReply
from rapport_service.api.auth import demands
from rapport_service.api.contract import gives
from rapport_service.api.teams import READERS, reader
from rapport_service.db import Door, reading
from rapport_service.pollbook.tokens import Bearer
from rapport_service.reports.releases import releases

blueprint = Blueprint("releases", __name__)


@blueprint.get("/v1/waves/<wave>/releases")
@demands(*READERS)
@gives(ReleasesReply, Problem.NOT_FOUND)
def get_wave_releases(bearer: Bearer, wave: str) -> object:
    """The releases of a wave, by what they commit to."""
    with reading(Door.REPORTS) as session:
        return releases(session, reader(bearer), wave)
