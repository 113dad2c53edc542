"""``/v1/sync`` and ``/v1/ballots``: phones at the poll-book door."""

from flask import Blueprint

from rapport_schemas.ballots import (
    DrawsReplySchema,
    DrawsRequestSchema,
    SyncReplySchema,
)
from rapport_schemas.enums import Scope
from rapport_service.api.auth import (
    is_revoked,
    require_scope,
)
from rapport_service.api.operation import RequestData, body, response
from rapport_service.api.problems import SUBMISSION_LIMITS
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.encoding import base64url
from rapport_service.pollbook.service import DrawRequest, draw
from rapport_service.pollbook.sync import load_sync
from rapport_service.pollbook.tokens import Bearer

blueprint = Blueprint("ballots", __name__)

MAX_DRAWS_BYTES = 64 * 1024


@blueprint.get("/v1/sync")
@require_scope(Scope.MEMBER, allow_revoked=True)
@response(SyncReplySchema)
def sync(bearer: Bearer) -> object:
    """Lists announced and open waves. A revoked device gets a directive instead.

    A directive also tells a person who is not asked, so that no phone waits in vain.
    """
    with read_transaction(Door.POLL_BOOK) as session:
        revoked = is_revoked(session, bearer)
        synced = load_sync(session, bearer, dependencies().clock(), revoked=revoked)
    return {
        "epoch": str(synced.epoch),
        "limits": SUBMISSION_LIMITS,
        "directives": synced.directives,
        "waves": synced.waves,
    }


@blueprint.post("/v1/ballots")
@require_scope(Scope.MEMBER)
@body(DrawsRequestSchema, MAX_DRAWS_BYTES)
@response(DrawsReplySchema)
def draw_ballots(document: RequestData, bearer: Bearer) -> object:
    """Signs blinded ballots. Returns one result for each request."""
    deps = dependencies()
    requests = [DrawRequest(**request) for request in document["requests"]]
    keyring = deps.keyring  # may need a transaction of its own
    with transaction(Door.POLL_BOOK) as session:
        results = draw(session, keyring, bearer, requests, deps.clock())
    return {
        "results": [
            {
                "wave_id": result.wave_id,
                "status": result.status,
                "signature": result.signature and base64url.encode(result.signature),
            }
            for result in results
        ]
    }
