"""Reading bodies, writing documents."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

from flask import Response, request
from marshmallow import Schema, ValidationError

from rapport_schemas.problems import Problem
from rapport_service import b64
from rapport_service.agency.errors import Mistake
from rapport_service.api.coding import received
from rapport_service.api.problems import ProblemError

JSON = "application/json"
NOT_UTF_8 = "It must be in UTF-8."


def body(
    schema: Schema, most_bytes: int, reads: Mapping[str, Callable[[bytes], object]]
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
    if request.mimetype not in reads:
        raise ProblemError(Problem.MEDIA_TYPE_UNSUPPORTED, accept=", ".join(reads))
    return load(schema, reads[request.mimetype](received(most_bytes)))


def parse(data: bytes) -> object:
    """JSON as RFC 8259 has it: no NaN, no Infinity, no name twice in an object.

    Raises:
        ProblemError: ``malformed``, with the place where that can be told.
    """
    try:
        return json.loads(
            data.decode(),
            object_pairs_hook=_object,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise ProblemError(Problem.MALFORMED, detail=where) from error
    except UnicodeDecodeError as error:
        raise ProblemError(Problem.MALFORMED, detail=NOT_UTF_8) from error
    # ValueError: a name twice, no number, too many digits. RecursionError: too deep.
    except (ValueError, RecursionError) as error:
        raise ProblemError(Problem.MALFORMED) from error


def load(schema: Schema, document: object) -> dict[str, Any]:
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
        raise ProblemError(Problem.INVALID, list(_flat(error.messages))) from error
    return loaded


def dump(document: object) -> bytes:
    """A document as JSON without white space."""
    return json.dumps(document, separators=(",", ":")).encode()


def written(
    document: bytes,
    *,
    status: int = 200,
    forever: bool = False,
    secret: bool = False,
    media: str = JSON,
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
    response = Response(document, status, mimetype=media)
    if secret or request.method not in {"GET", "HEAD"}:
        response.headers["Cache-Control"] = (
            "no-store, no-transform" if secret else "no-store"
        )
        return response
    response.set_etag(b64.digest(document))
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if forever else "private, no-cache"
    )
    return response


def _flat(messages: object, path: str = "") -> Iterator[Mistake]:
    """Every mistake in marshmallow's nested messages, as a dotted path and a rule."""
    if isinstance(messages, Mapping):
        for name, below in messages.items():
            yield from _flat(below, path if name == "_schema" else _join(path, name))
    elif isinstance(messages, list):
        for message in messages:
            yield from _flat(message, path)
    else:
        yield Mistake(path, str(messages))


def _join(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
