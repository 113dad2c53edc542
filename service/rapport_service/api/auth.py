"""Who may call a view: each says so in one line above it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from flask import Response, request
from sqlalchemy.orm import Session

from rapport_schemas.problems import Problem
from rapport_service.agency.service import get_external_id, load_client_teams
from rapport_service.api.operation import describe
from rapport_service.api.problems import ProblemError
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook.devices import confirm_device, find_device, is_live_client
from rapport_service.pollbook.errors import DeviceRevokedError, TokenInvalidError
from rapport_service.pollbook.tokens import Bearer, Scope, verify_access_token

SCHEME = "bearer"

P = ParamSpec("P")


def require_scope(
    *scopes: Scope, allow_revoked: bool = False
) -> Callable[[Callable[Concatenate[Bearer, P], Response]], Callable[P, Response]]:
    """Lets a view run only with an access token that has one of the scopes.

    The view gets the bearer as its first argument.

    Args:
        *scopes: one of them will do.
        revoked_too: the view tells a revoked bearer so by itself. Every other one is
            closed to the revoked at once, although their token runs for minutes yet.
    """

    def protect(
        view: Callable[Concatenate[Bearer, P], Response],
    ) -> Callable[P, Response]:
        @wraps(view)
        def protected(*args: P.args, **kwargs: P.kwargs) -> Response:
            bearer = _read_bearer()
            if not bearer.scopes & set(scopes):
                raise ProblemError(Problem.SCOPE_MISSING, needs=sorted(scopes))
            if not allow_revoked and is_revoked(bearer):
                raise DeviceRevokedError if bearer.device else TokenInvalidError
            return view(bearer, *args, **kwargs)

        vars(protected)["demanded_scopes"] = frozenset(scopes)
        describe(
            protected,
            Problem.UNAUTHENTICATED,
            Problem.TOKEN_EXPIRED,
            Problem.SCOPE_MISSING,
            *(() if allow_revoked else (Problem.DEVICE_REVOKED,)),
            scopes=frozenset(scopes),
        )
        return protected

    return protect


def is_revoked(bearer: Bearer) -> bool:
    """Whether the bearer's device or client was revoked, or is not on record.

    Notes a device's first use of a token on the way.
    """
    with read_transaction(Door.POLL_BOOK) as session:
        if bearer.device is None:
            return not is_live_client(session, bearer)
        device = find_device(session, bearer)
    if device is not None and not device.confirmed:
        with transaction(Door.POLL_BOOK) as session:
            confirm_device(session, bearer)
    return device is None or device.revoked


def actor_of(bearer: Bearer) -> str:
    """Who is at work, for the record: what the agency calls that person."""
    with read_transaction(Door.POLL_BOOK) as session:
        return get_external_id(session, bearer.organization_id, bearer.subject)


def require_unrestricted_client(session: Session, bearer: Bearer) -> None:
    """Lets nobody go on who is limited to a part of the agency, as clients can be.

    Raises:
        ProblemError: ``scope-missing``.
    """
    if load_client_teams(session, bearer.organization_id, bearer.subject):
        raise ProblemError(Problem.SCOPE_MISSING, needs=["a client without limit"])


def _read_bearer() -> Bearer:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != SCHEME:
        raise ProblemError(Problem.UNAUTHENTICATED)
    house = dependencies()
    return verify_access_token(house.keyring, token, house.clock())
