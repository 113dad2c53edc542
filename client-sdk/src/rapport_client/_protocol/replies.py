"""Replies: the document that was asked for, or the exception for its absence."""

from http import HTTPStatus

from rapport_client import _compression
from rapport_client._compression import MAX_DECODED_BYTES
from rapport_client._http import Response
from rapport_client._json import JsonObject, read
from rapport_client._wording import bilingual_wording
from rapport_client.errors import (
    PROBLEMS,
    FieldError,
    ProblemError,
    RapportError,
    UnexpectedReply,
    UnknownProblem,
)

JSON_MEDIA_TYPE = "application/json"
PROBLEM_MEDIA_TYPE = "application/problem+json"


def read_document(
    response: Response,
    what: str,
    max_bytes: int = MAX_DECODED_BYTES,
    *,
    status: HTTPStatus = HTTPStatus.OK,
) -> JsonObject:
    """The JSON object of a reply that succeeded.

    Args:
        response: the reply.
        what: the name of the document in error messages.
        max_bytes: how long it may be, without content coding.
        status: the status that it has then.

    Raises:
        ProblemError: the service refused.
        UnexpectedReply: the reply is not one that Rapport would give.
    """
    body = read_body(response, max_bytes, status)
    return JsonObject.from_json(body, what, UnexpectedReply)


def read_body(
    response: Response,
    max_bytes: int = MAX_DECODED_BYTES,
    status: HTTPStatus = HTTPStatus.OK,
) -> bytes:
    """The bytes of a reply that succeeded and says it is JSON.

    Raises:
        ProblemError: the service refused.
        UnexpectedReply: the reply is not one that Rapport would give.
    """
    if response.status != status:
        raise to_exception(response)
    if response.media_type != JSON_MEDIA_TYPE:
        raise _foreign_reply_error(response.media_type or "no content type")
    return _compression.decode_body(response, max_bytes)


def require_success(response: Response) -> None:
    """Refuses the reply to an action that has no document.

    Raises:
        ProblemError: the service refused.
        UnexpectedReply: the reply is not one that Rapport would give.
    """
    if response.status != HTTPStatus.NO_CONTENT:
        raise to_exception(response)


def to_exception(response: Response) -> RapportError:
    """The exception for a reply without the document."""
    if (
        response.media_type != PROBLEM_MEDIA_TYPE
        or response.status < HTTPStatus.BAD_REQUEST
    ):
        return _foreign_reply_error(f"HTTP {response.status}", response.status)
    try:
        return _read_problem(response)
    except UnexpectedReply as error:
        return UnexpectedReply(str(error), response.status)


_FOREIGN_REPLY = bilingual_wording(
    "something other than Rapport replied ({}): perhaps this network wants a login"
    " first",
    "no respondió Rapport, sino otra cosa ({}): quizá esta red pide que inicie sesión"
    " primero",
)


def _foreign_reply_error(what: str, status: int | None = None) -> UnexpectedReply:
    return UnexpectedReply(_FOREIGN_REPLY.format(what), status)


def _read_problem(response: Response) -> ProblemError:
    problem = JsonObject.from_json(
        _compression.decode_body(response), "the problem", UnexpectedReply
    )
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
            read(FieldError, error)
            for error in (problem.objects("errors") if listed is not None else ())
        ),
        document=problem.raw,
    )
