"""Who may call a view: each says so in one line above it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from flask import Response, request
from sqlalchemy.exc import NoResultFound

from rapport_schemas.problems import Problem
from rapport_service.agency.service import external_id_of
from rapport_service.api.contract import say
from rapport_service.api.problems import ProblemError
from rapport_service.db import Door, reading
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
        say(
            protected,
            Problem.UNAUTHENTICATED,
            Problem.TOKEN_EXPIRED,
            Problem.SCOPE_MISSING,
            scopes=frozenset(scopes),
        )
        return protected

    return protect


def actor(bearer: Bearer) -> str:
    """Who is at work, for the record: what the agency calls that person.

    Raises:
        ProblemError: ``unauthenticated``, where the token's person is not on record.
    """
    with reading(Door.POLL_BOOK) as session:
        try:
            return external_id_of(session, bearer.organization_id, bearer.subject)
        except NoResultFound as error:
            # Signed by us, but nobody's: after a restore, say, of an older backup.
            raise ProblemError(Problem.UNAUTHENTICATED) from error


def _bearer() -> Bearer:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != SCHEME:
        raise ProblemError(Problem.UNAUTHENTICATED)
    house = wiring()
    return read_access(house.keyring, token, house.clock())
