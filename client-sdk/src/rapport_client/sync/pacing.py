"""When to send, how much, and what to make of a failure: rules without a clock.

The state is a value. What happened, the time and the dice come in as arguments, and the
next state comes out; whoever holds the socket also holds these.
"""

import math
from dataclasses import dataclass, replace
from enum import Enum

FIRST_SIZE = 10
TRIES = 3
"""Times in a row that a server may break: on the same items before they are cut, on
one person after another before the others are left in peace."""

SHORTEST_WAIT = 2.0
LONGEST_WAIT = 15 * 60.0
"""Seconds; the bounds of the backoff. No number of failures ends it."""

EARLY_EVERY = 30.0
"""Seconds between two tries made early because a connection came back."""


class Outcome(Enum):
    """What became of one request."""

    DELIVERED = "an exact reply came"
    NO_LINE = "no reply came, or one from something else"
    TIMED_OUT = "the server was reached and stayed silent"
    BUSY = "the server asks for patience"
    BROKEN = "the server broke"
    TOO_LARGE = "the request is too large"
    FOREIGN_LIMIT = "something on the way finds it too large"
    REFUSED = "the request is wrong"


class Fate(Enum):
    """What to do with the items of the request."""

    CONCLUDED = "note what the server said of each"
    AGAIN = "queue them again and stop"
    SMALLER = "queue them again and go on with fewer at once"
    BACK = "it is one item: put it behind all others and go on"
    REST = "the same once more: put it behind all others and stop"
    DEAD = "it is one item: nobody will ever take it; go on"


@dataclass(frozen=True)
class Pace:
    """How fast and in what portions to send.

    Attributes:
        most: the most items that a request may ever have.
        size: the most that the next may have.
        too_many: the fewest that were ever too many, None before any were.
        failures: in a row, of the line or the server.
        not_before: on the monotonic clock; no request before, of its own accord.
        broken: how often in a row the server broke on the present cut.
        early: when a try was last made early.
    """

    most: int
    size: int = FIRST_SIZE
    too_many: int | None = None
    failures: int = 0
    not_before: float = -math.inf
    broken: int = 0
    early: float = -math.inf

    def limited(self, most: int) -> "Pace":
        """The same under another published limit."""
        return replace(self, most=most, size=min(self.size, most))

    def connected(self, now: float) -> "Pace":
        """The same after a connection came back: one early try, now and then.

        A wish of the server is not touched by this; it is kept elsewhere.
        """
        if now < self.not_before and now - self.early >= EARLY_EVERY:
            return replace(self, not_before=now, early=now)
        return self


def after(
    pace: Pace, outcome: Outcome, items: int, now: float, dice: float
) -> tuple[Pace, Fate]:
    """The pace after a request, and what to do with its items.

    Args:
        pace: before.
        outcome: of the request.
        items: how many it had.
        now: the monotonic clock, in seconds.
        dice: uniformly random in [0, 1).
    """
    match outcome:
        case Outcome.DELIVERED:
            return _delivered(pace, items), Fate.CONCLUDED
        case Outcome.NO_LINE | Outcome.BUSY:
            return _waiting(pace, now, dice), Fate.AGAIN
        case Outcome.TIMED_OUT:
            # Silence may be the line's fault or the item's: the others get their turn.
            blamed = items == 1 and pace.broken + 1 >= TRIES
            pace = _waiting(_too_many(pace, items), now, dice)
            return pace, Fate.REST if blamed else Fate.AGAIN
        case Outcome.BROKEN:
            return _broken(pace, items, now, dice)
        case _:
            return _refused(pace, outcome, items, now, dice)


def wait_after(failures: int, dice: float) -> float:
    """How long to wait after so many failures in a row: full jitter, 2 s to 15 min.

    The source is "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015); the
    shortest wait is added so that no dice send at once.
    """
    # 2**9 * 2 s exceeds 15 min; a larger power could exceed what a float holds.
    ceiling = min(LONGEST_WAIT, SHORTEST_WAIT * 2.0 ** min(failures, 9))
    return SHORTEST_WAIT + dice * (ceiling - SHORTEST_WAIT)


def _delivered(pace: Pace, items: int) -> Pace:
    size = pace.size
    if items >= size:  # a smaller cut proves nothing about a larger one
        size *= 2
        if pace.too_many is not None:
            size = max(items, min(size, (items + pace.too_many) // 2))
    return replace(
        pace,
        size=min(size, pace.most),
        failures=0,
        not_before=-math.inf,
        broken=0,
    )


def _waiting(pace: Pace, now: float, dice: float) -> Pace:
    failures = pace.failures + 1
    return replace(pace, failures=failures, not_before=now + wait_after(failures, dice))


def _broken(pace: Pace, items: int, now: float, dice: float) -> tuple[Pace, Fate]:
    broken = pace.broken + 1
    if broken < TRIES:
        return _waiting(replace(pace, broken=broken), now, dice), Fate.AGAIN
    if items > 1:
        return _waiting(_halved(pace, items), now, dice), Fate.AGAIN
    if broken > TRIES:
        return _waiting(replace(pace, broken=0), now, dice), Fate.REST
    # The failures stand until something is delivered: maybe it is not this item.
    return replace(pace, broken=0, failures=pace.failures + 1), Fate.BACK


def _refused(
    pace: Pace, outcome: Outcome, items: int, now: float, dice: float
) -> tuple[Pace, Fate]:
    """The request was read and not taken: it was too large, or one item is wrong."""
    if items > 1:
        smaller = _halved if outcome is Outcome.REFUSED else _too_many
        return smaller(pace, items), Fate.SMALLER
    if outcome is Outcome.FOREIGN_LIMIT:
        return _broken(pace, items, now, dice)
    # The one item was the fault, so its neighbours were not too many.
    return replace(pace, too_many=None, broken=0), Fate.DEAD


def _halved(pace: Pace, items: int) -> Pace:
    return replace(pace, size=max(1, items // 2), broken=0)


def _too_many(pace: Pace, items: int) -> Pace:
    if items == 1:  # silence on one item says nothing about how many are too many
        return replace(pace, broken=0)
    too_many = items if pace.too_many is None else min(items, pace.too_many)
    return replace(_halved(pace, items), too_many=too_many)
