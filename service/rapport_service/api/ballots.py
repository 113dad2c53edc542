"""``/v1/sync`` and ``/v1/ballots``: phones at the poll-book door."""

from flask import Blueprint, Response

from rapport_schemas.ballots import DrawsReply, DrawsRequest, SyncReply
from rapport_service import b64
from rapport_service.api.auth import demands
from rapport_service.api.http import body, dump
from rapport_service.api.problems import LIMITS
from rapport_service.db import Door, reading, transaction
from rapport_service.pollbook.draw import DrawRequest, draw
from rapport_service.pollbook.errors import DeviceRevokedError
from rapport_service.pollbook.sync import confirm_device, find_device, sync
from rapport_service.pollbook.tokens import Bearer, Scope
from rapport_service.wiring import wiring

blueprint = Blueprint("ballots", __name__)

MOST_BYTES = 64 * 1024


@blueprint.get("/v1/sync")
@demands(Scope.MEMBER)
def get_sync(bearer: Bearer) -> Response:
    """Announced and open waves with their charters; a revoked device is told so."""
    revoked = _is_revoked(bearer)
    with reading(Door.POLL_BOOK) as session:
        told = sync(session, bearer, wiring().clock(), revoked=revoked)
    return dump(
        SyncReply(),
        {
            "epoch": str(told.epoch),
            "limits": LIMITS,
            "directives": ["revoked"] if told.revoked else [],
            "waves": told.waves,
        },
    )


@blueprint.post("/v1/ballots")
@demands(Scope.MEMBER)
def post_ballots(bearer: Bearer) -> Response:
    """Signs blinded ballots, one result a request."""
    sent = body(DrawsRequest(), MOST_BYTES)
    if _is_revoked(bearer):
        raise DeviceRevokedError
    house = wiring()
    requests = [DrawRequest(**one) for one in sent["requests"]]
    with transaction(Door.POLL_BOOK) as session:
        results = draw(session, house.keyring, bearer, requests, house.clock())
    return dump(
        DrawsReply(),
        {
            "results": [
                {
                    "wave": result.wave,
                    "status": result.status,
                    "signature": result.signature and b64.encode(result.signature),
                }
                for result in results
            ]
        },
    )


def _is_revoked(bearer: Bearer) -> bool:
    """Whether the device was revoked; notes the first use of a token on the way."""
    with reading(Door.POLL_BOOK) as session:
        device = find_device(session, bearer)
    if device is not None and not device.confirmed:
        with transaction(Door.POLL_BOOK) as session:
            confirm_device(session, bearer)
    return device is None or device.revoked
