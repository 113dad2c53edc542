"""Content coding: gzip on the way in and on the way out (RFC 9110 section 8.4)."""

import gzip
from collections.abc import Iterator

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from rapport_schemas.problems import Problem
from rapport_service.api.inflate import (
    STEP_BYTES,
    NotGzipError,
    TooMuchError,
    inflate,
)
from rapport_service.api.problems import BALLOT_BOX, LIMITS, ProblemError

GZIP = "gzip"
LEVEL = 6

SUFFIX = "-gz"
"""Stands behind the digest in the ETag of a gzipped body."""

BROKE_OFF = "It broke off before the end that was announced."

WORTH_IT = 512
"""Shorter bodies, in bytes, go out as they are."""


def received(most_bytes: int) -> bytes:
    """The request's body without its content coding.

    Args:
        most_bytes: how long it may be, coded and decoded.

    Raises:
        ProblemError: too long, cut off, a coding other than gzip, or not the gzip it
            says.
    """
    # One byte more: a body in chunks would be cut off at the limit, without a word.
    request.max_content_length = most_bytes + 1
    if (request.content_length or 0) > most_bytes:
        raise _too_large(most_bytes)
    match request.headers.get("Content-Encoding", "").strip().lower():
        case "" | "identity":
            return b"".join(_sent(most_bytes))
        case "gzip" | "x-gzip":
            try:
                return inflate(_sent(most_bytes), most_bytes)
            except TooMuchError as error:
                raise _too_large(most_bytes) from error
            except NotGzipError as error:
                raise ProblemError(Problem.MALFORMED) from error
        case _:
            raise ProblemError(Problem.MEDIA_TYPE_UNSUPPORTED, accept_encoding=GZIP)


def _sent(most_bytes: int) -> Iterator[bytes]:
    """The body as it comes, in pieces; whole, or not at all.

    What was cut off could be in order by itself: half a table is a table.
    """
    length = 0
    while piece := _piece(most_bytes):
        length += len(piece)
        yield piece
    if request.content_length not in {None, length}:
        raise ProblemError(Problem.BAD_REQUEST, detail=BROKE_OFF)


def _piece(most_bytes: int) -> bytes:
    try:
        return request.stream.read(STEP_BYTES)
    except RequestEntityTooLarge as error:
        raise _too_large(most_bytes) from error
    except Exception as error:  # each server has its own for what is framed wrongly
        raise ProblemError(Problem.BAD_REQUEST, detail=BROKE_OFF) from error


def _too_large(most_bytes: int) -> ProblemError:
    """The problem, with the limits of this door."""
    limits = LIMITS if request.blueprint == BALLOT_BOX else {"bytes": most_bytes}
    return ProblemError(Problem.TOO_LARGE, limits=limits)


def send(response: Response) -> Response:
    """Codes a response if the caller can read that; 304 if they have it, in any coding.

    What must not be transformed is left alone: the length of a gzipped body tells
    whoever can put text beside a secret what the secret is (the BREACH attack).
    """
    if not response.cache_control.no_transform:
        response.vary.add("Accept-Encoding")
    digest, _ = response.get_etag()
    held = [
        tag
        for tag in (digest, f"{digest}{SUFFIX}")
        if tag is not None and request.if_none_match.contains_weak(tag)
    ]
    if digest is not None and held:
        response.set_etag(held[0])
        response.make_conditional(request)
    elif _may_be_coded(response) and request.accept_encodings[GZIP] > 0:
        # No time in the header: the same document always gives the same bytes.
        response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
        response.content_encoding = GZIP
        if digest is not None:
            response.set_etag(f"{digest}{SUFFIX}")
    return response


def _may_be_coded(response: Response) -> bool:
    return (
        not response.cache_control.no_transform
        and not response.is_streamed
        and len(response.get_data()) >= WORTH_IT
    )
