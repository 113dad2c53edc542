"""Transport that records every request and reply in the phone's ledger."""

import gzip
import json
from typing import Any

from rapport_client import Request, Response, Transport, TransportFailure
from tools.chaos.journal import Journal
from tools.chaos.network_faults import SUBMISSIONS
from tools.chaos.proxy import identify_item

GZIP = "gzip"


class JournalingTransport:
    """Records every submission before it is sent, and every reply as it came.

    Args:
        transport: carries the requests.
        ledger: of the phone.
        signal: whether there is a connection.
    """

    def __init__(self, transport: Transport, ledger: Journal, *, signal: bool) -> None:
        self._transport = transport
        self._ledger = ledger
        self._signal = signal

    def send(self, request: Request) -> Response:
        """Carries a request."""
        _, _, address, path = request.url.split("/", 3)
        path = f"/{path}"
        door = f"{'ballot box' if request.fresh else 'poll book'} at {address}"
        if path == SUBMISSIONS:
            items = [identify_item(item) for item in _items(request)]
            self._ledger.note("sending", items=items)
        if not self._signal:
            raise TransportFailure("no signal")
        self._ledger.note("request", path=path, door=door)
        response = self._transport.send(request)
        self._ledger.note(
            "reply",
            path=path,
            door=door,
            status=response.status,
            retry_after=response.headers.get("retry-after"),
        )
        return response


def _items(request: Request) -> list[dict[str, Any]]:
    is_gzipped = request.headers.get("Content-Encoding") == GZIP
    body = gzip.decompress(request.body) if is_gzipped else request.body
    items: list[dict[str, Any]] = json.loads(body)["items"]
    return items
