"""A phone's line, of which the phone's ledger hears everything first and last."""

import gzip
import json
from typing import Any

from rapport_client import Request, Response, Transport, TransportFailure
from tools.chaos.journal import Journal
from tools.chaos.network_faults import SUBMISSIONS
from tools.chaos.proxy import identify_item

GZIP = "gzip"


class JournalingTransport:
    """Notes every submission before it goes, and every reply as it came.

    Args:
        line: carries the requests.
        ledger: takes the notes.
        signal: whether anything comes through.
    """

    def __init__(self, line: Transport, ledger: Journal, *, signal: bool) -> None:
        self._line = line
        self._ledger = ledger
        self._signal = signal

    def send(self, request: Request) -> Response:
        """Carries a request."""
        path = "/" + request.url.split("/", 3)[3]
        door = "box" if request.fresh else "book"
        if path == SUBMISSIONS:
            items = [identify_item(item) for item in _items(request)]
            self._ledger.note("sending", items=items)
        if not self._signal:
            raise TransportFailure("no signal")
        self._ledger.note("asking", path=path, door=door)
        response = self._line.send(request)
        self._ledger.note(
            "reply",
            path=path,
            door=door,
            status=response.status,
            retry_after=response.headers.get("retry-after"),
        )
        return response


def _items(request: Request) -> list[dict[str, Any]]:
    coded = request.headers.get("Content-Encoding") == GZIP
    body = gzip.decompress(request.body) if coded else request.body
    items: list[dict[str, Any]] = json.loads(body)["items"]
    return items
