"""Service clients: programs that log in with a secret (RFC 6749 section 4.4)."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from rapport_schemas.enums import Scope
from rapport_schemas.errors import join_pointer
from rapport_service.agency import audit
from rapport_service.agency.audit import Actor
from rapport_service.agency.errors import UnknownTeamError
from rapport_service.agency.models import ClientTeam, ServiceClient
from rapport_service.agency.service import (
    add_client,
    is_organization_id,
    list_teams,
    load_client_teams,
)
from rapport_service.core.derived_keys import Keyring
from rapport_service.encoding.timestamps import format_utc
from rapport_service.pollbook.codes import keyed_hash
from rapport_service.pollbook.errors import (
    ClientInvalidError,
    ClientLimitError,
    ClientRevokedError,
    ClientUnknownError,
)
from rapport_service.pollbook.models import ClientSecret
from rapport_service.pollbook.tokens import Bearer, Tokens, sign_access_token

SECRET_OVERLAP = timedelta(hours=24)
"""How long a secret stays valid after its successor was made."""


@dataclass(frozen=True)
class Client:
    """A service client as administrators see it, without its secret.

    Attributes:
        public_id: ``<organization>.<uuid>``, with which it logs in.
        team_ids: the subtrees it is limited to; empty means no limit.
    """

    public_id: str
    name: str
    scopes: frozenset[Scope]
    team_ids: frozenset[UUID]
    revoked: bool


@dataclass(frozen=True)
class IssuedSecret:
    """A client's new secret, which is shown this once.

    Attributes:
        previous_until: when the secrets before it end; None where there are none.
    """

    client: Client
    secret: str
    previous_until: datetime | None = None


def create_client(
    session: Session,
    keyring: Keyring,
    organization_id: str,
    name: str,
    scopes: Collection[Scope],
    team_ids: Collection[UUID],
    now: datetime,
    actor: Actor,
) -> IssuedSecret:
    """Creates a client and its secret. Audited.

    Raises:
        ClientLimitError: roster access limited to teams; a roster is always whole.
        UnknownTeamError: names a team that the roster does not list.
    """
    if team_ids and Scope.ROSTER in scopes:
        raise ClientLimitError
    known = {team.team_id for team in list_teams(session, organization_id)}
    if unknown := [at for at, team in enumerate(team_ids) if team not in known]:
        raise UnknownTeamError(*(join_pointer("team_ids", at) for at in unknown))
    row = add_client(session, organization_id, name, scopes, set(team_ids))
    client = _client(row, team_ids)
    audit.append_entry(
        session, organization_id, now, actor, "created a client", client.public_id
    )
    return IssuedSecret(client, _new_secret(session, keyring, row))


def rotate_client(
    session: Session,
    keyring: Keyring,
    organization_id: str,
    public_id: str,
    now: datetime,
    actor: Actor,
) -> IssuedSecret:
    """Gives a client a new secret; the earlier one stays valid for a day. Audited.

    Raises:
        ClientUnknownError: the organization has no such client.
        ClientRevokedError: revoked for good.
    """
    row = _lock_client(session, organization_id, public_id)
    if row.revoked:
        raise ClientRevokedError
    ends = now + SECRET_OVERLAP
    for earlier in session.scalars(
        select(ClientSecret).where(
            ClientSecret.organization_id == organization_id,
            ClientSecret.client_id == row.client_id,
        )
    ):
        if earlier.expires_at is None:
            earlier.expires_at = ends
        elif earlier.expires_at <= now:
            session.delete(earlier)
    audit.append_entry(
        session, organization_id, now, actor, "rotated a client", public_id
    )
    client = _client(row, load_client_teams(session, organization_id, row.client_id))
    return IssuedSecret(client, _new_secret(session, keyring, row), ends)


def revoke_client(
    session: Session, organization_id: str, public_id: str, now: datetime, actor: Actor
) -> Client:
    """Revokes a client for good: no new tokens, and its tokens stop working. Audited.

    Raises:
        ClientUnknownError: the organization has no such client.
    """
    row = _lock_client(session, organization_id, public_id)
    if not row.revoked:
        row.revoked = True
        audit.append_entry(
            session, organization_id, now, actor, "revoked a client", public_id
        )
    return _client(row, load_client_teams(session, organization_id, row.client_id))


def get_client(session: Session, organization_id: str, public_id: str) -> Client:
    """A client of the organization.

    Raises:
        ClientUnknownError: the organization has no such client.
    """
    owner, client_id = _parse_client_id(public_id)
    row = session.get(ServiceClient, (organization_id, client_id))
    if row is None or owner != organization_id:
        raise ClientUnknownError(public_id)
    return _client(row, load_client_teams(session, organization_id, client_id))


def list_clients(session: Session, organization_id: str) -> list[Client]:
    """Every client of the organization, revoked ones too, by name."""
    limits: dict[UUID, set[UUID]] = {}
    for row in session.scalars(
        select(ClientTeam).where(ClientTeam.organization_id == organization_id)
    ):
        limits.setdefault(row.client_id, set()).add(row.team_id)
    return [
        _client(row, limits.get(row.client_id, ()))
        for row in session.scalars(
            select(ServiceClient)
            .where(ServiceClient.organization_id == organization_id)
            .order_by(ServiceClient.name, ServiceClient.client_id)
        )
    ]


def client_document(client: Client) -> dict[str, object]:
    """A client as ``ClientSchema`` writes it."""
    return {
        "id": client.public_id,
        "name": client.name,
        "scopes": sorted(client.scopes),
        "team_ids": sorted(map(str, client.team_ids)),
        "revoked": client.revoked,
    }


def client_secret_document(issued: IssuedSecret) -> dict[str, object]:
    """A client with its new secret as ``ClientSecretReplySchema`` writes it."""
    until = issued.previous_until
    return client_document(issued.client) | {
        "secret": issued.secret,
        "previous_secret_valid_until": None if until is None else format_utc(until),
    }


def log_in(
    session: Session, keyring: Keyring, client_id: str, secret: str, now: datetime
) -> Tokens:
    """Issues an access token to a client that knows its secret.

    The secret's keyed hash is part of the key that is looked up, so nothing is compared
    that a timing could reveal.

    Raises:
        ClientInvalidError: unknown, revoked, or another secret; it does not say which.
    """
    try:
        organization_id, key = _parse_client_id(client_id)
    except ClientUnknownError as error:
        raise ClientInvalidError from error
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
            or_(ClientSecret.expires_at.is_(None), ClientSecret.expires_at > now),
        )
    )
    if client is None:
        raise ClientInvalidError
    scopes = _parse_scopes(client)
    bearer = Bearer(organization_id, client.client_id, scopes)
    return Tokens(access=sign_access_token(keyring, bearer, now), scopes=scopes)


def _new_secret(session: Session, keyring: Keyring, client: ServiceClient) -> str:
    secret = secrets.token_urlsafe(32)
    session.add(
        ClientSecret(
            organization_id=client.organization_id,
            client_id=client.client_id,
            secret_hash=keyed_hash(keyring.codes, secret),
            expires_at=None,
        )
    )
    return secret


def _lock_client(
    session: Session, organization_id: str, public_id: str
) -> ServiceClient:
    owner, key = _parse_client_id(public_id)
    client = session.get(
        ServiceClient, (organization_id, key), with_for_update={"key_share": True}
    )
    if client is None or owner != organization_id:
        raise ClientUnknownError(public_id)
    return client


def _parse_client_id(public_id: str) -> tuple[str, UUID]:
    organization_id, _, text = public_id.partition(".")
    if not is_organization_id(organization_id):
        raise ClientUnknownError(public_id)
    try:
        return organization_id, UUID(text)
    except ValueError as error:
        raise ClientUnknownError(public_id) from error


def _client(row: ServiceClient, team_ids: Iterable[UUID]) -> Client:
    return Client(
        public_id=f"{row.organization_id}.{row.client_id}",
        name=row.name,
        scopes=_parse_scopes(row),
        team_ids=frozenset(team_ids),
        revoked=row.revoked,
    )


def _parse_scopes(client: ServiceClient) -> frozenset[Scope]:
    return frozenset(Scope(scope) for scope in client.scopes.split())
