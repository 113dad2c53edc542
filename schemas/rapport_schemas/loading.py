"""Reading documents: JSON from bytes, and the check against a schema."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from marshmallow import Schema, ValidationError

from rapport_schemas.errors import (
    NOT_UTF_8,
    DocumentInvalidError,
    DocumentMalformedError,
    FieldError,
)


def parse_json(data: bytes) -> object:
    """Parses JSON as RFC 8259 has it: no NaN, no Infinity, no duplicate names.

    Raises:
        DocumentMalformedError: with line and column where they are known.
    """
    try:
        return json.loads(
            data.decode(),
            object_pairs_hook=_object_without_duplicates,
            parse_constant=_reject_constant,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise DocumentMalformedError(where) from error
    except UnicodeDecodeError as error:
        raise DocumentMalformedError(NOT_UTF_8) from error
    # ValueError: a duplicate name, NaN, too many digits. RecursionError: too deep.
    except (ValueError, RecursionError) as error:
        raise DocumentMalformedError from error


def load_document(schema: Schema, document: object) -> dict[str, Any]:
    """Checks a parsed document against its schema; unknown members are errors.

    Raises:
        DocumentMalformedError: it is no object.
        DocumentInvalidError: it breaks rules; every field is named.
    """
    if not isinstance(document, dict):
        raise DocumentMalformedError
    try:
        loaded: dict[str, Any] = schema.load(document)
    except ValidationError as error:
        raise DocumentInvalidError(list(_flatten_errors(error.messages))) from error
    return loaded


def _flatten_errors(messages: object, path: str = "") -> Iterator[FieldError]:
    """Marshmallow's nested messages as dotted paths and rules."""
    if isinstance(messages, Mapping):
        for name, nested in messages.items():
            yield from _flatten_errors(
                nested, path if name == "_schema" else _join_path(path, name)
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
        raise ValueError("a duplicate name")
    return members


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(name)
