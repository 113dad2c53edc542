"""Contract of a view, in the decorators above it: scopes, query, body, response.

The decorators also do the work. From the top down a view has its route, who may call it
(``require_scope``), the request (``query``, ``body``) and the reply (``response``)::

    @blueprint.post("/v1/ballots")
    @require_scope(Scope.MEMBER)
    @body(DrawsRequestSchema, MAX_DRAWS_BYTES)
    @response(DrawsReplySchema)
    def draw_ballots(document: RequestData, bearer: Bearer) -> object: ...

Without ``query`` the query string must be empty: ``response`` refuses any other, unless
``ignore_query`` is above it.

They run in that order, so no body is read of a bearer who may not call; each puts its
argument before those of the decorators above it. Each notes its part in the view's
``Operation`` (``describe``), from which the published document is made.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from flask import Response, current_app, request
from marshmallow import Schema

from rapport_schemas.discriminated_union import DiscriminatedUnion
from rapport_schemas.loading import load_query, parse_json
from rapport_schemas.problems import Problem
from rapport_service.api.json_io import (
    CSV,
    JSON,
    BodyParser,
    ErrorLocator,
    document_response,
    dump_json,
    loaded_body,
    read_if_match,
    wants_csv,
)
from rapport_service.api.pages import next_link
from rapport_service.tables.table import Table

RequestData = dict[str, Any]
"""A request's data as its schema loaded it."""

JSON_PARSERS: Mapping[str, BodyParser] = {JSON: parse_json}
NO_LOCATORS: Mapping[str, ErrorLocator] = {}
NO_PARAMETERS = Schema()

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Operation:
    """The contract of one view.

    Attributes:
        scopes: an access token needs one of these; None where there is no login.
        query_schema: the schema of the query string; None where it must be empty.
        ignores_query: whether any query string will do.
        body_schema: the schema of the body.
        content_types: the content types that the body may have.
        max_bytes: the largest body, without content coding.
        heeds_if_match: whether it takes the header ``If-Match``.
        is_documented: whether the view states its reply.
        response_schema: the schema of the reply; None where it has no body.
        table: the reply as CSV, for callers who prefer that.
        has_page: whether it is a page too, for callers who prefer that.
        status: the reply's status.
        location: where what was created can be fetched.
        problems: the problems of this view, besides those of every view.
    """

    scopes: frozenset[str] | None = None
    query_schema: type[Schema] | None = None
    ignores_query: bool = False
    body_schema: type[Schema] | None = None
    content_types: tuple[str, ...] = ()
    max_bytes: int | None = None
    heeds_if_match: bool = False
    is_documented: bool = False
    response_schema: type[Schema] | DiscriminatedUnion | None = None
    table: Table | None = None
    has_page: bool = False
    status: int = 200
    location: str | None = None
    problems: frozenset[Problem] = field(default_factory=frozenset)


def operation_of(view: Callable[..., object]) -> Operation:
    """The contract of a view; an empty one where it states none."""
    operation: Operation = vars(view).get("operation", Operation())
    return operation


def describe(
    view: Callable[..., object],
    *problems: Problem,
    **parts: Any,  # noqa: ANN401
) -> None:  # the attributes of Operation, of any type; replace() checks the names
    """Adds parts to the contract of a view."""
    operation = operation_of(view)
    vars(view)["operation"] = replace(
        operation, problems=operation.problems | set(problems), **parts
    )


def body(
    schema: type[Schema],
    max_bytes: int,
    parsers: Mapping[str, BodyParser] = JSON_PARSERS,
    locators: Mapping[str, ErrorLocator] = NO_LOCATORS,
) -> Callable[[Callable[Concatenate[RequestData, P], R]], Callable[P, R]]:
    """The view gets the request's body, checked, as its first argument.

    Args:
        schema: the schema of the body.
        max_bytes: the largest size, without content coding.
        parsers: by content type, the parser of the bytes.
        locators: by content type, what finds the errors of a document in its bytes.
    """
    checks = schema()

    def decorate(view: Callable[Concatenate[RequestData, P], R]) -> Callable[P, R]:
        @wraps(view)
        def with_body(*args: P.args, **kwargs: P.kwargs) -> R:
            with loaded_body(checks, max_bytes, parsers, locators) as document:
                return view(document, *args, **kwargs)

        describe(
            with_body,
            Problem.BAD_REQUEST,
            Problem.MALFORMED,
            Problem.INVALID,
            Problem.TOO_LARGE,
            Problem.MEDIA_TYPE_UNSUPPORTED,
            body_schema=schema,
            content_types=tuple(parsers),
            max_bytes=max_bytes,
        )
        return with_body

    return decorate


