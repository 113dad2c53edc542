"""Content coding of bodies: gzip in both directions (RFC 9110 section 8.4)."""

import gzip
import zlib
from collections.abc import Iterable, Iterator

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from rapport_schemas.problems import Problem
from rapport_service.api.problems import BALLOT_BOX, SUBMISSION_LIMITS, ProblemError

GZIP = "gzip"
GZIP_LEVEL = 6
PAGE_GZIP_LEVEL = 9
"""Level for files of pages: they are fetched seldom, and over weak signals."""

ETAG_SUFFIX = "-gz"
"""Suffix of the digest in the ETag of a gzipped body."""

ETAG_SUFFIXES = (ETAG_SUFFIX, "-gzip")
"""Suffixes in the ETags of callers: a proxy that compresses may add one of its own."""

TRUNCATED_DETAIL = "The body ended before its announced length."
NOT_GZIP_DETAIL = "The body is not gzip, or it breaks off before the end of the gzip."
TRAILING_DETAIL = "There are bytes behind the end of the gzip. Leave them out."

MIN_GZIP_BYTES = 512
"""Shorter bodies, in bytes, go out as they are."""

STEP_BYTES = 16 * 1024
"""Size of a step; the limits are checked after each."""

MAX_RATIO = 100
"""The most bytes that one byte may inflate to. Rosters reach 30, bombs hundreds."""

FREE_BYTES = 64 * 1024
"""Up to here any ratio is fine: short bodies that repeat themselves are harmless."""

_GZIP_WINDOW_BITS = 16 + zlib.MAX_WBITS


class NotGzipError(ValueError):
    """The bytes are not gzip, end before the gzip does, or go on behind it."""


class InflatedTooLargeError(ValueError):
    """More came out than allowed, in total or for the bytes that went in."""


def read_body(max_bytes: int) -> bytes:
    """Reads the request's body without its content coding.

    Args:
        max_bytes: the largest size, coded and decoded.

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
                detail = str(error) or NOT_GZIP_DETAIL
                raise ProblemError(Problem.MALFORMED, detail=detail) from error
        case _:
            raise ProblemError(Problem.MEDIA_TYPE_UNSUPPORTED, accept_encoding=GZIP)


def _read_chunks(max_bytes: int) -> Iterator[bytes]:
    """The body in chunks; an error if it is cut off.

    A part could be valid by itself: half a table is a table.
    """
    length = 0
    while piece := _read_chunk(max_bytes):
        length += len(piece)
        yield piece
    if request.content_length not in {None, length}:
        raise ProblemError(Problem.BAD_REQUEST, detail=TRUNCATED_DETAIL)


def _read_chunk(max_bytes: int) -> bytes:
    try:
        return request.stream.read(STEP_BYTES)
    except RequestEntityTooLarge as error:
        raise _too_large(max_bytes) from error
    except Exception as error:  # each server has its own for what is framed wrongly
        raise ProblemError(Problem.BAD_REQUEST, detail=TRUNCATED_DETAIL) from error


def _too_large(max_bytes: int) -> ProblemError:
    """The problem, with all limits of a submission, or that of this route."""
    is_submission = request.endpoint == f"{BALLOT_BOX}.create_submissions"
    limits = SUBMISSION_LIMITS if is_submission else {"bytes": max_bytes}
    return ProblemError(Problem.TOO_LARGE, limits=limits)


def inflate(chunks: Iterable[bytes], max_bytes: int) -> bytes:
    """Inflates a gzip stream (RFC 1952) in small steps, so that no bomb goes off.

    Args:
        chunks: the stream, in chunks of any size.
        max_bytes: the most that may come of it.

    Raises:
        NotGzipError: it is no gzip stream, not a whole one, or there are bytes behind
            it; the message says so of the last.
        InflatedTooLargeError: at the first step that passes a limit.
    """
    inflated = bytearray()
    consumed = 0
    has_ended = False
    member = zlib.decompressobj(_GZIP_WINDOW_BITS)
    for chunk in chunks:
        rest = chunk
        while rest:
            if member.eof:  # a stream may have several members in a row
                member = zlib.decompressobj(_GZIP_WINDOW_BITS)
                has_ended = True
            before = len(rest)
            try:
                inflated += member.decompress(rest, STEP_BYTES)
            except zlib.error as error:
                raise NotGzipError(TRAILING_DETAIL if has_ended else "") from error
            rest = member.unconsumed_tail or member.unused_data
            consumed += before - len(rest)
            if len(inflated) > min(max_bytes, max(FREE_BYTES, consumed * MAX_RATIO)):
                raise InflatedTooLargeError
    if not member.eof:
        # A byte or two behind the end look like a member that breaks off.
        raise NotGzipError(TRAILING_DETAIL if has_ended else "")
    return bytes(inflated)


def compress(response: Response) -> Response:
    """Compresses a response if the caller accepts that; 304 if they hold it already.

    A response that must not be transformed stays as it is: the length of a gzipped body
    betrays a secret to a caller who can put text beside it (the BREACH attack).
    """
    if not response.cache_control.no_transform:
        response.vary.add("Accept-Encoding")
    digest, _ = response.get_etag()
    held = [
        tag
        for tag in (digest, *(f"{digest}{suffix}" for suffix in ETAG_SUFFIXES))
        if tag is not None and request.if_none_match.contains_weak(tag)
    ]
    if digest is not None and held:
        response.set_etag(held[0])
        response.make_conditional(request)
    elif _is_compressible(response) and request.accept_encodings[GZIP] > 0:
        # No time in the header: the same document always gives the same bytes.
        level = GZIP_LEVEL if response.is_json else PAGE_GZIP_LEVEL
        response.set_data(gzip.compress(response.get_data(), level, mtime=0))
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
