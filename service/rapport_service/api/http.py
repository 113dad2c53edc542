"""Reading bodies, writing documents."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from flask import Response, request
from marshmallow import RAISE, Schema, ValidationError

from rapport_schemas.problems import Problem
from rapport_service import b64
from rapport_service.agency.errors import Mistake
from rapport_service.api.problems import BALLOT_BOX, LIMITS, ProblemError

JSON = "application/json"


def body(schema: Schema, most_bytes: int) -> dict[str, Any]:
    """The request's JSON body, checked against a schema.

    Raises:
        ProblemError: another content type, too large, not JSON, or a rule broken; the
            problem names every field.
    """
    if request.mimetype != JSON:
        raise ProblemError(Problem.MEDIA_TYPE_UNSUPPORTED, accept=JSON)
    return load(schema, parse(read(most_bytes)))


def read(most_bytes: int) -> bytes:
    """The request's body.

    Raises:
        ProblemError: ``too-large``, with the limits of this door.
    """
    # One byte more: a body in chunks would be cut off at the limit, without a word.
    request.max_content_length = most_bytes + 1
    too_large = (request.content_length or 0) > most_bytes
    data = b"" if too_large else request.get_data()
    if too_large or len(data) > most_bytes:
        limits = LIMITS if request.blueprint == BALLOT_BOX else {"bytes": most_bytes}
        raise ProblemError(Problem.TOO_LARGE, limits=limits)
    return data


def parse(data: bytes) -> object:
    """JSON as RFC 8259 has it: no NaN, no Infinity, no name twice in an object.

    Raises:
        ProblemError: ``malformed``.
    """
    try:
        return json.loads(
            data.decode(),
            object_pairs_hook=_object,
            parse_constant=_no_constant,
        )
    # ValueError: bad UTF-8, bad JSON, too many digits. RecursionError: too deep.
    except (ValueError, RecursionError) as error:
        raise ProblemError(Problem.MALFORMED) from error


def load(schema: Schema, document: object) -> dict[str, Any]:
    """A parsed document, checked; unknown members are mistakes.

    Raises:
        ProblemError: ``invalid``, naming every field and the rule it breaks.
    """
    if not isinstance(document, dict):
        raise ProblemError(Problem.MALFORMED)
    try:
        loaded: dict[str, Any] = schema.load(document, unknown=RAISE)
    except ValidationError as error:
        raise ProblemError(Problem.INVALID, list(_flat(error.messages))) from error
    return loaded


def dump(schema: Schema, document: object) -> Response:
    """A reply, written through its schema."""
    return written(json.dumps(schema.dump(document), separators=(",", ":")).encode())


def written(document: bytes, *, forever: bool = False) -> Response:
    """A JSON document with its digest as strong ETag; 304 where the caller has it.

    Args:
        forever: the document never changes, so anybody may keep it.
    """
    response = Response(document, mimetype=JSON)
    response.set_etag(b64.digest(document))
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if forever else "private, no-cache"
    )
    response.make_conditional(request)
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
