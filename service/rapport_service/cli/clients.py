"""``rapport client``: programs that use the API for an agency."""

import click

from rapport_schemas.clients import ClientsReplySchema
from rapport_schemas.enums import CLIENT_SCOPES, Scope
from rapport_schemas.names import normalize_name
from rapport_service.agency.audit import COMMAND_LINE
from rapport_service.agency.service import get_organization, list_teams
from rapport_service.cli.output import (
    form_options,
    print_result,
    reporting_errors,
)
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook import clients
from rapport_service.tables import list_columns


@click.group()
def client() -> None:
    """Manage service accounts: programs that read scores, the roster or the audit."""


@client.command()
@click.argument("organization_id", metavar="ID")
@click.option("--name", required=True, help="Name of the program, for the list.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in CLIENT_SCOPES]),
    default=[Scope.REPORTS.value],
    show_default=True,
    help="Something that the program may do. Can be repeated.",
)
@click.option(
    "--team",
    "teams",
    multiple=True,
    help="Limit the program to this team (external id) and the teams below it. Can be "
    "repeated.",
)
@form_options
def create(
    organization_id: str,
    name: str,
    scopes: tuple[str, ...],
    teams: tuple[str, ...],
    form: str | None,
) -> None:
    """Create a service account. Prints its id, a tab and its secret.

    Store the secret now: it is not shown again. One that is limited to teams
    can only read reports, because roster and audit are always the whole agency.
    """
    deps = dependencies()
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        ids = {
            team.external_id: team.team_id
            for team in list_teams(session, organization_id)
        }
        teams = tuple(map(normalize_name, teams))
        if unknown := [team for team in teams if team not in ids]:
            raise click.ClickException(f"there is no team {', '.join(unknown)}")
        issued = clients.create_client(
            session,
            deps.keyring,
            organization_id,
            name,
            [Scope(scope) for scope in scopes],
            [ids[team] for team in teams],
            deps.clock(),
            COMMAND_LINE,
        )
    print_result(
        clients.client_secret_document(issued),
        list_columns.CLIENT_SECRET,
        form,
    )


@client.command("list")
@click.argument("organization_id", metavar="ID")
@form_options
def list_(organization_id: str, form: str | None) -> None:
    """List clients. Columns: id, scopes, name, teams, revoked or not."""
    with reporting_errors(), read_transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        listed = clients.list_clients(session, organization_id)
        names = {
            team.team_id: team.external_id
            for team in list_teams(session, organization_id)
        }
    document = {
        "clients": [
            clients.client_document(row)
            | {
                "team_names": sorted(
                    names.get(team, str(team)) for team in row.team_ids
                )
            }
            for row in listed.rows
        ]
    }
    print_result(
        ClientsReplySchema().dump(document),
        list_columns.CLIENTS,
        form,
        documents=[document],
    )


@client.command()
@click.argument("client_id", metavar="CLIENT")
@form_options
def rotate(client_id: str, form: str | None) -> None:
    """Give a service account a new secret. The old one works for 24 hours more."""
    deps = dependencies()
    organization_id, _, _ = client_id.partition(".")
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        issued = clients.rotate_client(
            session,
            deps.keyring,
            organization_id,
            client_id,
            deps.clock(),
            COMMAND_LINE,
        )
    print_result(
        clients.client_secret_document(issued),
        list_columns.NEW_SECRET,
        form,
    )


@client.command()
@click.argument("client_id", metavar="CLIENT")
def revoke(client_id: str) -> None:
    """End a service account for good. Its secret and tokens stop working at once."""
    organization_id, _, _ = client_id.partition(".")
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        clients.revoke_client(
            session, organization_id, client_id, dependencies().clock(), COMMAND_LINE
        )
    click.echo("client: revoked")
