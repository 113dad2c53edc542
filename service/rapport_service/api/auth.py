"""Who may call a view: each says so in one line above it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from flask import Response, request

from rapport_schemas.problems import Problem
from rapport_service.api.problems import ProblemError
from rapport_service.pollbook.tokens import Bearer, Scope, read_access
from rapport_service.wiring import wiring

SCHEME = "bearer"

P = ParamSpec("P")


def demands(
    *scopes: Scope,
) -> Callable[[Callable[Concatenate[Bearer, P], Response]], Callable[P, Response]]:
    """Lets a view run only with an access token that has one of the scopes.

    The view gets the bearer as its first argument.
    """

    def protect(
        view: Callable[Concatenate[Bearer, P], Response],
    ) -> Callable[P, Response]:
        @wraps(view)
        def protected(*args: P.args, **kwargs: P.kwargs) -> Response:
            bearer = _bearer()
            if not bearer.scopes & set(scopes):
                raise ProblemError(Problem.SCOPE_MISSING, needs=sorted(scopes))
            return view(bearer, *args, **kwargs)

        vars(protected)["demanded_scopes"] = frozenset(scopes)
        return protected

    return protect


def _bearer() -> Bearer:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != SCHEME:
        raise ProblemError(Problem.UNAUTHENTICATED)
    house = wiring()
    return read_access(house.keyring, token, house.clock())
