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

from rapport_schemas.choice import Choice
from rapport_schemas.problems import Problem
from rapport_service.api.http import JSON, body, dump, load, parse, written
from rapport_service.api.table import CSV, Table, wants_csv

Loaded = dict[str, Any]
"""A request as its schema loaded it."""

Read = Callable[[bytes], object]
"""Makes a document of a body's bytes; raises ``ProblemError`` where it cannot."""

READ_JSON: Mapping[str, Read] = {JSON: parse}

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
    query: type[Schema] | None = None
    takes: type[Schema] | None = None
    accepts: tuple[str, ...] = ()
    most_bytes: int | None = None
    stated: bool = False
    gives: type[Schema] | Choice | None = None
    table: Table | None = None
    status: int = 200
    problems: frozenset[Problem] = field(default_factory=frozenset)


def operation_of(view: Callable[..., object]) -> Operation:
    """What a view says of itself; nothing, where it says nothing."""
    said: Operation = vars(view).get("operation", Operation())
    return said


def say(view: Callable[..., object], *problems: Problem, **said: Any) -> None:  # noqa: ANN401  # the attributes of Operation, of any type; replace() checks the names
    """Adds to what a view says of itself."""
    operation = operation_of(view)
    vars(view)["operation"] = replace(
        operation, problems=operation.problems | set(problems), **said
    )


def takes(
    schema: type[Schema], most_bytes: int, reads: Mapping[str, Read] = READ_JSON
) -> Callable[[Callable[Concatenate[Loaded, P], R]], Callable[P, R]]:
    """The view gets the request's body, checked, as its first argument.

    Args:
        schema: what the body must be.
        most_bytes: how long it may be, without content coding.
        reads: by content type, what makes a document of the bytes.
    """
    checks = schema()

    def decorate(view: Callable[Concatenate[Loaded, P], R]) -> Callable[P, R]:
        @wraps(view)
        def taking(*args: P.args, **kwargs: P.kwargs) -> R:
            return view(body(checks, most_bytes, reads), *args, **kwargs)

        say(
            taking,
            Problem.BAD_REQUEST,
            Problem.MALFORMED,
            Problem.INVALID,
            Problem.TOO_LARGE,
            Problem.MEDIA_TYPE_UNSUPPORTED,
            takes=schema,
            accepts=tuple(reads),
            most_bytes=most_bytes,
        )
        return taking

    return decorate


def queries(
    schema: type[Schema],
) -> Callable[[Callable[Concatenate[Loaded, P], R]], Callable[P, R]]:
    """The view gets the query string, checked, as its first argument."""
    checks = schema()

    def decorate(view: Callable[Concatenate[Loaded, P], R]) -> Callable[P, R]:
        @wraps(view)
        def querying(*args: P.args, **kwargs: P.kwargs) -> R:
            asked = load(checks, request.args.to_dict())
            return view(asked, *args, **kwargs)

        say(querying, Problem.INVALID, query=schema)
        return querying

    return decorate


def gives(
    schema: type[Schema] | Choice | None,
    *problems: Problem,
    table: Table | None = None,
    status: int = 200,
    forever: bool = False,
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
    if isinstance(schema, Choice):
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
            document = given if isinstance(given, bytes) else dump(shaped(given))
            if table is not None:
                return _negotiated(document, table)
            return written(document, status=status, forever=forever, secret=secret)

        say(
            giving,
            *problems,
            stated=True,
            gives=schema,
            table=table,
            status=status,
        )
        return giving

    return decorate


def _negotiated(document: bytes, table: Table) -> Response:
    """A document as JSON or as CSV; each of the two has an ETag of its own."""
    if wants_csv(JSON):
        response = written(table.write(json.loads(document)), media=CSV)
    else:
        response = written(document)
    response.vary.add("Accept")
    return response
