"""Reading documents: JSON from bytes, and the check against a schema."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NoReturn

from marshmallow import Schema, ValidationError, fields

from rapport_schemas.errors import (
    NOT_UTF_8,
    DocumentInvalidError,
    DocumentMalformedError,
    ErrorCode,
    FieldError,
    join_pointer,
    split_pointer,
)
from rapport_schemas.renames import find_new_name
from rapport_schemas.rules import Violation

UNKNOWN = Schema().error_messages["unknown"]
"""The library's message about a member that a schema does not know."""

LIBRARY_RULES = {
    str(message): Violation(code, detail)
    for message, code, detail in (
        (
            Schema().error_messages["type"],
            ErrorCode.WRONG_TYPE,
            "must be an object",
        ),
        (
            fields.Field.default_error_messages["required"],
            ErrorCode.MISSING,
            "is missing",
        ),
        (
            fields.Field.default_error_messages["null"],
            ErrorCode.WRONG_TYPE,
            "must not be null",
        ),
        (
            fields.Nested.default_error_messages["type"],
            ErrorCode.WRONG_TYPE,
            "must be an object",
        ),
        (
            fields.List.default_error_messages["invalid"],
            ErrorCode.WRONG_TYPE,
            "must be a list",
        ),
        (
            fields.String.default_error_messages["invalid"],
            ErrorCode.WRONG_TYPE,
            "must be text",
        ),
        (
            fields.Integer.default_error_messages["invalid"],
            ErrorCode.WRONG_TYPE,
            "must be a whole number",
        ),
        (
            fields.Boolean.default_error_messages["invalid"],
            ErrorCode.WRONG_TYPE,
            "must be true or false",
        ),
    )
}
"""The rules that marshmallow's own fields check, by the library's message."""


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
        DocumentInvalidError: it breaks rules; every value is named.
    """
    if not isinstance(document, dict):
        raise DocumentMalformedError
    try:
        loaded: dict[str, Any] = schema.load(document)
    except ValidationError as error:
        raise DocumentInvalidError(_flatten_errors(error.messages, schema)) from error
    return loaded


def load_query(schema: Schema, parameters: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Checks the parameters of a query string against their schema.

    Raises:
        DocumentInvalidError: they break rules; every parameter is named.
    """
    try:
        return load_document(schema, pairs_to_document(parameters))
    except DocumentInvalidError as error:
        raise DocumentInvalidError(
            replace(each, pointer=None, parameter=split_pointer(each.pointer or "")[0])
            for each in error.errors
        ) from error


def pairs_to_document(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The document of a form or a query string.

    Raises:
        DocumentInvalidError: a name comes twice.
    """
    listed = list(pairs)
    counts = Counter(name for name, _ in listed)
    if repeated := [name for name, count in counts.items() if count > 1]:
        raise DocumentInvalidError(
            FieldError(join_pointer(name), ErrorCode.REPEATED, "must be sent once")
            for name in repeated
        )
    return dict(listed)


def _flatten_errors(
    messages: object, place: object, *tokens: object
) -> Iterator[FieldError]:
    """The errors in marshmallow's nested messages.

    Args:
        messages: those of a value.
        place: the schema or the field of the value; None where it has none.
        *tokens: where the value is.

    Yields:
        Each error.
    """
    match messages:
        case Mapping():
            for name, nested in messages.items():
                if nested == [UNKNOWN] and isinstance(place, Schema):
                    yield _unknown_field(place, *tokens, name)
                elif name == "_schema":
                    yield from _flatten_errors(nested, place, *tokens)
                else:
                    inner = _step_into(place, name)
                    yield from _flatten_errors(nested, inner, *tokens, name)
        case Violation():
            yield FieldError(join_pointer(*tokens), *messages)
        case list():
            for message in messages:
                yield from _flatten_errors(message, place, *tokens)
        case _:
            yield FieldError(join_pointer(*tokens), *LIBRARY_RULES[str(messages)])


def _step_into(place: object, token: object) -> object:
    """The field of a member or an entry; for an object its schema."""
    match place:
        case Schema():
            field = place.fields.get(str(token))
        case fields.List():
            field = place.inner
        case _:
            field = None
    return field.schema if isinstance(field, fields.Nested) else field


def _unknown_field(schema: Schema, *tokens: object) -> FieldError:
    new_name = find_new_name(str(tokens[-1]), schema.fields)
    detail = "is not known here" if new_name is None else f"is called {new_name} now"
    return FieldError(join_pointer(*tokens), ErrorCode.UNKNOWN_FIELD, detail)


def _object_without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a duplicate name")
    return members


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(name)
