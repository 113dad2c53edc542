"""``/v1/sync`` and ``/v1/ballots``: phones at the poll-book door."""

from flask import Blueprint

from rapport_schemas.ballots import DrawsReply, DrawsRequest, SyncReply
from rapport_service import b64
from rapport_service.api.auth import demands, is_revoked
from rapport_service.api.contract import Loaded, gives, takes
from rapport_service.api.problems import LIMITS
from rapport_service.db import Door, reading, transaction
from rapport_service.pollbook.draw import DrawRequest, draw
from rapport_service.pollbook.sync import sync
from rapport_service.pollbook.tokens import Bearer, Scope
from rapport_service.wiring import wiring

blueprint = Blueprint("ballots", __name__)

MOST_BYTES = 64 * 1024


@blueprint.get("/v1/sync")
@demands(Scope.MEMBER, revoked_too=True)
@gives(SyncReply)
def get_sync(bearer: Bearer) -> object:
    """Announced and open waves with their charters; a revoked device is told so."""
    revoked = is_revoked(bearer)
    with reading(Door.POLL_BOOK) as session:
        told = sync(session, bearer, wiring().clock(), revoked=revoked)
    return {
        "epoch": str(told.epoch),
        "limits": LIMITS,
        "directives": ["revoked"] if revoked else [],
        "waves": told.waves,
    }


@blueprint.post("/v1/ballots")
@demands(Scope.MEMBER)
@takes(DrawsRequest, MOST_BYTES)
@gives(DrawsReply)
def post_ballots(sent: Loaded, bearer: Bearer) -> object:
    """Signs blinded ballots, one result a request."""
    house = wiring()
    requests = [DrawRequest(**one) for one in sent["requests"]]
    with transaction(Door.POLL_BOOK) as session:
        results = draw(session, house.keyring, bearer, requests, house.clock())
    return {
        "results": [
            {
                "wave": result.wave,
                "status": result.status,
                "signature": result.signature and b64.encode(result.signature),
            }
            for result in results
        ]
    }
