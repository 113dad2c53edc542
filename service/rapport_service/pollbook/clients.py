"""Service clients: programs that log in with a secret (RFC 6749 section 4.4)."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service.agency.models import ServiceClient
from rapport_service.agency.service import add_client, is_organization_id
from rapport_service.keyring import Keyring
from rapport_service.pollbook.codes import keyed_hash
from rapport_service.pollbook.errors import ClientInvalidError
from rapport_service.pollbook.models import ClientSecret
from rapport_service.pollbook.tokens import Bearer, Scope, Tokens, write_access


def create_client(
    session: Session,
    keyring: Keyring,
    organization_id: str,
    name: str,
    teams: Iterable[UUID],
) -> tuple[str, str]:
    """A client and its secret, which is told this once.

    Returns:
        The client's id, ``<organization>.<uuid>``, and its secret.
    """
    client = add_client(session, organization_id, name, teams)
    secret = secrets.token_urlsafe(32)
    session.add(
        ClientSecret(
            organization_id=organization_id,
            client_id=client.client_id,
            secret_hash=keyed_hash(keyring.codes, secret),
        )
    )
    return f"{organization_id}.{client.client_id}", secret


def log_in(
    session: Session, keyring: Keyring, client_id: str, secret: str, now: datetime
) -> Tokens:
    """An access token for a client that knows its secret.

    The secret's keyed hash is part of the key that is looked up, so nothing is compared
    that a timing could reveal.

    Raises:
        ClientInvalidError: unknown, revoked, or another secret; it does not say which.
    """
    organization_id, _, text = client_id.partition(".")
    try:
        key = UUID(text)
    except ValueError as error:
        raise ClientInvalidError from error
    if not is_organization_id(organization_id):
        raise ClientInvalidError
    client = session.scalar(
        select(ServiceClient)
        .join(
            ClientSecret,
            (ClientSecret.organization_id == ServiceClient.organization_id)
            & (ClientSecret.client_id == ServiceClient.client_id),
        )
        .where(
            ServiceClient.organization_id == organization_id,
            ServiceClient.client_id == key,
            ServiceClient.revoked.is_(False),
            ClientSecret.secret_hash == keyed_hash(keyring.codes, secret),
        )
    )
    if client is None:
        raise ClientInvalidError
    scopes = frozenset({Scope.INTEGRATOR})
    bearer = Bearer(organization_id, client.client_id, scopes)
    return Tokens(access=write_access(keyring, bearer, now), scopes=scopes)
