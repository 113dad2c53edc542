"""Device clock, corrected by the date of the service's last verified reply.

No time is ever sent to the service. A phone's wall clock may be years off, so until a
reboot the time is that of the last verified reply plus the monotonic clock's seconds
since then. Only after a reboot the wall clock is used again, less its last known error.
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
"""Far from the end of the calendar, so that any period can be added."""

_CLOCK_KIND = "clock"
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
        namespace: where the last anchor is stored; the file's shared one.
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
        # After a reboot there is only the wall clock; time has not gone back since.
        error = anchor.server - anchor.wall
        return datetime.fromtimestamp(
            max(anchor.server, self.source.wall() + error), UTC
        )

    def trusted_now(self) -> datetime | None:
        """The time if it is based on a verified reply of this boot, else None.

        Erasure goes by this time, so that no jump of the wall clock erases anything.
        """
        anchor = self._anchor()
        if anchor is None or anchor.boot != self.source.boot():
            return None
        return self._time_since(anchor)

    def observe_server_date(
        self, date: str, sent_at: float, received_at: float
    ) -> None:
        """Takes the time from the ``Date`` of a reply that passed its checks.

        A date is cut to the second, and the reply took time to arrive. If the wall
        clock is within these bounds, it is more exact and is used; else the date is.

        Args:
            date: the header.
            sent_at: the monotonic clock when the request was sent.
            received_at: the same when the reply arrived.
        """
        server_date = read_date(date)
        if server_date is None:
            return
        earliest = server_date.timestamp()
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
        elapsed = self.source.monotonic() - anchor.monotonic
        return datetime.fromtimestamp(anchor.server + elapsed, UTC)


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
