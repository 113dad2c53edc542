"""Windows in which waves are open, and whether two of them ever meet. Pure.

Windows are instants, from the opening to just before the close. Days of a pulse are
days of the local calendar, so a change of the clock can make windows meet that do not
meet on the calendar.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from math import lcm
from typing import NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

LAST_YEAR = 9000
"""No opening after this year is looked at: the calendar ends with the year 9999."""

CLOCK_CHANGE_YEARS = 100
"""How many years two pulses are compared for changes of the clock at the least."""


class HasWindow(Protocol):
    """A wave, or an occurrence of a pulse."""

    @property
    def opens_at(self) -> datetime:
        """The first instant at which it is open."""

    @property
    def closes_at(self) -> datetime:
        """The first instant at which it is no longer open."""


class OpenWindow(NamedTuple):
    """The window of an occurrence that has no wave yet."""

    opens_at: datetime
    closes_at: datetime


First = TypeVar("First", bound=HasWindow)
Second = TypeVar("Second", bound=HasWindow)


def is_meeting(first: HasWindow, second: HasWindow) -> bool:
    """Whether two windows have an instant in common."""
    return first.opens_at < second.closes_at and second.opens_at < first.closes_at


def find_meeting(
    first: Iterable[First], second: Iterable[Second]
) -> tuple[First, Second] | None:
    """The earliest windows of two sequences that meet; None if none do.

    Args:
        first: windows that do not meet each other, in the order of time.
        second: the same; it may be far longer.
    """
    firsts, seconds = iter(first), iter(second)
    left, right = next(firsts, None), next(seconds, None)
    while left is not None and right is not None:
        if is_meeting(left, right):
            return left, right
        if left.closes_at <= right.opens_at:
            left = next(firsts, None)
        else:
            right = next(seconds, None)
    return None


def occurrence_window(
    first_opens: datetime,
    zone: ZoneInfo,
    occurrence: int,
    every_weeks: int,
    open_days: int,
) -> OpenWindow:
    """The window of a pulse's n-th wave, as ``schedule_occurrence`` dates it."""
    opens = first_opens + timedelta(weeks=occurrence * every_weeks)
    closes = opens + timedelta(days=open_days)
    return OpenWindow(
        opens.replace(tzinfo=zone).astimezone(UTC),
        closes.replace(tzinfo=zone).astimezone(UTC),
    )


def comparison_period(every_weeks: int, other_every_weeks: int) -> timedelta:
    """How long two pulses must be compared until all of their distances came up.

    After a common multiple of their rhythms the calendar of both repeats itself. The
    changes of the clock do not, so that some more years are looked at.
    """
    cycle = timedelta(weeks=lcm(every_weeks, other_every_weeks))
    return max(cycle, timedelta(days=CLOCK_CHANGE_YEARS * 366))


def windows_until(windows: Iterable[OpenWindow], end: datetime) -> Iterator[OpenWindow]:
    """The windows that open before an instant, of a sequence without an end."""
    for window in windows:
        if window.opens_at >= end:
            return
        yield window
