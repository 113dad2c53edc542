"""Content coding: gzip on the way in and on the way out (RFC 9110 section 8.4)."""

import gzip
from collections.abc import Iterator

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from rapport_schemas.problems import Problem
from rapport_service.api.inflate import (
    STEP_BYTES,
    InflatedTooLargeError,
    NotGzipError,
    inflate,
)
from rapport_service.api.problems import BALLOT_BOX, SUBMISSION_LIMITS, ProblemError

GZIP = "gzip"
GZIP_LEVEL = 6

ETAG_SUFFIX = "-gz"
"""Stands behind the digest in the ETag of a gzipped body."""

TRUNCATED_DETAIL = "It broke off before the end that was announced."

MIN_GZIP_BYTES = 512
"""Shorter bodies, in bytes, go out as they are."""


def read_body(max_bytes: int) -> bytes:
    """The request's body without its content coding.

    Args:
        most_bytes: how long it may be, coded and decoded.

    Raises:
        ProblemError: too long, cut off, a coding other than gzip, or not the gzip it
            says.
    """
    # One byte more: a body in chunks would be cut off at the limit, without a word.
    request.max_content_length = max_bytes + 1
    if (request.content_length or 0) > max_bytes:
        raise _too_large(max_bytes)
    match request.headers.get("Content-Encoding", "").strip().lower():
        case "" | "identity":
            return b"".join(_read_chunks(max_bytes))
        case "gzip" | "x-gzip":
            try:
                return inflate(_read_chunks(max_bytes), max_bytes)
            except InflatedTooLargeError as error:
                raise _too_large(max_bytes) from error
            except NotGzipError as error:
                raise ProblemError(Problem.MALFORMED) from error
        case _:
            raise ProblemError(Problem.MEDIA_TYPE_UNSUPPORTED, accept_encoding=GZIP)


def _read_chunks(most_bytes: int) -> Iterator[bytes]:
    """The body as it comes, in pieces; whole, or not at all.

    What was cut off could be in order by itself: half a table is a table.
    """
    length = 0
    while piece := _read_chunk(most_bytes):
        length += len(piece)
        yield piece
    if request.content_length not in {None, length}:
        raise ProblemError(Problem.BAD_REQUEST, detail=TRUNCATED_DETAIL)


def _read_chunk(most_bytes: int) -> bytes:
    try:
        return request.stream.read(STEP_BYTES)
    except RequestEntityTooLarge as error:
        raise _too_large(most_bytes) from error
    except Exception as error:  # each server has its own for what is framed wrongly
        raise ProblemError(Problem.BAD_REQUEST, detail=TRUNCATED_DETAIL) from error


def _too_large(most_bytes: int) -> ProblemError:
    """The problem, with the limits of this door."""
    limits = (
        SUBMISSION_LIMITS if request.blueprint == BALLOT_BOX else {"bytes": most_bytes}
    )
    return ProblemError(Problem.TOO_LARGE, limits=limits)


def compress(response: Response) -> Response:
    """Codes a response if the caller can read that; 304 if they have it, in any coding.

    What must not be transformed is left alone: the length of a gzipped body tells
    whoever can put text beside a secret what the secret is (the BREACH attack).
    """
    if not response.cache_control.no_transform:
        response.vary.add("Accept-Encoding")
    digest, _ = response.get_etag()
    held = [
        tag
        for tag in (digest, f"{digest}{ETAG_SUFFIX}")
        if tag is not None and request.if_none_match.contains_weak(tag)
    ]
    if digest is not None and held:
        response.set_etag(held[0])
        response.make_conditional(request)
    elif _is_compressible(response) and request.accept_encodings[GZIP] > 0:
        # No time in the header: the same document always gives the same bytes.
        response.set_data(gzip.compress(response.get_data(), GZIP_LEVEL, mtime=0))
        response.content_encoding = GZIP
        if digest is not None:
            response.set_etag(f"{digest}{ETAG_SUFFIX}")
    return response


def _is_compressible(response: Response) -> bool:
    return (
        not response.cache_control.no_transform
        and not response.is_streamed
        and len(response.get_data()) >= MIN_GZIP_BYTES
    )
