"""Request bodies in, documents out."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from flask import Response, request
from marshmallow import Schema

from rapport_schemas.errors import DocumentInvalidError, FieldError
from rapport_schemas.loading import load_document
from rapport_schemas.problems import Problem
from rapport_service.api.compression import ETAG_SUFFIXES, read_body
from rapport_service.api.problems import ProblemError
from rapport_service.encoding import base64url

JSON = "application/json"
HTML = "text/html"
CSV = "text/csv"

BodyParser = Callable[[bytes], object]
"""Parses a body's bytes; raises ``DocumentMalformedError`` where it cannot."""

ErrorLocator = Callable[[bytes, Sequence[FieldError]], Iterable[FieldError]]
"""Finds the errors of a document in the bytes that it was parsed from."""


@contextmanager
def loaded_body(
    schema: Schema,
    max_bytes: int,
    parsers: Mapping[str, BodyParser],
    locators: Mapping[str, ErrorLocator],
) -> Iterator[dict[str, Any]]:
    """The request's body, read and checked against a schema, while it is worked with.

    Args:
        schema: the schema of the body.
        max_bytes: the largest size without content coding.
        parsers: by content type, the parser of the bytes.
        locators: by content type, what finds the errors of a document in its bytes.

    Raises:
        ProblemError: another content type, or too large.
        DocumentMalformedError: the parser cannot read it.
        DocumentInvalidError: it breaks rules; every value is named.
    """
    if request.mimetype not in parsers:
        raise ProblemError(Problem.MEDIA_TYPE_UNSUPPORTED, accept=", ".join(parsers))
    locate = locators.get(request.mimetype)
    data = read_body(max_bytes)
    try:
        document = load_document(schema, parsers[request.mimetype](data))
        if locate is None:
            data = b""  # it need not be in memory twice
        yield document
    except DocumentInvalidError as error:
        if locate is None:
            raise
        raise DocumentInvalidError(locate(data, error.errors)) from error


def read_if_match() -> frozenset[str] | None:
    """The digests of documents that the request may replace; None if of any.

    RFC 9110 section 13.1.1: a weak ETag matches nothing.
    """
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    tags = request.if_match.as_set()
    for suffix in ETAG_SUFFIXES:
        tags = {tag.removesuffix(suffix) for tag in tags}
    return frozenset(tags)


def wants_csv() -> bool:
    """Whether the caller prefers CSV to JSON (RFC 9110 section 12.5.1).

    The most specific range of ``Accept`` that covers a type decides on it. A caller
    who prefers neither gets JSON.
    """
    accepted = request.accept_mimetypes
    preference = max(accepted[CSV], accepted[f"{CSV};charset=utf-8"])
    return preference > accepted[JSON]


def wants_page() -> bool:
    """Whether the caller prefers a page for people to JSON, as browsers do."""
    accepted = request.accept_mimetypes
    return accepted[HTML] > accepted[JSON]


def dump_json(document: object) -> bytes:
    """A document as JSON without white space."""
    return json.dumps(document, separators=(",", ":")).encode()


def document_response(
    document: bytes,
    *,
    status: int = 200,
    immutable: bool = False,
    max_age: int | None = None,
    secret: bool = False,
    media_type: str = JSON,
    link: str | None = None,
) -> Response:
    """A document as the reply to this request.

    The reply to a read has the document's digest as strong ETag; the reply to an action
    must not be stored.

    Args:
        document: its bytes.
        status: the status of the reply.
        immutable: the document never changes, so every cache may keep it.
        max_age: how long every cache may keep it otherwise, in seconds.
        secret: it must go out as it is, since its length after gzip could betray it.
        media_type: its content type.
        link: its header ``Link``. The ETag covers it: a cache must learn that a list
            goes on now.
    """
    response = Response(document, status, mimetype=media_type)
    if secret or request.method not in {"GET", "HEAD"}:
        response.headers["Cache-Control"] = (
            "no-store, no-transform" if secret else "no-store"
        )
        return response
    if link is not None:
        response.headers["Link"] = link
    response.set_etag(base64url.digest(document + (link or "").encode()))
    if immutable:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif max_age is not None:
        response.headers["Cache-Control"] = f"public, max-age={max_age}"
    else:
        response.headers["Cache-Control"] = "private, no-cache"
    return response
