"""When to send, how much, and what to make of a failure: rules without a clock.

The state is a value. What happened, the time and the dice come in as arguments, and the
next state comes out; whoever holds the socket also holds these.
"""

import math
from dataclasses import dataclass, replace
from enum import Enum
from http import HTTPStatus

from rapport_client.errors import ProblemError, RapportError, RetryLater, TimedOut

INITIAL_BATCH_SIZE = 10
MAX_SERVER_ERRORS = 3
"""Times in a row that a server may break: on the same items before they are cut, on
one person after another before the others are left in peace."""

MIN_BACKOFF = 2.0
MAX_BACKOFF = 15 * 60.0
"""Seconds; the bounds of the backoff. No number of failures ends it."""

MIN_EARLY_RETRY_INTERVAL = 30.0
"""Seconds between two tries made early because a connection came back."""


class RequestOutcome(Enum):
    """What became of one request."""

    DELIVERED = "an exact reply came"
    NO_CONNECTION = "no reply came, or one from something else"
    TIMED_OUT = "the server was reached and stayed silent"
    BUSY = "the server asks for patience"
    SERVER_ERROR = "the server broke"
    TOO_LARGE = "the request is too large"
    TOO_LARGE_ON_THE_WAY = "something on the way finds it too large"
    REFUSED = "the request is wrong"


class NextStep(Enum):
    """What to do with the items of the request."""

    SETTLE = "note what the server said of each"
    RETRY = "queue them again and stop"
    RETRY_SMALLER = "queue them again and go on with fewer at once"
    MOVE_TO_END = "it is one item: put it behind all others and go on"
    PAUSE = "the same once more: put it behind all others and stop"
    MARK_DEAD = "it is one item: nobody will ever take it; go on"


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
    size: int = INITIAL_BATCH_SIZE
    too_many: int | None = None
    failures: int = 0
    not_before: float = -math.inf
    broken: int = 0
    last_early_at: float = -math.inf

    def with_limit(self, most: int) -> "Pace":
        """The same under another published limit."""
        return replace(self, most=most, size=min(self.size, most))

    def connected(self, now: float) -> "Pace":
        """The same after a connection came back: one early try, now and then.

        A wish of the server is not touched by this; it is kept elsewhere.
        """
        if (
            now < self.not_before
            and now - self.last_early_at >= MIN_EARLY_RETRY_INTERVAL
        ):
            return replace(self, not_before=now, last_early_at=now)
        return self


def next_pace(
    pace: Pace, outcome: RequestOutcome, items: int, now: float, jitter: float
) -> tuple[Pace, NextStep]:
    """The pace after a request, and what to do with its items.

    Args:
        pace: before.
        outcome: of the request.
        items: how many it had.
        now: the monotonic clock, in seconds.
        dice: uniformly random in [0, 1).
    """
    match outcome:
        case RequestOutcome.DELIVERED:
            return _after_delivery(pace, items), NextStep.SETTLE
        case RequestOutcome.NO_CONNECTION | RequestOutcome.BUSY:
            return _back_off(pace, now, jitter), NextStep.RETRY
        case RequestOutcome.TIMED_OUT:
            # Silence may be the line's fault or the item's: the others get their turn.
            blamed = items == 1 and pace.broken + 1 >= MAX_SERVER_ERRORS
            pace = _back_off(_note_too_many(pace, items), now, jitter)
            return pace, NextStep.PAUSE if blamed else NextStep.RETRY
        case RequestOutcome.SERVER_ERROR:
            return _after_server_error(pace, items, now, jitter)
        case _:
            return _after_refusal(pace, outcome, items, now, jitter)


def compute_backoff(failures: int, jitter: float) -> float:
    """How long to wait after so many failures in a row: full jitter, 2 s to 15 min.

    The source is "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015); the
    shortest wait is added so that no dice send at once.
    """
    # 2**9 * 2 s exceeds 15 min; a larger power could exceed what a float holds.
    ceiling = min(MAX_BACKOFF, MIN_BACKOFF * 2.0 ** min(failures, 9))
    return MIN_BACKOFF + jitter * (ceiling - MIN_BACKOFF)


def _after_delivery(pace: Pace, items: int) -> Pace:
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


def _back_off(pace: Pace, now: float, dice: float) -> Pace:
    failures = pace.failures + 1
    return replace(
        pace, failures=failures, not_before=now + compute_backoff(failures, dice)
    )


def _after_server_error(
    pace: Pace, items: int, now: float, dice: float
) -> tuple[Pace, NextStep]:
    broken = pace.broken + 1
    if broken < MAX_SERVER_ERRORS:
        return _back_off(replace(pace, broken=broken), now, dice), NextStep.RETRY
    if items > 1:
        return _back_off(_halve(pace, items), now, dice), NextStep.RETRY
    if broken > MAX_SERVER_ERRORS:
        return _back_off(replace(pace, broken=0), now, dice), NextStep.PAUSE
    # The failures stand until something is delivered: maybe it is not this item.
    return replace(pace, broken=0, failures=pace.failures + 1), NextStep.MOVE_TO_END


def _after_refusal(
    pace: Pace, outcome: RequestOutcome, items: int, now: float, dice: float
) -> tuple[Pace, NextStep]:
    """The request was read and not taken: it was too large, or one item is wrong."""
    if items > 1:
        smaller = _halve if outcome is RequestOutcome.REFUSED else _note_too_many
        return smaller(pace, items), NextStep.RETRY_SMALLER
    if outcome is RequestOutcome.TOO_LARGE_ON_THE_WAY:
        return _after_server_error(pace, items, now, dice)
    # The one item was the fault, so its neighbours were not too many.
    return replace(pace, too_many=None, broken=0), NextStep.MARK_DEAD


def _halve(pace: Pace, items: int) -> Pace:
    return replace(pace, size=max(1, items // 2), broken=0)


def _note_too_many(pace: Pace, items: int) -> Pace:
    if items == 1:  # silence on one item says nothing about how many are too many
        return replace(pace, broken=0)
    too_many = items if pace.too_many is None else min(items, pace.too_many)
    return replace(_halve(pace, items), too_many=too_many)


_INVALID_STATUSES = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
_BUSY_STATUSES = frozenset(
    {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
)

_NOT_ITEM_CODES = frozenset({"credentials-not-wanted"})
"""Refusals that say something of the way, and nothing of what was sent."""


def classify_error(error: RapportError) -> RequestOutcome:
    """What to make of an error that a flow raised.

    Only a problem document of Rapport's own can say that a request is wrong: whatever
    else stands on the way shall never decide about an answer.
    """
    match error:
        case TimedOut():
            return RequestOutcome.TIMED_OUT
        case RetryLater():
            return RequestOutcome.BUSY
        case ProblemError() if error.status in _INVALID_STATUSES:
            known = error.code in _NOT_ITEM_CODES
            return RequestOutcome.NO_CONNECTION if known else RequestOutcome.REFUSED
        case _:
            return _classify_status(error, getattr(error, "status", None) or 0)


def _classify_status(error: RapportError, status: int) -> RequestOutcome:
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        ours = isinstance(error, ProblemError)
        return RequestOutcome.TOO_LARGE if ours else RequestOutcome.TOO_LARGE_ON_THE_WAY
    if status in _BUSY_STATUSES:
        return RequestOutcome.BUSY
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return RequestOutcome.SERVER_ERROR
    return RequestOutcome.NO_CONNECTION
