"""``rapport client``: programs that use the API for an agency."""

import click

from rapport_schemas.enums import CLIENT_SCOPES, Scope
from rapport_service.agency.service import get_organization, list_teams
from rapport_service.cli.output import (
    ACTOR,
    json_option,
    print_result,
    reporting_errors,
)
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook import clients


@click.group()
def client() -> None:
    """Manage programs that read scores and write rosters for an agency."""


@client.command()
@click.argument("organization_id", metavar="ID")
@click.option("--name", required=True, help="Name of the program, for the list.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in CLIENT_SCOPES]),
    help="Something that the program may do. Can be repeated. Without it, the program "
    "may do everything that clients can do.",
)
@click.option(
    "--team",
    "teams",
    multiple=True,
    help="Limit the program to this team (external id) and the teams below it. Can be "
    "repeated.",
)
@json_option
def create(
    organization_id: str,
    name: str,
    scopes: tuple[str, ...],
    teams: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Create a client. Prints its id, a tab and its secret.

    Store the secret now: it is not shown again. A client that is limited to teams
    cannot write the roster, because a roster is always the whole agency.
    """
    deps = dependencies()
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        ids = {
            team.external_id: team.team_id
            for team in list_teams(session, organization_id)
        }
        if unknown := [team for team in teams if team not in ids]:
            raise click.ClickException(f"there is no team {', '.join(unknown)}")
        possible = [Scope.REPORTS] if teams else CLIENT_SCOPES
        client_id, secret = clients.create_client(
            session,
            deps.keyring,
            organization_id,
            name,
            [Scope(scope) for scope in scopes] or possible,
            [ids[team] for team in teams],
            deps.clock(),
            ACTOR,
        )
    print_result(
        clients.client_secret_document(client_id, secret),
        [f"{client_id}\t{secret}"],
        as_json=as_json,
    )


@client.command("list")
@click.argument("organization_id", metavar="ID")
@json_option
def list_(organization_id: str, *, as_json: bool) -> None:
    """List clients. Columns, with tabs between: id, scopes, name, revoked or not."""
    with reporting_errors(), read_transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        listed = clients.list_clients(session, organization_id)
        names = {
            team.team_id: team.external_id
            for team in list_teams(session, organization_id)
        }
    documents = [
        clients.client_document(row)
        | {"teams": sorted(names.get(team, str(team)) for team in row.teams)}
        for row in listed
    ]
    lines = [
        "\t".join(
            [
                row.public_id,
                " ".join(sorted(row.scopes)),
                row.name,
                *(["revoked"] if row.revoked else []),
            ]
        )
        for row in listed
    ]
    print_result(
        {"clients": documents},
        lines,
        as_json=as_json,
        columns=("id", "scopes", "name", "revoked"),
    )


@client.command()
@click.argument("client_id", metavar="CLIENT")
@json_option
def rotate(client_id: str, *, as_json: bool) -> None:
    """Give a client a new secret and print it. The old one works for 24 hours more."""
    deps = dependencies()
    organization_id, _, _ = client_id.partition(".")
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        secret, ends_at = clients.rotate_client(
            session, deps.keyring, organization_id, client_id, deps.clock(), ACTOR
        )
    print_result(
        clients.client_secret_document(client_id, secret, ends_at),
        [secret],
        as_json=as_json,
    )


@client.command()
@click.argument("client_id", metavar="CLIENT")
def revoke(client_id: str) -> None:
    """End a client for good. Its secret and its tokens stop working at once."""
    organization_id, _, _ = client_id.partition(".")
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        clients.revoke_client(
            session, organization_id, client_id, dependencies().clock(), ACTOR
        )
    click.echo("client: revoked")
