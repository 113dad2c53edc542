"""Pacing rules: when to send, how much, and what to do after a failure.

The state is a value. The outcome, the time and the jitter come in as arguments, and the
next state comes out: no clock, no randomness, no socket.
"""

import math
from dataclasses import dataclass, replace
from enum import Enum
from http import HTTPStatus

from rapport_client.errors import ProblemError, RapportError, RetryLater, TimedOut

INITIAL_BATCH_SIZE = 10
MAX_SERVER_ERRORS = 3
"""Server errors in a row: on one batch before it is halved, or on one person after
another before a gateway stops asking for the rest."""

MIN_BACKOFF = 2.0
MAX_BACKOFF = 15 * 60.0
"""Seconds; the bounds of the backoff, which never ends."""

MIN_EARLY_RETRY_INTERVAL = 30.0
"""Seconds between two early tries after a connection came back."""


class RequestOutcome(Enum):
    """The outcome of one request."""

    DELIVERED = "an exact reply came"
    NO_CONNECTION = "no reply came, or one from something else"
    TIMED_OUT = "the server was reached and stayed silent"
    BUSY = "the server asks to wait"
    SERVER_ERROR = "the server broke"
    TOO_LARGE = "the request is too large"
    TOO_LARGE_ON_THE_WAY = "something on the way finds it too large"
    REFUSED = "the request is wrong"


class NextStep(Enum):
    """The next step for the items of the request."""

    SETTLE = "record the result of each"
    RETRY = "queue them again and stop"
    RETRY_SMALLER = "queue them again and go on with fewer at once"
    MOVE_TO_END = "it is one item: put it behind all others and go on"
    PAUSE = "the same once more: put it behind all others and stop"
    MARK_DEAD = "it is one item that is refused for good: mark it and go on"


@dataclass(frozen=True)
class Pace:
    """The pace: batch size and backoff.

    Attributes:
        max_size: the most items that a request may ever have.
        size: the most that the next one may have.
        min_rejected_size: the fewest items that were too many, None before any were.
        failures: in a row, of the connection or the server.
        not_before: on the monotonic clock; no request before, unless a person asks.
        server_errors: in a row, on the present batch.
        last_early_at: when an early try was last made.
    """

    max_size: int
    size: int = INITIAL_BATCH_SIZE
    min_rejected_size: int | None = None
    failures: int = 0
    not_before: float = -math.inf
    server_errors: int = 0
    last_early_at: float = -math.inf

    def with_limit(self, max_size: int) -> "Pace":
        """The same under another published limit."""
        return replace(self, max_size=max_size, size=min(self.size, max_size))

    def connected(self, now: float) -> "Pace":
        """The same after a connection came back: one early try, at most every 30 s.

        A ``Retry-After`` of the server holds anyway; see ``GatedTransport``.
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
        jitter: uniformly random in [0, 1).
    """
    match outcome:
        case RequestOutcome.DELIVERED:
            return _after_delivery(pace, items), NextStep.SETTLE
        case RequestOutcome.NO_CONNECTION | RequestOutcome.BUSY:
            return _back_off(pace, now, jitter), NextStep.RETRY
        case RequestOutcome.TIMED_OUT:
            # The connection or the item may be the cause: other items get their turn.
            is_blamed = items == 1 and pace.server_errors + 1 >= MAX_SERVER_ERRORS
            pace = _back_off(_record_rejected_size(pace, items), now, jitter)
            return pace, NextStep.PAUSE if is_blamed else NextStep.RETRY
        case RequestOutcome.SERVER_ERROR:
            return _after_server_error(pace, items, now, jitter)
        case _:
            return _after_refusal(pace, outcome, items, now, jitter)


def compute_backoff(failures: int, jitter: float) -> float:
    """Seconds to wait after a number of failures in a row: full jitter, 2 s to 15 min.

    The source is "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015); the
    shortest wait is added so that a jitter of 0 does not send at once.
    """
    # 2**9 * 2 s exceeds 15 min; a larger power could exceed what a float holds.
    ceiling = min(MAX_BACKOFF, MIN_BACKOFF * 2.0 ** min(failures, 9))
    return MIN_BACKOFF + jitter * (ceiling - MIN_BACKOFF)


