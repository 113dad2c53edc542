"""The line to the service: what it asked for is kept, what time it told is heard."""

import math
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from rapport_client.errors import RetryLater
from rapport_client.store.space import Space
from rapport_client.sync.clock import DeviceClock, read_date
from rapport_client.wire import Request, Response, Transport

LONGEST_WAIT = 24 * 60 * 60.0
"""Seconds; nobody may silence a device for longer with one reply."""

_KIND = "patience"
_ASKED = "asked"

BOOK, BOX = "book", "box"
"""The two doors: one is told who is here, the other is handed answers."""


@dataclass(frozen=True)
class _Pause:
    """What a door asked for: so many seconds, from then on the monotonic clock."""

    seconds: float
    since: float


@dataclass(frozen=True)
class _Asked:
    """When a door was last asked: on the monotonic clock, in one run of the device."""

    at: float
    boot: str


class Line:
    """Carries requests, and none to a door that asked for patience.

    A door's wish outlives the process. It counts on the monotonic clock, and what is
    counted has certainly passed, also where nobody can tell a reboot.

    Args:
        transport: carries a request.
        clock: the device's.
        space: where wishes are kept; the file's shared one.
    """

    def __init__(self, transport: Transport, clock: DeviceClock, space: Space) -> None:
        self._transport = transport
        self._clock = clock
        self._space = space
        self._last: tuple[str, float, float] | None = None

    def send(self, request: Request) -> Response:
        """Carries one request and brings its response.

        Raises:
            RetryLater: its door asked for patience; nothing was sent.
            TransportFailure: no whole response came.
        """
        door = _door(request)
        left = self.seconds_left(door)
        if left > 0:
            raise RetryLater(left)
        self._last = None
        self._note_asked(request)
        sent = self._clock.source.monotonic()
        response = self._transport.send(request)
        now = self._clock.source.monotonic()
        if "date" in response.headers:
            self._last = response.headers["date"], sent, now
        seconds = retry_after(response)
        if seconds > 0:
            pause = _Pause(seconds, now)
            with self._space.write() as rows:
                self._space.put(rows, _KIND, pause, door)
        return response

    def vouch(self) -> None:
        """The last response passed its checks, so its clock may be believed."""
        if self._last is not None:
            self._clock.hear(*self._last)

    def seconds_left(self, door: str | None = None) -> float:
        """How long a door asked not to be asked; the longest of all if None."""
        pauses = (
            self._space.all(_KIND, _Pause)
            if door is None
            else [self._space.cached(_KIND, _Pause, door)]
        )
        return max((self._left(pause) for pause in pauses if pause), default=0.0)

    def seconds_since(self, door: str) -> float:
        """How long ago any process on this file last asked a door, if that is known.

        Args:
            door: ``BOOK`` or ``BOX``. Fetching documents, as nobody, does not count.

        Returns:
            Infinity where nobody did since the device was started.
        """
        asked = self._space.cached(_ASKED, _Asked, door)
        if asked is None or asked.boot != self._clock.source.boot():
            return math.inf
        return self._clock.source.monotonic() - asked.at

    def _note_asked(self, request: Request) -> None:
        if request.fresh and request.method == "GET":
            return
        source = self._clock.source
        with self._space.write() as rows:
            asked = _Asked(source.monotonic(), source.boot())
            self._space.put(rows, _ASKED, asked, _name(request))

    def _left(self, pause: _Pause) -> float:
        now = self._clock.source.monotonic()
        # An earlier reading comes from a later start: all of it has passed since.
        passed = now - pause.since if now >= pause.since else now
        return max(0.0, pause.seconds - passed)


def retry_after(response: Response) -> float:
    """How many seconds a reply asks to wait, 0 where it asks for nothing.

    A date is compared with the reply's own ``Date``, never with the device's clock.
    """
    wish = response.headers.get("retry-after", "").strip()
    if not wish or response.status < HTTPStatus.BAD_REQUEST:
        return 0.0
    if wish.isascii() and wish.isdecimal():
        return min(LONGEST_WAIT, float(wish))
    until, said = read_date(wish), read_date(response.headers.get("date", ""))
    if until is None or said is None:
        return 0.0
    return min(LONGEST_WAIT, max(0.0, (until - said).total_seconds()))


def _door(request: Request) -> str:
    """The two doors have their own wishes, also where one origin serves both."""
    parts = urlsplit(request.url)
    return f"{parts.scheme}://{parts.netloc} {_name(request)}"


def _name(request: Request) -> str:
    return BOX if request.fresh else BOOK
