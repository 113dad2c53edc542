"""``/v1/people/{external_id}/devices``: the end of devices, for administrators."""

from flask import Blueprint

from rapport_schemas.enums import Scope
from rapport_schemas.problems import Problem
from rapport_service.api.auth import get_actor, require_scope
from rapport_service.api.operation import response
from rapport_service.core.db import Door, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook import devices
from rapport_service.pollbook.tokens import Bearer

blueprint = Blueprint("devices", __name__)


@blueprint.post("/v1/people/<path:external_id>/devices/revoke")
@require_scope(Scope.ADMIN)
@response(None, Problem.PERSON_NOT_FOUND, status=204)
def revoke_devices(bearer: Bearer, external_id: str) -> object:
    """Ends a person's devices and unused codes, if there are any. Audited.

    These devices can read no scores and draw no ballots from now on. An answer that
    waits on a phone is still sent and counted. The reply never says whether there were
    any devices.
    """
    with transaction(Door.POLL_BOOK) as session:
        devices.revoke_devices(
            session,
            bearer.organization_id,
            external_id,
            dependencies().clock(),
            get_actor(session, bearer),
        )
    return None
