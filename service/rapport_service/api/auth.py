"""Authentication: the scope that a view requires, and the check of its bearer."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Concatenate, ParamSpec

from flask import Response, request
from sqlalchemy.orm import Session

from rapport_schemas.enums import ActorKind, Scope
from rapport_schemas.problems import Problem
from rapport_service.agency.audit import Actor
from rapport_service.agency.service import get_external_id, load_client_teams
from rapport_service.api.operation import describe
from rapport_service.api.problems import ProblemError
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook.devices import (
    confirm_device,
    find_device,
    is_live_client,
    keep_rights,
)
from rapport_service.pollbook.errors import DeviceRevokedError, TokenInvalidError
from rapport_service.pollbook.tokens import Bearer, verify_access_token

SCHEME = "bearer"

P = ParamSpec("P")


def require_scope(
    *scopes: Scope, allow_revoked: bool = False
) -> Callable[[Callable[Concatenate[Bearer, P], Response]], Callable[P, Response]]:
    """Lets a view run only with an access token that has one of the scopes.

    A revoked bearer is refused although the token runs for minutes yet, and so is one
    who is no longer an administrator or an auditor. All of this is decided before the
    view, so before the request's query and body are read. The view
    gets the bearer as its first argument.

    Args:
        *scopes: the scopes; the token needs one of them.
        allow_revoked: the view itself answers revoked bearers.
    """

    def decorate(
        view: Callable[Concatenate[Bearer, P], Response],
    ) -> Callable[P, Response]:
        @wraps(view)
        def protected(*args: P.args, **kwargs: P.kwargs) -> Response:
            bearer = _read_bearer()
            _require_one(bearer, scopes)
            bearer, revoked = _check_bearer(bearer)
            if revoked and not allow_revoked:
                raise DeviceRevokedError if bearer.device else TokenInvalidError
            _require_one(bearer, scopes)
            return view(bearer, *args, **kwargs)

        vars(protected)["required_scopes"] = frozenset(scopes)
        describe(
            protected,
            Problem.UNAUTHENTICATED,
            Problem.TOKEN_EXPIRED,
            Problem.SCOPE_MISSING,
            *(() if allow_revoked else (Problem.DEVICE_REVOKED,)),
            scopes=frozenset(scopes),
        )
        return protected

    return decorate


def is_revoked(session: Session, bearer: Bearer) -> bool:
    """Whether the bearer's device or client was revoked, or is not on record."""
    if bearer.device is None:
        return not is_live_client(session, bearer)
    device = find_device(session, bearer)
    return device is None or device.revoked


def get_actor(session: Session, bearer: Bearer) -> Actor:
    """The person or program that calls, by the id that the audit lists."""
    if bearer.device is None:
        public_id = f"{bearer.organization_id}.{bearer.subject}"
        return Actor(ActorKind.CLIENT, public_id)
    external_id = get_external_id(session, bearer.organization_id, bearer.subject)
    return Actor(ActorKind.PERSON, external_id)


def require_unrestricted_client(session: Session, bearer: Bearer) -> None:
    """Refuses clients that are limited to a part of the agency.

    Raises:
        ProblemError: ``scope-missing``.
    """
    if load_client_teams(session, bearer.organization_id, bearer.subject):
        raise ProblemError(Problem.SCOPE_MISSING, needs=["a client without limit"])


def _require_one(bearer: Bearer, scopes: Collection[Scope]) -> None:
    if bearer.scopes.isdisjoint(scopes):
        raise ProblemError(Problem.SCOPE_MISSING, needs=sorted(scopes))


def _check_bearer(bearer: Bearer) -> tuple[Bearer, bool]:
    """The bearer with the rights that they still have, and whether they are revoked.

    In a transaction of its own.

    The first use of a device's token is confirmed here, and stays so whatever becomes
    of the request: its enrolment code is used up.
    """
    with read_transaction(Door.POLL_BOOK) as session:
        revoked = is_revoked(session, bearer)
        device = find_device(session, bearer)
        if device is not None:
            bearer = keep_rights(session, bearer)
    if device is not None and not device.confirmed:
        with transaction(Door.POLL_BOOK) as session:
            confirm_device(session, bearer)
    return bearer, revoked


def _read_bearer() -> Bearer:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != SCHEME:
        raise ProblemError(Problem.UNAUTHENTICATED)
    deps = dependencies()
    return verify_access_token(deps.keyring, token, deps.clock())
