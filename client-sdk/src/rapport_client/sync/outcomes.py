"""What a failed request says of the line, of the server, or of what was sent."""

from http import HTTPStatus

from rapport_client.errors import ProblemError, RapportError, RetryLater, TimedOut
from rapport_client.sync.pacing import Outcome

_WRONG = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
_BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})

_NOT_THE_ITEM = frozenset({"credentials-not-wanted"})
"""Refusals that say something of the way, and nothing of what was sent."""


def outcome_of(error: RapportError) -> Outcome:
    """What to make of an error that a flow raised.

    Only a problem document of Rapport's own can say that a request is wrong: whatever
    else stands on the way shall never decide about an answer.
    """
    match error:
        case TimedOut():
            return Outcome.TIMED_OUT
        case RetryLater():
            return Outcome.BUSY
        case ProblemError() if error.status in _WRONG:
            known = error.code in _NOT_THE_ITEM
            return Outcome.NO_LINE if known else Outcome.REFUSED
        case _:
            return _by_status(error, getattr(error, "status", None) or 0)


def _by_status(error: RapportError, status: int) -> Outcome:
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        ours = isinstance(error, ProblemError)
        return Outcome.TOO_LARGE if ours else Outcome.FOREIGN_LIMIT
    if status in _BUSY:
        return Outcome.BUSY
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Outcome.BROKEN
    return Outcome.NO_LINE
