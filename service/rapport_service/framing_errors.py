"""Problem documents for requests that gunicorn cannot read and no view sees."""

import json
from contextlib import suppress
from uuid import uuid4

from gunicorn.http.errors import ParseException
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from rapport_schemas.problems import CONTENT_TYPE, Problem

FRAMING_DETAIL = (
    "This is no HTTP/1.1 request (RFC 9112), or its first line or a header is too long."
)


def render_problem(problem: Problem, detail: str | None) -> bytes:
    """A whole reply with a problem document, as bytes on the wire.

    In English: an address that was not read could be one of the ballot box. It repeats
    nothing of the request.
    """
    kind = problem.kind
    document = {
        "type": f"/problems/{kind.code}",
        "title": kind.title,
        "status": kind.status,
        "code": kind.code,
        "retry": kind.retry.value,
        "request_id": uuid4().hex,
    }
    if detail is not None:
        document["detail"] = detail
    body = json.dumps(document).encode()
    head = (
        f"HTTP/1.1 {kind.status} {'Bad Request' if kind.status == 400 else 'Error'}\r\n"
        "Connection: close\r\n"
        f"Content-Type: {CONTENT_TYPE}\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n\r\n"
    )
    return head.encode() + body


class ProblemWorker(ThreadWorker):  # type: ignore[misc] # gunicorn ships no type hints
    """Worker that answers what it cannot read with a problem document, not with HTML.

    gunicorn's own page quotes the request, and its log line has the caller's address.
    """

    def handle_error(
        self, req: object, client: object, addr: object, exc: Exception
    ) -> None:
        """Answers a request that failed outside of the application."""
        del req, addr  # neither is written anywhere
        is_framing = isinstance(exc, ParseException)
        problem = Problem.BAD_REQUEST if is_framing else Problem.INTERNAL
        detail = FRAMING_DETAIL if is_framing else None
        if not is_framing:
            self.log.error("a request failed outside of the application")
        with suppress(OSError):  # the caller has gone
            write_nonblock(client, render_problem(problem, detail))
