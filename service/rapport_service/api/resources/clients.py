"""``/v1/clients``: the programs of an agency, for its administrators."""

from uuid import UUID

from flask import Blueprint

from rapport_schemas.clients import (
    ClientRequestSchema,
    ClientSchema,
    ClientSecretReplySchema,
    ClientsReplySchema,
)
from rapport_schemas.enums import Scope
from rapport_schemas.paging import PageQuerySchema
from rapport_schemas.problems import Problem
from rapport_service.api.auth import (
    get_actor,
    require_scope,
)
from rapport_service.api.operation import RequestData, body, query, response
from rapport_service.api.pages import read_page_request, write_cursor
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook import clients
from rapport_service.pollbook.tokens import Bearer

blueprint = Blueprint("clients", __name__)

MAX_CLIENT_BYTES = 64 * 1024


@blueprint.get("/v1/clients")
@require_scope(Scope.ADMIN)
@query(PageQuerySchema)
@response(ClientsReplySchema)
def list_clients(arguments: RequestData, bearer: Bearer) -> object:
    """Lists all service clients, revoked ones too."""
    organization_id = bearer.organization_id
    wanted = read_page_request(arguments, organization_id)
    with read_transaction(Door.POLL_BOOK) as session:
        page = clients.list_clients(session, organization_id, wanted)
    return {
        "clients": [clients.client_document(client) for client in page.rows],
        "next": write_cursor(page.last_key, organization_id),
    }


@blueprint.post("/v1/clients")
@require_scope(Scope.ADMIN)
@body(ClientRequestSchema, MAX_CLIENT_BYTES)
@response(
    ClientSecretReplySchema,
    Problem.ID_USED,
    Problem.CLIENT_REVOKED,
    status=201,
    location="/v1/clients/{id}",
    secret=True,
)
def create_client(document: RequestData, bearer: Bearer) -> object:
    """Creates a service client. Audited.

    The same ``id`` and content again answer with that client, as it is now, and with
    another secret in place of the first. That is refused once the secret has been used.
    """
    deps = dependencies()
    keyring = deps.keyring  # may need a transaction of its own
    with transaction(Door.POLL_BOOK) as session:
        issued = clients.create_client(
            session,
            keyring,
            bearer.organization_id,
            document["name"],
            [Scope(scope) for scope in document["scopes"]],
            [UUID(team) for team in document["team_ids"]],
            deps.clock(),
            get_actor(session, bearer),
            document["id"],
        )
    return clients.client_secret_document(issued)


@blueprint.get("/v1/clients/<client_id>")
@require_scope(Scope.ADMIN)
@response(ClientSchema, Problem.CLIENT_NOT_FOUND)
def get_client(bearer: Bearer, client_id: str) -> object:
    """Reads a service client, also one that is revoked."""
    with read_transaction(Door.POLL_BOOK) as session:
        client = clients.get_client(session, bearer.organization_id, client_id)
    return clients.client_document(client)


@blueprint.post("/v1/clients/<client_id>/rotate")
@require_scope(Scope.ADMIN)
@response(
    ClientSecretReplySchema,
    Problem.CLIENT_NOT_FOUND,
    Problem.CLIENT_REVOKED,
    secret=True,
)
def rotate_client(bearer: Bearer, client_id: str) -> object:
    """Gives a client a new secret. The old one works for 24 hours more. Audited.

    If the reply is lost, rotate again: the secret that you use ends no later for it.
    """
    deps = dependencies()
    keyring = deps.keyring  # may need a transaction of its own
    with transaction(Door.POLL_BOOK) as session:
        issued = clients.rotate_client(
            session,
            keyring,
            bearer.organization_id,
            client_id,
            deps.clock(),
            get_actor(session, bearer),
        )
    return clients.client_secret_document(issued)


@blueprint.post("/v1/clients/<client_id>/revoke")
@require_scope(Scope.ADMIN)
@response(ClientSchema, Problem.CLIENT_NOT_FOUND)
def revoke_client(bearer: Bearer, client_id: str) -> object:
    """Revokes a client. Its secret and tokens stop working at once. Audited."""
    with transaction(Door.POLL_BOOK) as session:
        client = clients.revoke_client(
            session,
            bearer.organization_id,
            client_id,
            dependencies().clock(),
            get_actor(session, bearer),
        )
    return clients.client_document(client)
