"""Rule against a clock that leapt ahead: what waits until the clock is confirmed.

A server's clock may be months ahead after a start without a battery or a restored
snapshot. What a tick does then cannot be undone. So a step does not follow a clock that
leapt over a wave's whole window, until the clock has gone on for an hour or an operator
has confirmed it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

MIN_LEAP = timedelta(hours=1)
"""More than this between two ticks may be a leap of the clock."""

CONFIRMATION_TIME = timedelta(hours=1)
"""How long after the first sight of a leap a tick confirms it, by that same clock."""


@dataclass(frozen=True)
class TickTimes:
    """Times of the clock that ticks have noted.

    Attributes:
        ticked_at: the last tick whose clock is confirmed; None before the first tick.
        leap_seen_at: the first tick after a leap that is not confirmed yet, or None.
    """

    ticked_at: datetime | None = None
    leap_seen_at: datetime | None = None


@dataclass(frozen=True)
class Window:
    """A wave's ``[opens_at, closes_at)``, and since when its dates are known.

    The plan reads the clock as well: a wave that was planned after a leap was not leapt
    over.
    """

    opens_at: datetime
    closes_at: datetime
    known_at: datetime


def note_tick(times: TickTimes, now: datetime, *, confirmed: bool = False) -> TickTimes:
    """Return the times that are noted after a tick.

    A clock that jumps back leaves what was confirmed as it is. If it comes back from a
    leap that was not confirmed, the leap is forgotten.

    Args:
        times: noted by the ticks before.
        now: the clock of this tick.
        confirmed: an operator says that the clock is right now.
    """
    if confirmed or times.ticked_at is None:
        return TickTimes(now)
    if now - times.ticked_at <= MIN_LEAP:
        return TickTimes(max(times.ticked_at, now))
    if times.leap_seen_at is None or now < times.leap_seen_at:
        return TickTimes(times.ticked_at, now)
    waited = now - times.leap_seen_at
    if waited < CONFIRMATION_TIME:
        return times
    if waited <= CONFIRMATION_TIME + MIN_LEAP:
        return TickTimes(now)
    return TickTimes(times.leap_seen_at, now)  # confirmed until then; the rest is new


def must_wait(times: TickTimes, due_at: datetime, window: Window) -> bool:
    """Return whether a step of a wave must wait for the clock to be confirmed.

    Args:
        times: noted by ticks, this one too.
        due_at: when the step is due.
        window: the window of the wave.
    """
    if times.ticked_at is None or times.leap_seen_at is None:
        return False
    since = max(times.ticked_at, window.known_at)
    length = window.closes_at - window.opens_at
    return due_at > since and times.leap_seen_at - since > max(MIN_LEAP, length)