def _after_delivery(pace: Pace, items: int) -> Pace:
    size = pace.size
    if items >= size:  # a smaller batch proves nothing about a larger one
        size *= 2
        if pace.min_rejected_size is not None:
            size = max(items, min(size, (items + pace.min_rejected_size) // 2))
    return replace(
        pace,
        size=min(size, pace.max_size),
        failures=0,
        not_before=-math.inf,
        server_errors=0,
    )


def _back_off(pace: Pace, now: float, jitter: float) -> Pace:
    failures = pace.failures + 1
    return replace(
        pace, failures=failures, not_before=now + compute_backoff(failures, jitter)
    )


def _after_server_error(
    pace: Pace, items: int, now: float, jitter: float
) -> tuple[Pace, NextStep]:
    server_errors = pace.server_errors + 1
    if server_errors < MAX_SERVER_ERRORS:
        return _back_off(
            replace(pace, server_errors=server_errors), now, jitter
        ), NextStep.RETRY
    if items > 1:
        return _back_off(_halve(pace, items), now, jitter), NextStep.RETRY
    if server_errors > MAX_SERVER_ERRORS:
        return _back_off(replace(pace, server_errors=0), now, jitter), NextStep.PAUSE
    # The failures are kept until a delivery: perhaps it is not this item.
    return replace(
        pace, server_errors=0, failures=pace.failures + 1
    ), NextStep.MOVE_TO_END


def _after_refusal(
    pace: Pace, outcome: RequestOutcome, items: int, now: float, jitter: float
) -> tuple[Pace, NextStep]:
    """The request was read and refused: it was too large, or one item is wrong."""
    if items > 1:
        smaller = _halve if outcome is RequestOutcome.REFUSED else _record_rejected_size
        return smaller(pace, items), NextStep.RETRY_SMALLER
    if outcome is RequestOutcome.TOO_LARGE_ON_THE_WAY:
        return _after_server_error(pace, items, now, jitter)
    # The one item was the cause, so its neighbours were not too many.
    return replace(pace, min_rejected_size=None, server_errors=0), NextStep.MARK_DEAD


def _halve(pace: Pace, items: int) -> Pace:
    return replace(pace, size=max(1, items // 2), server_errors=0)


def _record_rejected_size(pace: Pace, items: int) -> Pace:
    if items == 1:  # no reply to one item says nothing about batch sizes
        return replace(pace, server_errors=0)
    min_rejected_size = (
        items if pace.min_rejected_size is None else min(items, pace.min_rejected_size)
    )
    return replace(_halve(pace, items), min_rejected_size=min_rejected_size)


_INVALID_STATUSES = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
_BUSY_STATUSES = frozenset(
    {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
)

_NOT_ITEM_CODES = frozenset({"credentials-not-wanted"})
"""Problem codes about the connection, not about the items."""


def classify_error(error: RapportError) -> RequestOutcome:
    """The outcome for an error that a flow raised.

    Only a problem document of Rapport can say that a request is wrong: no other device
    on the network may decide about an answer.
    """
    match error:
        case TimedOut():
            return RequestOutcome.TIMED_OUT
        case RetryLater():
            return RequestOutcome.BUSY
        case ProblemError() if error.status in _INVALID_STATUSES:
            not_item = error.code in _NOT_ITEM_CODES
            return RequestOutcome.NO_CONNECTION if not_item else RequestOutcome.REFUSED
        case _:
            return _classify_status(error, getattr(error, "status", None) or 0)


def _classify_status(error: RapportError, status: int) -> RequestOutcome:
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        is_rapport = isinstance(error, ProblemError)
        return (
            RequestOutcome.TOO_LARGE
            if is_rapport
            else RequestOutcome.TOO_LARGE_ON_THE_WAY
        )
    if status in _BUSY_STATUSES:
        return RequestOutcome.BUSY
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return RequestOutcome.SERVER_ERROR
    return RequestOutcome.NO_CONNECTION
