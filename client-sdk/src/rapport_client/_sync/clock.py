"""Device clock, corrected by the service's last verified replies.

No time is ever sent to the service. A phone's wall clock may be years off, so until a
reboot the time is that of the last verified reply plus the monotonic clock's seconds
since then. Only after a reboot the wall clock is used again, less its last known error.
A reply says the time by its ``Date`` and by its list of pulses; ``time_evidence`` says
which is believed.
"""

import math
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Protocol

from rapport_client._outbox.namespace import Namespace
from rapport_client._status_messages import describe_wrong_date
from rapport_client._sync.time_evidence import (
    ANY_TIME,
    TOLERANCE,
    TimeSource,
    TimeWindow,
    choose_time,
)
from rapport_client._wording import Wording

MAX_YEAR = 9000
"""Far from the end of the calendar, so that any period can be added."""

_CLOCK_KIND = "clock"
_LISTED_KIND = "listed"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Clock(Protocol):
    """The clocks of a device."""

    def wall(self) -> float:
        """Seconds since the epoch, by the wall clock of this device."""

    def monotonic(self) -> float:
        """Seconds since the device was started; never set, never going back."""

    def boot(self) -> str:
        """The id of this run of the device; another after every start."""


class SystemClock:
    """The clocks of the operating system."""

    def wall(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since the start, including those of sleep."""
        if hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        # Elsewhere, as on macOS, this one counts sleep; time.monotonic() need not.
        return time.clock_gettime(time.CLOCK_MONOTONIC)

    def boot(self) -> str:
        """The kernel's id of this run; on other systems an id of this process."""
        return _boot()


@cache
def _boot() -> str:
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return secrets.token_hex(16)


@dataclass(frozen=True)
class ServerDate:
    """The ``Date`` of a reply, and when it came.

    Attributes:
        at: seconds since the epoch, cut to the second.
        sent_at: the monotonic clock when the request was sent.
        received_at: the same when the reply arrived.
    """

    at: float
    sent_at: float
    received_at: float

    def at_arrival(self, wall: float) -> float:
        """The time when the reply arrived.

        A date is cut to the second, and the reply took time to arrive. If the wall
        clock is within these bounds, it is more exact and is used; else the date is.

        Args:
            wall: the wall clock at that time.
        """
        latest = self.at + 1.0 + (self.received_at - self.sent_at)
        return wall if self.at <= wall <= latest else self.at


@dataclass(frozen=True)
class _Anchor:
    """One instant, on the service's clock and on the device's two.

    Attributes:
        is_dated: whether a date of the service gave it. If not, the list of pulses did:
            it is the earliest instant that the list allows.
    """

    server: float
    wall: float
    monotonic: float
    boot: str
    is_dated: bool


@dataclass(frozen=True)
class _ListedTime:
    """The window of the last list of pulses, and when it came."""

    earliest: float
    latest: float
    monotonic: float
    boot: str


class DeviceClock:
    """The corrected clock of one outbox file.

    Args:
        source: the device's own clocks.
        namespace: where the last anchor is stored; the file's shared one.
    """

    def __init__(self, source: Clock, namespace: Namespace) -> None:
        self.source = source
        self._namespace = namespace

    def now(self) -> datetime:
        """The best guess at the time."""
        anchor = self._anchor()
        return self.wall() if anchor is None else _to_datetime(self._time_by(anchor))

    def trusted_now(self) -> datetime | None:
        """The time if it is based on a verified reply of this boot, else None.

        Erasure goes by this time, so that no jump of the wall clock erases anything.
        """
        anchor = self._anchor()
        if anchor is None or anchor.boot != self.source.boot() or not anchor.is_dated:
            return None
        return _to_datetime(self._time_by(anchor))

    def wall(self) -> datetime:
        """The time by the wall clock of this device, which may be wrong."""
        return _to_datetime(self.source.wall())

    def contradiction(self) -> TimeWindow | None:
        """When it is now by the service's list of pulses, if the wall clock differs.

        A difference that a person would not call a wrong date is passed over.
        """
        window = self._listed_window()
        is_right = window.widen(TOLERANCE, TOLERANCE).contains(self.source.wall())
        return None if is_right else window

    def observe(self, date: ServerDate | None, window: TimeWindow = ANY_TIME) -> None:
        """Takes the time from a reply that passed its checks.

        Args:
            date: of the reply, if it has one.
            window: of the list of pulses in it; without one, that of the last list.
        """
        if window == ANY_TIME:
            if date is None:
                return
            window = self._listed_window()
        anchor, wall = self._anchor(), self.source.wall()
        server = None
        if date is not None:
            age = self.source.monotonic() - date.received_at
            server = date.at_arrival(wall - age) + age
        corrected = self._time_by(anchor) if anchor and anchor.is_dated else None
        match choose_time(window, server, corrected, wall):
            case TimeSource.DATE if server is not None:
                if not window.contains(server):
                    window = ANY_TIME  # the service closes or opens a wave late
                self._store(self._anchor_at(server, is_dated=True), window)
            case TimeSource.CORRECTED_CLOCK:
                self._store(anchor, window)
            case TimeSource.LIST:
                self._store(self._anchor_at(window.earliest, is_dated=False), window)
            case _:
                self._store(None, window)

    def _store(self, anchor: _Anchor | None, window: TimeWindow) -> None:
        source = self.source
        listed = _ListedTime(
            window.earliest, window.latest, source.monotonic(), source.boot()
        )
        with self._namespace.write() as rows:
            self._namespace.put(rows, _LISTED_KIND, listed)
            if anchor is None:
                self._namespace.remove(rows, _CLOCK_KIND)
            else:
                self._namespace.put(rows, _CLOCK_KIND, anchor)

    def _anchor(self) -> _Anchor | None:
        return self._namespace.get_readable(_CLOCK_KIND, _Anchor)

    def _anchor_at(self, server: float, *, is_dated: bool) -> _Anchor:
        source = self.source
        return _Anchor(
            server, source.wall(), source.monotonic(), source.boot(), is_dated
        )

    def _time_by(self, anchor: _Anchor) -> float:
        if anchor.boot == self.source.boot():
            return anchor.server + self.source.monotonic() - anchor.monotonic
        # After a reboot there is only the wall clock; time has not gone back since.
        error = anchor.server - anchor.wall
        return max(anchor.server, self.source.wall() + error)

    def _listed_window(self) -> TimeWindow:
        """The window of the last list, as time has passed since."""
        listed = self._namespace.get_readable(_LISTED_KIND, _ListedTime)
        if listed is None:
            return ANY_TIME
        if listed.boot != self.source.boot():
            return TimeWindow(earliest=listed.earliest)
        return TimeWindow(listed.earliest, listed.latest).shift(
            self.source.monotonic() - listed.monotonic
        )


def describe_contradiction(clock: DeviceClock) -> Wording | None:
    """Message for a wall clock that the service contradicts; None if it does not."""
    window = clock.contradiction()
    if window is None:
        return None
    return describe_wrong_date(
        clock.wall(),
        _to_datetime(window.earliest),
        None if math.isinf(window.latest) else _to_datetime(window.latest),
    )


def _to_datetime(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def read_date(text: str) -> datetime | None:
    """An HTTP date (RFC 9110 section 5.6.7), or None where it is none.

    Any device on the network may have written it. Years beyond ``MAX_YEAR`` are
    refused: a period added to them could leave the calendar.
    """
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if date.year > MAX_YEAR:
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date
