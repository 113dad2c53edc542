"""Reads replies: the document that was asked for, or an exception that says why."""

from http import HTTPStatus

from rapport_client import coding
from rapport_client.errors import (
    PROBLEMS,
    FieldError,
    ProblemError,
    RapportError,
    UnexpectedReply,
    UnknownProblem,
)
from rapport_client.members import Members
from rapport_client.wire import Response

JSON = "application/json"
PROBLEM = "application/problem+json"


def document(response: Response, what: str) -> Members:
    """The JSON object of a 200.

    Args:
        response: what came.
        what: how error messages name it.

    Raises:
        ProblemError: the service refused.
        UnexpectedReply: the reply is not one that Rapport would give.
    """
    return Members.of_json(body(response), what, UnexpectedReply)


def body(response: Response) -> bytes:
    """The bytes of a 200 that says it is JSON.

    Raises:
        ProblemError: the service refused.
        UnexpectedReply: the reply is not one that Rapport would give.
    """
    if response.status != HTTPStatus.OK:
        raise refusal(response)
    if response.media_type != JSON:
        raise _foreign(response.media_type or "no content type")
    return coding.plain(response)


def refusal(response: Response) -> RapportError:
    """The exception for a reply that is not the one asked for."""
    if response.media_type != PROBLEM or response.status < HTTPStatus.BAD_REQUEST:
        return _foreign(f"HTTP {response.status}", response.status)
    try:
        return _problem(response)
    except UnexpectedReply as error:
        return UnexpectedReply(str(error), response.status)


def _foreign(what: str, status: int | None = None) -> UnexpectedReply:
    return UnexpectedReply(
        f"something other than Rapport replied ({what}):"
        " perhaps this network wants a login first",
        status,
    )


def _problem(response: Response) -> ProblemError:
    problem = Members.of_json(coding.plain(response), "the problem", UnexpectedReply)
    code = problem.text("code")
    listed = problem.raw.get("errors")
    return PROBLEMS.get(code, UnknownProblem)(
        status=response.status,
        code=code,
        title=problem.text_or_none("title") or code,
        detail=problem.text_or_none("detail"),
        retry=problem.text_or_none("retry"),
        request_id=problem.text_or_none("request_id"),
        errors=tuple(
            FieldError(error.text("field"), error.text("rule"))
            for error in (problem.objects("errors") if listed is not None else ())
        ),
        document=problem.raw,
    )
