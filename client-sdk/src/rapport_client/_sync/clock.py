"""What time it is: the device's clock, corrected by what the service last said.

No time ever crosses the wire towards the service. A phone's wall clock may be years
off, so within one boot the time is that of the last verified reply plus what the
monotonic clock has counted since. Only after a reboot the wall clock is believed again,
moved by what it was off by.
"""

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Protocol

from rapport_client._outbox.namespace import Namespace

MAX_YEAR = 9000
"""Far from the end of the calendar, however long somebody counts on from it."""

_CLOCK_KIND = "clock"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Clock(Protocol):
    """What a device has to tell time by."""

    def wall(self) -> float:
        """Seconds since the epoch, as far as this device knows."""

    def monotonic(self) -> float:
        """Seconds since the device was started, never set and never going back."""

    def boot(self) -> str:
        """The name of this run of the device; another after every start."""


class SystemClock:
    """The clocks of the operating system."""

    def wall(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since the start, those that the device slept through among them."""
        if hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        # Elsewhere, as on macOS, this one counts sleep; time.monotonic() need not.
        return time.clock_gettime(time.CLOCK_MONOTONIC)

    def boot(self) -> str:
        """The kernel's name for this run; elsewhere that of this process."""
        return _boot()


@cache
def _boot() -> str:
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return secrets.token_hex(16)


@dataclass(frozen=True)
class _Anchor:
    """One instant, on the service's clock and on the device's two."""

    server: float
    wall: float
    monotonic: float
    boot: str


class DeviceClock:
    """The corrected clock of one outbox file.

    Args:
        source: the device's own clocks.
        space: where the last anchor is kept; the file's shared one.
    """

    def __init__(self, source: Clock, namespace: Namespace) -> None:
        self.source = source
        self._namespace = namespace

    def now(self) -> datetime:
        """The best guess at the time."""
        anchor = self._anchor()
        if anchor is None:
            return datetime.fromtimestamp(self.source.wall(), UTC)
        if anchor.boot == self.source.boot():
            return self._time_since(anchor)
        # After a start there is only the wall clock; time has not gone back since.
        off = anchor.server - anchor.wall
        return datetime.fromtimestamp(max(anchor.server, self.source.wall() + off), UTC)

    def trusted_now(self) -> datetime | None:
        """The time where it rests on the service's word alone, None elsewhere.

        What is erased is erased by this time, so that no jump of the wall clock does.
        """
        anchor = self._anchor()
        if anchor is None or anchor.boot != self.source.boot():
            return None
        return self._time_since(anchor)

    def observe_server_date(
        self, date: str, sent_at: float, received_at: float
    ) -> None:
        """Takes the time from the ``Date`` of a reply that passed its checks.

        A date is cut to the second and older by the way back. A wall clock within these
        bounds is the better one and stays; any other gives way to the date.

        Args:
            date: the header.
            sent: the monotonic clock when the request went.
            came: the same when the reply came.
        """
        told = read_date(date)
        if told is None:
            return
        earliest = told.timestamp()
        latest = earliest + 1.0 + (received_at - sent_at)
        wall = self.source.wall() - (self.source.monotonic() - received_at)
        anchor = _Anchor(
            server=wall if earliest <= wall <= latest else earliest,
            wall=wall,
            monotonic=received_at,
            boot=self.source.boot(),
        )
        with self._namespace.write() as rows:
            self._namespace.put(rows, _CLOCK_KIND, anchor)

    def _anchor(self) -> _Anchor | None:
        return self._namespace.get_readable(_CLOCK_KIND, _Anchor)

    def _time_since(self, anchor: _Anchor) -> datetime:
        passed = self.source.monotonic() - anchor.monotonic
        return datetime.fromtimestamp(anchor.server + passed, UTC)


def read_date(text: str) -> datetime | None:
    """An HTTP date (RFC 9110 section 5.6.7), or None where it is none.

    Anybody on the way may have written it. Years beyond ``LAST_YEAR`` are none: who
    counts on from them leaves the calendar.
    """
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if date.year > MAX_YEAR:
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date