def query(
    schema: type[Schema],
) -> Callable[[Callable[Concatenate[RequestData, P], R]], Callable[P, R]]:
    """The view gets the query string, checked, as its first argument."""
    checks = schema()

    def decorate(view: Callable[Concatenate[RequestData, P], R]) -> Callable[P, R]:
        @wraps(view)
        def with_query(*args: P.args, **kwargs: P.kwargs) -> R:
            parameters = load_query(checks, request.args.items(multi=True))
            return view(parameters, *args, **kwargs)

        describe(with_query, Problem.INVALID, query_schema=schema)
        return with_query

    return decorate


def ignore_query(view: Callable[P, R]) -> Callable[P, R]:
    """The view ignores the query string instead of refusing one."""
    describe(view, ignores_query=True)
    return view


def if_match(
    view: Callable[Concatenate[frozenset[str] | None, P], R],
) -> Callable[P, R]:
    """The view gets the digests of ``If-Match`` as its first argument, or None."""

    @wraps(view)
    def with_digests(*args: P.args, **kwargs: P.kwargs) -> R:
        return view(read_if_match(), *args, **kwargs)

    describe(with_digests, Problem.PRECONDITION_FAILED, heeds_if_match=True)
    return with_digests


def response(
    schema: type[Schema] | DiscriminatedUnion | None,
    *problems: Problem,
    table: Table | None = None,
    status: int = 200,
    location: str | None = None,
    immutable: bool = False,
    max_age: int | None = None,
    secret: bool = False,
    depends_on_reader: bool = False,
) -> Callable[[Callable[P, object]], Callable[P, Response]]:
    """The view returns a document, which its schema writes.

    Stored bytes go out as they are; so does a ``Response``.

    Args:
        schema: the schema of the reply; None where it has no body.
        *problems: the problems of this view.
        table: the reply as CSV, for callers who prefer that.
        status: the status of the reply.
        location: where what was created can be fetched: a path, with members of the
            reply in braces.
        immutable: the reply never changes, so every cache may keep it.
        max_age: how long every cache may keep it otherwise, in seconds.
        secret: the reply holds a secret beside what was sent, and is never gzipped.
        depends_on_reader: readers of one resource get different replies.
    """
    if isinstance(schema, DiscriminatedUnion):
        dump: Callable[[Any], object] = schema.dump
    elif schema is not None:
        dump = schema().dump

    def decorate(view: Callable[P, object]) -> Callable[P, Response]:
        @wraps(view)
        def with_response(*args: P.args, **kwargs: P.kwargs) -> Response:
            _refuse_query_without_schema()
            result = view(*args, **kwargs)
            if isinstance(result, Response):
                return result
            if schema is None:
                return Response(status=status)
            document = result if isinstance(result, bytes) else dump_json(dump(result))
            if table is not None:
                reply = _negotiate_response(document, table)
            else:
                reply = document_response(
                    document,
                    status=status,
                    immutable=immutable,
                    max_age=max_age,
                    secret=secret,
                )
            if location is not None:
                path = location.format_map(json.loads(document))
                reply.location = f"{request.script_root}{path}"
            if depends_on_reader:
                reply.vary.add("Authorization")
            return reply

        describe(
            with_response,
            *problems,
            is_documented=True,
            response_schema=schema,
            table=table,
            status=status,
            location=location,
        )
        return with_response

    return decorate


def _refuse_query_without_schema() -> None:
    operation = operation_of(current_app.view_functions[request.endpoint or ""])
    if operation.query_schema is None and not operation.ignores_query:
        load_query(NO_PARAMETERS, request.args.items(multi=True))


def _negotiate_response(document: bytes, table: Table) -> Response:
    """A document as JSON or as CSV; each of the two has an ETag of its own."""
    if wants_csv():
        members = json.loads(document)
        cursor = members.get("next")
        reply = document_response(
            table.write(members),
            media_type=CSV,
            link=None if cursor is None else next_link(cursor),
        )
    else:
        reply = document_response(document)
    reply.vary.add("Accept")
    return reply
