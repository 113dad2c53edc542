"""Service clients: programs that log in with a secret (RFC 6749 section 4.4)."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from rapport_schemas.enums import AuditAction, Scope, SubjectKind
from rapport_schemas.errors import join_pointer
from rapport_service.agency import audit
from rapport_service.agency.audit import Actor, Change, Subject
from rapport_service.agency.creation import create_once
from rapport_service.agency.errors import IdUsedError, UnknownTeamError
from rapport_service.agency.models import ClientTeam, ServiceClient
from rapport_service.agency.names import require_name
from rapport_service.agency.service import (
    is_organization_id,
    list_teams,
    load_client_teams,
)
from rapport_service.core.data_keys import Keyring
from rapport_service.core.paging import WHOLE_LIST, Page, PageRequest, load_page
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


@dataclass(frozen=True)
class LogIn:
    """A client's tokens, and whether it has logged in for the first time."""

    tokens: Tokens
    is_first: bool


CLIENT_CONTENT = ("name", "scopes")
"""Columns that the creation of a client sets for good; its teams are rows."""


def create_client(
    session: Session,
    keyring: Keyring,
    organization_id: str,
    name: str,
    scopes: Collection[Scope],
    team_ids: Collection[UUID],
    now: datetime,
    actor: Actor,
    client_id: UUID | None = None,
) -> IssuedSecret:
    """Creates a client and its secret. Audited.

    Args:
        client_id: of the client's choice. The same again gives the client as it is
            now, with another secret in place of the first, unless that has been used.

    Raises:
        DocumentInvalidError: the name has characters that cannot be seen, or too many.
        ClientLimitError: roster or audit limited to teams; both are always whole.
        UnknownTeamError: names a team that the roster does not list.
        IdUsedError: the client with this id is another one, or has been used.
    """
    name = require_name(name, "name")
    if team_ids and not {Scope.REPORTS}.issuperset(scopes):
        raise ClientLimitError
    wanted = ServiceClient(
        organization_id=organization_id,
        client_id=client_id or uuid4(),
        name=name,
        revoked=False,
        confirmed=False,
        scopes=" ".join(sorted(scopes)),
    )

    def require_listed_teams() -> None:
        known = {team.team_id for team in list_teams(session, organization_id)}
        if unknown := [at for at, team in enumerate(team_ids) if team not in known]:
            raise UnknownTeamError(*(join_pointer("team_ids", at) for at in unknown))

    row = create_once(session, wanted, CLIENT_CONTENT, require_listed_teams)
    if row is wanted:
        action = AuditAction.CLIENT_CREATED
        session.add_all(
            ClientTeam(
                organization_id=organization_id, client_id=row.client_id, team_id=team
            )
            for team in set(team_ids)
        )
    else:
        action = AuditAction.CLIENT_SECRET_REPLACED
        _delete_unused_secret(session, row, set(team_ids))
    client = _client(row, team_ids)
    subject = Subject(SubjectKind.CLIENT, client.public_id)
    audit.append_entry(
        *(session, organization_id, now, actor, action, subject),
        [Change(subject, None, _audited_client(client))] if row is wanted else (),
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
    row.confirmed = True
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
        *(session, organization_id, now, actor, AuditAction.CLIENT_SECRET_ROTATED),
        Subject(SubjectKind.CLIENT, public_id),
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
            *(session, organization_id, now, actor, AuditAction.CLIENT_REVOKED),
            Subject(SubjectKind.CLIENT, public_id),
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


def list_clients(
    session: Session, organization_id: str, wanted: PageRequest = WHOLE_LIST
) -> Page[Client]:
    """Clients of the organization, revoked ones too, by name."""
    page = load_page(
        session,
        select(ServiceClient).where(ServiceClient.organization_id == organization_id),
        (ServiceClient.name, ServiceClient.client_id),
        wanted,
    )
    limits: dict[UUID, set[UUID]] = {}
    for row in session.scalars(
        select(ClientTeam).where(ClientTeam.organization_id == organization_id)
    ):
        limits.setdefault(row.client_id, set()).add(row.team_id)
    clients = [_client(row, limits.get(row.client_id, ())) for row in page.rows]
    return Page(clients, page.last_key)


def client_document(client: Client) -> dict[str, object]:
    """A client as ``ClientSchema`` writes it."""
    return {
        "id": client.public_id,
        "name": client.name,
        "scopes": sorted(client.scopes),
        "team_ids": sorted(map(str, client.team_ids)),
        "revoked": client.revoked,
    }


def _audited_client(client: Client) -> dict[str, object]:
    """A client as the audit lists it."""
    return {
        "name": client.name,
        "scopes": sorted(client.scopes),
        "team_ids": sorted(map(str, client.team_ids)),
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
) -> LogIn:
    """Issues an access token to a client that knows its secret.

    Raises:
        ClientInvalidError: unknown, revoked, or another secret; it does not say which.
    """
    client = _authenticate(session, keyring, client_id, secret, now)
    scopes = _parse_scopes(client)
    bearer = Bearer(client.organization_id, client.client_id, scopes)
    tokens = Tokens(access=sign_access_token(keyring, bearer, now), scopes=scopes)
    return LogIn(tokens, is_first=not client.confirmed)


def confirm_client(
    session: Session, keyring: Keyring, client_id: str, secret: str, now: datetime
) -> None:
    """Records that a client has used its secret, which is not replaced from then on.

    Raises:
        ClientInvalidError: it has just been replaced, or the client revoked.
    """
    organization_id, _ = _parse_client_id(client_id)
    _lock_client(session, organization_id, client_id)
    _authenticate(session, keyring, client_id, secret, now).confirmed = True


def _authenticate(
    session: Session, keyring: Keyring, client_id: str, secret: str, now: datetime
) -> ServiceClient:
    """The client that knows this secret.

    The secret's keyed hash is part of the key that is looked up, so nothing is compared
    that a timing could reveal.
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
            ClientSecret.secret_hash == keyed_hash(keyring.clients, secret),
            or_(ClientSecret.expires_at.is_(None), ClientSecret.expires_at > now),
        )
    )
    if client is None:
        raise ClientInvalidError
    return client


def _delete_unused_secret(
    session: Session, row: ServiceClient, team_ids: set[UUID]
) -> None:
    """Deletes the secret that a client was created with, for another to replace it.

    Raises:
        ClientRevokedError: the client was revoked.
        IdUsedError: the client has been used, or its teams are not these.
    """
    session.refresh(row, with_for_update={"key_share": True})  # it may be logging in
    limit = load_client_teams(session, row.organization_id, row.client_id)
    if row.revoked:
        raise ClientRevokedError
    if row.confirmed or limit != team_ids:
        raise IdUsedError
    session.execute(
        delete(ClientSecret).where(
            ClientSecret.organization_id == row.organization_id,
            ClientSecret.client_id == row.client_id,
        )
    )


def _new_secret(session: Session, keyring: Keyring, client: ServiceClient) -> str:
    secret = secrets.token_urlsafe(32)
    session.add(
        ClientSecret(
            organization_id=client.organization_id,
            client_id=client.client_id,
            secret_hash=keyed_hash(keyring.clients, secret),
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
        client_id = UUID(text)
    except ValueError as error:
        raise ClientUnknownError(public_id) from error
    if text != str(client_id):  # an id has one spelling
        raise ClientUnknownError(public_id)
    return organization_id, client_id


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
