"""What a view says of itself, in the lines above it: takes, gives, what can go wrong.

The same lines do the work they tell of. From the top down a view has its route, who may
call it (``demands``), what it asks for (``queries``, ``takes``) and what it answers
(``gives``)::

    @blueprint.post("/v1/ballots")
    @demands(Scope.MEMBER)
    @takes(DrawsRequest, MOST_BYTES)
    @gives(DrawsReply)
    def post_ballots(sent: Loaded, bearer: Bearer) -> object: ...

They run in that order, so nobody's body is read before they may call; each puts its
argument before those of the lines above it. The published document is made of what
they leave behind, an ``Operation``.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from flask import Response, request
from marshmallow import Schema

from rapport_schemas.discriminated_union import DiscriminatedUnion
from rapport_schemas.loading import load_document, parse_json
from rapport_schemas.problems import Problem
from rapport_service.api.json_io import (
    JSON,
    document_response,
    dump_json,
    load_body,
)
from rapport_service.api.tables.writer import CSV, Table, wants_csv

RequestData = dict[str, Any]
"""A request as its schema loaded it."""

BodyParser = Callable[[bytes], object]
"""Makes a document of a body's bytes; raises ``ProblemError`` where it cannot."""

JSON_PARSERS: Mapping[str, BodyParser] = {JSON: parse_json}

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Operation:
    """The contract of one view.

    Attributes:
        scopes: an access token needs one of these; None where nobody logs in.
        query: what may stand in the query string.
        takes: the body's schema.
        accepts: the content types that the body may have.
        most_bytes: how long the body may be, without content coding.
        stated: whether the view says anything of its reply.
        gives: the schema of the reply, or None where it has no body.
        table: the reply as CSV, for whoever would rather have that.
        status: the reply's status.
        problems: what can go wrong, besides what can go wrong everywhere.
    """

    scopes: frozenset[str] | None = None
    query_schema: type[Schema] | None = None
    body_schema: type[Schema] | None = None
    content_types: tuple[str, ...] = ()
    max_bytes: int | None = None
    is_documented: bool = False
    response_schema: type[Schema] | DiscriminatedUnion | None = None
    table: Table | None = None
    status: int = 200
    problems: frozenset[Problem] = field(default_factory=frozenset)


def operation_of(view: Callable[..., object]) -> Operation:
    """What a view says of itself; nothing, where it says nothing."""
    said: Operation = vars(view).get("operation", Operation())
    return said


def describe(
    view: Callable[..., object],
    *problems: Problem,
    **said: Any,  # noqa: ANN401
) -> None:  # the attributes of Operation, of any type; replace() checks the names
    """Adds to what a view says of itself."""
    operation = operation_of(view)
    vars(view)["operation"] = replace(
        operation, problems=operation.problems | set(problems), **said
    )


def body(
    schema: type[Schema],
    max_bytes: int,
    parsers: Mapping[str, BodyParser] = JSON_PARSERS,
) -> Callable[[Callable[Concatenate[RequestData, P], R]], Callable[P, R]]:
    """The view gets the request's body, checked, as its first argument.

    Args:
        schema: what the body must be.
        most_bytes: how long it may be, without content coding.
        reads: by content type, what makes a document of the bytes.
    """
    checks = schema()

    def decorate(view: Callable[Concatenate[RequestData, P], R]) -> Callable[P, R]:
        @wraps(view)
        def taking(*args: P.args, **kwargs: P.kwargs) -> R:
            return view(load_body(checks, max_bytes, parsers), *args, **kwargs)

        describe(
            taking,
            Problem.BAD_REQUEST,
            Problem.MALFORMED,
            Problem.INVALID,
            Problem.TOO_LARGE,
            Problem.MEDIA_TYPE_UNSUPPORTED,
            body_schema=schema,
            content_types=tuple(parsers),
            max_bytes=max_bytes,
        )
        return taking

    return decorate


def query(
    schema: type[Schema],
) -> Callable[[Callable[Concatenate[RequestData, P], R]], Callable[P, R]]:
    """The view gets the query string, checked, as its first argument."""
    checks = schema()

    def decorate(view: Callable[Concatenate[RequestData, P], R]) -> Callable[P, R]:
        @wraps(view)
        def querying(*args: P.args, **kwargs: P.kwargs) -> R:
            asked = load_document(checks, request.args.to_dict())
            return view(asked, *args, **kwargs)

        describe(querying, Problem.INVALID, query_schema=schema)
        return querying

    return decorate


def response(
    schema: type[Schema] | DiscriminatedUnion | None,
    *problems: Problem,
    table: Table | None = None,
    status: int = 200,
    immutable: bool = False,
    secret: bool = False,
) -> Callable[[Callable[P, object]], Callable[P, Response]]:
    """The view returns a document; it is written through its schema.

    What is kept as bytes goes out as those bytes; a response goes out as it is.

    Args:
        schema: what the reply is; None where it has no body.
        *problems: what else can go wrong here.
        table: the reply as CSV, for whoever would rather have that.
        status: the status of the reply.
        forever: the reply never changes, so anybody may keep it.
        secret: the reply holds a secret beside what was sent, and is never gzipped.
    """
    if isinstance(schema, DiscriminatedUnion):
        shaped: Callable[[Any], object] = schema.dump
    elif schema is not None:
        shaped = schema().dump

    def decorate(view: Callable[P, object]) -> Callable[P, Response]:
        @wraps(view)
        def giving(*args: P.args, **kwargs: P.kwargs) -> Response:
            given = view(*args, **kwargs)
            if isinstance(given, Response):
                return given
            if schema is None:
                return Response(status=status)
            document = given if isinstance(given, bytes) else dump_json(shaped(given))
            if table is not None:
                return _negotiate_response(document, table)
            return document_response(
                document, status=status, immutable=immutable, secret=secret
            )

        describe(
            giving,
            *problems,
            is_documented=True,
            response_schema=schema,
            table=table,
            status=status,
        )
        return giving

    return decorate


def _negotiate_response(document: bytes, table: Table) -> Response:
    """A document as JSON or as CSV; each of the two has an ETag of its own."""
    if wants_csv(JSON):
        response = document_response(table.write(json.loads(document)), media_type=CSV)
    else:
        response = document_response(document)
    response.vary.add("Accept")
    return response
