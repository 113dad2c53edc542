"""What a failed request says of the line, of the server, or of what was sent."""

from http import HTTPStatus

from rapport_client._sync.pacing import RequestOutcome
from rapport_client.errors import ProblemError, RapportError, RetryLater, TimedOut

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
