"""The line to the service: what it asked for is kept, what time it told is heard."""

import math
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from rapport_client._http import Request, Response, Transport
from rapport_client._outbox.namespace import Namespace
from rapport_client._sync.clock import DeviceClock, read_date
from rapport_client.errors import RetryLater

MAX_RETRY_AFTER = 24 * 60 * 60.0
"""Seconds; nobody may silence a device for longer with one reply."""

_RETRY_AFTER_KIND = "patience"
_LAST_REQUEST_KIND = "asked"

POLL_BOOK, BALLOT_BOX = "book", "box"
"""The two doors: one is told who is here, the other is handed answers."""


@dataclass(frozen=True)
class _Pause:
    """What a door asked for: so many seconds, from then on the monotonic clock."""

    seconds: float
    since: float


@dataclass(frozen=True)
class _LastRequest:
    """When a door was last asked: on the monotonic clock, in one run of the device."""

    at: float
    boot: str


class GatedTransport:
    """Carries requests, and none to a door that asked for patience.

    A door's wish outlives the process. It counts on the monotonic clock, and what is
    counted has certainly passed, also where nobody can tell a reboot.

    Args:
        transport: carries a request.
        clock: the device's.
        space: where wishes are kept; the file's shared one.
    """

    def __init__(
        self, transport: Transport, clock: DeviceClock, namespace: Namespace
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._namespace = namespace
        self._last: tuple[str, float, float] | None = None

    def send(self, request: Request) -> Response:
        """Carries one request and brings its response.

        Raises:
            RetryLater: its door asked for patience; nothing was sent.
            TransportFailure: no whole response came.
        """
        door = _door_key(request)
        left = self.seconds_left(door)
        if left > 0:
            raise RetryLater(left)
        self._last = None
        self._record_request(request)
        sent = self._clock.source.monotonic()
        response = self._transport.send(request)
        now = self._clock.source.monotonic()
        if "date" in response.headers:
            self._last = response.headers["date"], sent, now
        seconds = parse_retry_after(response)
        if seconds > 0:
            pause = _Pause(seconds, now)
            with self._namespace.write() as rows:
                self._namespace.put(rows, _RETRY_AFTER_KIND, pause, door)
        return response

    def confirm_clock(self) -> None:
        """The last response passed its checks, so its clock may be believed."""
        if self._last is not None:
            self._clock.observe_server_date(*self._last)

    def seconds_left(self, door: str | None = None) -> float:
        """How long a door asked not to be asked; the longest of all if None."""
        pauses = (
            self._namespace.all(_RETRY_AFTER_KIND, _Pause)
            if door is None
            else [self._namespace.get_readable(_RETRY_AFTER_KIND, _Pause, door)]
        )
        return max(
            (self._seconds_remaining(pause) for pause in pauses if pause), default=0.0
        )

    def seconds_since(self, door: str) -> float:
        """How long ago any process on this file last asked a door, if that is known.

        Args:
            door: ``BOOK`` or ``BOX``. Fetching documents, as nobody, does not count.

        Returns:
            Infinity where nobody did since the device was started.
        """
        asked = self._namespace.get_readable(_LAST_REQUEST_KIND, _LastRequest, door)
        if asked is None or asked.boot != self._clock.source.boot():
            return math.inf
        return self._clock.source.monotonic() - asked.at

    def _record_request(self, request: Request) -> None:
        if request.fresh and request.method == "GET":
            return
        source = self._clock.source
        with self._namespace.write() as rows:
            asked = _LastRequest(source.monotonic(), source.boot())
            self._namespace.put(rows, _LAST_REQUEST_KIND, asked, _door_name(request))

    def _seconds_remaining(self, pause: _Pause) -> float:
        now = self._clock.source.monotonic()
        # An earlier reading comes from a later start: all of it has passed since.
        passed = now - pause.since if now >= pause.since else now
        return max(0.0, pause.seconds - passed)


def parse_retry_after(response: Response) -> float:
    """How many seconds a reply asks to wait, 0 where it asks for nothing.

    A date is compared with the reply's own ``Date``, never with the device's clock.
    """
    wish = response.headers.get("retry-after", "").strip()
    if not wish or response.status < HTTPStatus.BAD_REQUEST:
        return 0.0
    if wish.isascii() and wish.isdecimal():
        return min(MAX_RETRY_AFTER, float(wish))
    until, said = read_date(wish), read_date(response.headers.get("date", ""))
    if until is None or said is None:
        return 0.0
    return min(MAX_RETRY_AFTER, max(0.0, (until - said).total_seconds()))


def _door_key(request: Request) -> str:
    """The two doors have their own wishes, also where one origin serves both."""
    parts = urlsplit(request.url)
    return f"{parts.scheme}://{parts.netloc} {_door_name(request)}"


def _door_name(request: Request) -> str:
    return BALLOT_BOX if request.fresh else POLL_BOOK
