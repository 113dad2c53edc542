"""Evidence for the time: the service's date, its list of pulses, the device's clocks.

Rules without clock, network or database. The list is a witness because a wave is open
between two instants of its charter, which everybody sees. A header, which any device on
the way may set or strip, must not outweigh a clock that the list agrees with.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import reduce

from rapport_client._pulses.charter import Charter

TOLERANCE = 60 * 60.0
"""Seconds by which two clocks may differ that are both called right, and by which a
service may close a wave late."""


@dataclass(frozen=True)
class TimeWindow:
    """Instants between which the time is; without a bound where nothing is known.

    Attributes:
        earliest: seconds since the epoch.
        latest: the same.
    """

    earliest: float = -math.inf
    latest: float = math.inf

    def contains(self, at: float) -> bool:
        """Whether an instant is in the window."""
        return self.earliest <= at <= self.latest

    def widen(self, before: float, after: float) -> "TimeWindow":
        """The window with some seconds more at each end."""
        return TimeWindow(self.earliest - before, self.latest + after)

    def shift(self, seconds: float) -> "TimeWindow":
        """The window after so many seconds have passed."""
        return TimeWindow(self.earliest + seconds, self.latest + seconds)

    def intersect(self, other: "TimeWindow") -> "TimeWindow":
        """The instants that are in both."""
        return TimeWindow(
            max(self.earliest, other.earliest), min(self.latest, other.latest)
        )


ANY_TIME = TimeWindow()


class TimeSource(Enum):
    """The evidence that is believed."""

    DATE = "the date of the service's reply"
    CORRECTED_CLOCK = "the device's clock, corrected by an earlier reply"
    WALL_CLOCK = "the device's wall clock"
    LIST = "the service's list alone: the earliest instant that it allows"


def build_window(listed: Iterable[tuple[Charter, bool]]) -> TimeWindow:
    """The window of a list of waves: when all of its waves can be as they are listed.

    Args:
        listed: the charter of each wave, and whether the wave is listed as open; if
            not, it is announced.

    Returns:
        ``ANY_TIME`` if no wave is listed, or if the list contradicts itself.
    """
    windows = (
        TimeWindow(charter.opens_at.timestamp(), charter.closes_at.timestamp())
        if is_open
        else TimeWindow(charter.announces_at.timestamp(), charter.opens_at.timestamp())
        for charter, is_open in listed
    )
    window = reduce(TimeWindow.intersect, windows, ANY_TIME)
    return window if window.earliest <= window.latest else ANY_TIME


def choose_time(
    window: TimeWindow, date: float | None, corrected: float | None, wall: float
) -> TimeSource:
    """The evidence that most other evidence supports; a fresh date before any other.

    The corrected clock does not count for a date, nor against it: both come from
    headers, and a header that is wrong today may have been wrong yesterday.

    Args:
        window: of the list.
        date: of the reply; None if it has none.
        corrected: the device's clock as an earlier date corrected it; None if none has.
        wall: the device's wall clock.
    """
    clocks = {
        TimeSource.DATE: date,
        TimeSource.CORRECTED_CLOCK: corrected,
        TimeSource.WALL_CLOCK: wall,
    }
    # By its own date, a service may close a wave late, which hides no open pulse.
    by_date = window.widen(0, TOLERANCE)
    support = {
        source: window.contains(at)
        if source is TimeSource.WALL_CLOCK
        else by_date.contains(at) + (abs(at - wall) <= TOLERANCE)
        for source, at in clocks.items()
        if at is not None
    }
    best = max(support, key=lambda source: support[source])
    return best if support[best] else TimeSource.LIST
