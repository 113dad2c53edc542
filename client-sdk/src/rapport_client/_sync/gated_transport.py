"""Transport that obeys ``Retry-After`` of each door, and reads ``Date``."""

import math
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from rapport_client._http import Request, Response, Transport
from rapport_client._outbox.namespace import Namespace
from rapport_client._protocol.replies import to_exception
from rapport_client._sync.clock import DeviceClock, ServerDate, read_date
from rapport_client.errors import ProblemError, RetryLater

MAX_RETRY_AFTER = 24 * 60 * 60.0
"""Seconds; one reply cannot silence a device for longer."""

_RETRY_AFTER_KIND = "timeout"
_LAST_REQUEST_KIND = "asked"

POLL_BOOK, BALLOT_BOX = "book", "box"
"""The two doors: the poll book knows who asks, the ballot box takes answers."""


@dataclass(frozen=True)
class _Pause:
    """A door's ``Retry-After``: its seconds, and the monotonic clock at its start."""

    seconds: float
    since: float


@dataclass(frozen=True)
class _LastRequest:
    """The time of a door's last request: on the monotonic clock, in one boot."""

    at: float
    boot: str


class GatedTransport:
    """Carries requests, but none to a door before its ``Retry-After`` has passed.

    The pause of a door outlives the process. It goes by the monotonic clock, so that it
    also ends after a reboot that cannot be detected.

    Args:
        transport: carries a request.
        clock: the device's.
        namespace: where pauses are stored; the file's shared one.
    """

    def __init__(
        self, transport: Transport, clock: DeviceClock, namespace: Namespace
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._namespace = namespace
        self.last_date: ServerDate | None = None
        """The date of the last response, if it had one; to be believed only if the
        response passed its checks."""

    def send(self, request: Request) -> Response:
        """Carries one request and brings its response.

        Raises:
            RetryLater: the pause of its door has not passed; nothing was sent.
            TransportFailure: no whole response came.
        """
        door = _door_key(request)
        left = self.seconds_left(door)
        if left > 0:
            raise RetryLater(left)
        self.last_date = None
        self._record_request(request)
        sent = self._clock.source.monotonic()
        response = self._transport.send(request)
        now = self._clock.source.monotonic()
        date = read_date(response.headers.get("date", ""))
        if date is not None:
            self.last_date = ServerDate(date.timestamp(), sent, now)
        seconds = read_pause(response)
        if seconds > 0:
            pause = _Pause(seconds, now)
            with self._namespace.write() as rows:
                self._namespace.put(rows, _RETRY_AFTER_KIND, pause, door)
        return response

    def seconds_left(self, door: str | None = None) -> float:
        """Seconds until a door may be asked; the longest of all doors if None."""
        pauses = (
            self._namespace.all(_RETRY_AFTER_KIND, _Pause)
            if door is None
            else [self._namespace.get_readable(_RETRY_AFTER_KIND, _Pause, door)]
        )
        return max(
            (self._seconds_remaining(pause) for pause in pauses if pause), default=0.0
        )

    def seconds_since(self, door: str) -> float:
        """Seconds since any process on this file last asked a door.

        Args:
            door: ``POLL_BOOK`` or ``BALLOT_BOX``. Fetching documents without
                credentials does not count.

        Returns:
            Infinity if none did since the device was started.
        """
        last = self._namespace.get_readable(_LAST_REQUEST_KIND, _LastRequest, door)
        if last is None or last.boot != self._clock.source.boot():
            return math.inf
        return self._clock.source.monotonic() - last.at

    def _record_request(self, request: Request) -> None:
        if request.fresh and request.method == "GET":
            return
        source = self._clock.source
        with self._namespace.write() as rows:
            last = _LastRequest(source.monotonic(), source.boot())
            self._namespace.put(rows, _LAST_REQUEST_KIND, last, _door_name(request))

    def _seconds_remaining(self, pause: _Pause) -> float:
        now = self._clock.source.monotonic()
        # A smaller reading comes from a later boot: all of it has passed since.
        elapsed = now - pause.since if now >= pause.since else now
        return max(0.0, pause.seconds - elapsed)


def read_pause(response: Response) -> float:
    """Seconds that the service asks to wait; 0 if it does not ask.

    Only a problem document of Rapport can ask: no other device on the network may keep
    an answer for a day. What else fails is tried again after the backoff.
    """
    is_refusal = response.status >= HTTPStatus.BAD_REQUEST
    if is_refusal and isinstance(to_exception(response), ProblemError):
        return parse_retry_after(response)
    return 0.0


def parse_retry_after(response: Response) -> float:
    """Seconds of a refusal's ``Retry-After``; 0 if it has none.

    A date is compared with the reply's own ``Date``, never with the device's clock.
    """
    value = response.headers.get("retry-after", "").strip()
    if not value:
        return 0.0
    if value.isascii() and value.isdecimal():
        return min(MAX_RETRY_AFTER, float(value))
    until, date = read_date(value), read_date(response.headers.get("date", ""))
    if until is None or date is None:
        return 0.0
    return min(MAX_RETRY_AFTER, max(0.0, (until - date).total_seconds()))


def _door_key(request: Request) -> str:
    """The name of a door's pause: each door has its own, even at one origin."""
    parts = urlsplit(request.url)
    return f"{parts.scheme}://{parts.netloc} {_door_name(request)}"


def _door_name(request: Request) -> str:
    return BALLOT_BOX if request.fresh else POLL_BOOK
