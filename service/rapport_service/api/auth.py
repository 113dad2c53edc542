"""Authentication: the scope a view requires, and transactions of its bearer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec

from flask import Response, g, request
from sqlalchemy.orm import Session

from rapport_schemas.enums import Scope
from rapport_schemas.problems import Problem
from rapport_service.agency.service import get_external_id, load_client_teams
from rapport_service.api.operation import describe
from rapport_service.api.problems import ProblemError
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook.devices import confirm_device, find_device, is_live_client
from rapport_service.pollbook.errors import DeviceRevokedError, TokenInvalidError
from rapport_service.pollbook.tokens import Bearer, verify_access_token

SCHEME = "bearer"

P = ParamSpec("P")


def require_scope(
    *scopes: Scope, allow_revoked: bool = False
) -> Callable[[Callable[Concatenate[Bearer, P], Response]], Callable[P, Response]]:
    """Lets a view run only with an access token that has one of the scopes.

    The view gets the bearer as its first argument, and opens its transactions with the
    functions below: they refuse a revoked bearer, whose token runs for minutes yet. A
    view that opened none fails.

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
            if not bearer.scopes & set(scopes):
                raise ProblemError(Problem.SCOPE_MISSING, needs=sorted(scopes))
            g.is_revocation_checked = False
            try:
                reply = view(bearer, *args, **kwargs)
            except Exception:
                if not (g.is_revocation_checked or allow_revoked):
                    with bearer_read_transaction(bearer):
                        pass  # a revoked bearer hears of that, and not of the request
                raise
            if not g.is_revocation_checked:
                raise RuntimeError("the view opened no transaction of its bearer")
            return reply

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


@contextmanager
def bearer_transaction(bearer: Bearer) -> Iterator[Session]:
    """One use case of the bearer that may write, at the poll book's door.

    The check of the bearer is part of the transaction.

    Raises:
        DeviceRevokedError: the bearer's device is revoked or not on record.
        TokenInvalidError: the bearer is a service client, revoked or not on record.
    """
    with transaction(Door.POLL_BOOK) as session:
        _refuse_revoked(session, bearer)
        if _is_first_use(session, bearer):
            confirm_device(session, bearer)
        yield session


@contextmanager
def bearer_read_transaction(
    bearer: Bearer, *, allow_revoked: bool = False
) -> Iterator[Session]:
    """One use case of the bearer that only reads, at the poll book's door.

    The check of the bearer is part of the transaction. A device's first token has to be
    noted, which takes a second one, once.

    Raises:
        DeviceRevokedError: the bearer's device is revoked or not on record.
        TokenInvalidError: the bearer is a service client, revoked or not on record.
    """
    with read_transaction(Door.POLL_BOOK) as session:
        if allow_revoked:
            g.is_revocation_checked = True
        else:
            _refuse_revoked(session, bearer)
        is_first_use = _is_first_use(session, bearer)
        yield session
    if is_first_use:
        with transaction(Door.POLL_BOOK) as session:
            confirm_device(session, bearer)


@contextmanager
def report_transaction(bearer: Bearer) -> Iterator[Session]:
    """One use case of the bearer that reads reports, at the reports' door.

    That door sees no device, so the check of the bearer is a read of its own.

    Raises:
        DeviceRevokedError: the bearer's device is revoked or not on record.
        TokenInvalidError: the bearer is a service client, revoked or not on record.
    """
    with bearer_read_transaction(bearer):
        pass
    with read_transaction(Door.REPORTS) as session:
        yield session


def is_revoked(session: Session, bearer: Bearer) -> bool:
    """Whether the bearer's device or client was revoked, or is not on record."""
    if bearer.device is None:
        return not is_live_client(session, bearer)
    device = find_device(session, bearer)
    return device is None or device.revoked


def get_actor(session: Session, bearer: Bearer) -> str:
    """The agency's own id of the person who calls, for the audit."""
    return get_external_id(session, bearer.organization_id, bearer.subject)


def require_unrestricted_client(session: Session, bearer: Bearer) -> None:
    """Refuses clients that are limited to a part of the agency.

    Raises:
        ProblemError: ``scope-missing``.
    """
    if load_client_teams(session, bearer.organization_id, bearer.subject):
        raise ProblemError(Problem.SCOPE_MISSING, needs=["a client without limit"])


def _refuse_revoked(session: Session, bearer: Bearer) -> None:
    g.is_revocation_checked = True
    if is_revoked(session, bearer):
        raise DeviceRevokedError if bearer.device else TokenInvalidError


def _is_first_use(session: Session, bearer: Bearer) -> bool:
    device = find_device(session, bearer)
    return device is not None and not device.confirmed


def _read_bearer() -> Bearer:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != SCHEME:
        raise ProblemError(Problem.UNAUTHENTICATED)
    deps = dependencies()
    return verify_access_token(deps.keyring, token, deps.clock())
