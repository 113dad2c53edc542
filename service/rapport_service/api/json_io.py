"""Reading bodies, writing documents."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

from flask import Response, request
from marshmallow import Schema, ValidationError

from rapport_schemas.problems import Problem
from rapport_service.agency.errors import FieldError
from rapport_service.api.compression import read_body
from rapport_service.api.problems import ProblemError
from rapport_service.encoding import base64url

JSON = "application/json"
NOT_UTF_8 = "It must be in UTF-8."


def load_body(
    schema: Schema, max_bytes: int, parsers: Mapping[str, Callable[[bytes], object]]
) -> dict[str, Any]:
    """The request's body, checked against a schema.

    Args:
        schema: what it must be.
        most_bytes: how long it may be, without content coding.
        reads: by content type, what makes a document of the bytes.

    Raises:
        ProblemError: another content type, too large, unreadable, or a rule broken; the
            problem names every field.
    """
    if request.mimetype not in parsers:
        raise ProblemError(Problem.MEDIA_TYPE_UNSUPPORTED, accept=", ".join(parsers))
    return load_document(schema, parsers[request.mimetype](read_body(max_bytes)))


def parse_json(data: bytes) -> object:
    """JSON as RFC 8259 has it: no NaN, no Infinity, no name twice in an object.

    Raises:
        ProblemError: ``malformed``, with the place where that can be told.
    """
    try:
        return json.loads(
            data.decode(),
            object_pairs_hook=_object_without_duplicates,
            parse_constant=_reject_constant,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise ProblemError(Problem.MALFORMED, detail=where) from error
    except UnicodeDecodeError as error:
        raise ProblemError(Problem.MALFORMED, detail=NOT_UTF_8) from error
    # ValueError: a name twice, no number, too many digits. RecursionError: too deep.
    except (ValueError, RecursionError) as error:
        raise ProblemError(Problem.MALFORMED) from error


def load_document(schema: Schema, document: object) -> dict[str, Any]:
    """A parsed document, checked.

    Unknown members are mistakes, unless the schema says otherwise.

    Raises:
        ProblemError: ``invalid``, naming every field and the rule it breaks.
    """
    if not isinstance(document, dict):
        raise ProblemError(Problem.MALFORMED)
    try:
        loaded: dict[str, Any] = schema.load(document)
    except ValidationError as error:
        raise ProblemError(
            Problem.INVALID, list(_flatten_errors(error.messages))
        ) from error
    return loaded


def dump_json(document: object) -> bytes:
    """A document as JSON without white space."""
    return json.dumps(document, separators=(",", ":")).encode()


def document_response(
    document: bytes,
    *,
    status: int = 200,
    immutable: bool = False,
    secret: bool = False,
    media_type: str = JSON,
) -> Response:
    """A document as the reply to this request.

    What was read gets its digest as strong ETag; what an action gave is nobody's to
    keep.

    Args:
        document: its bytes.
        status: the status of the reply.
        forever: the document never changes, so anybody may keep it.
        secret: it must go out as it is, since its length after gzip could betray it.
        media: its content type.
    """
    response = Response(document, status, mimetype=media_type)
    if secret or request.method not in {"GET", "HEAD"}:
        response.headers["Cache-Control"] = (
            "no-store, no-transform" if secret else "no-store"
        )
        return response
    response.set_etag(base64url.digest(document))
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if immutable else "private, no-cache"
    )
    return response


def _flatten_errors(messages: object, path: str = "") -> Iterator[FieldError]:
    """Every mistake in marshmallow's nested messages, as a dotted path and a rule."""
    if isinstance(messages, Mapping):
        for name, below in messages.items():
            yield from _flatten_errors(
                below, path if name == "_schema" else _join_path(path, name)
            )
    elif isinstance(messages, list):
        for message in messages:
            yield from _flatten_errors(message, path)
    else:
        yield FieldError(path, str(messages))


def _join_path(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def _object_without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice")
    return members


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(name)
