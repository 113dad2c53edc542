"""``rapport client``."""

import click

from rapport_service.agency.service import get_organization, list_teams
from rapport_service.cli.errors import reporting_errors
from rapport_service.cli.output import ACTOR, json_option, print_result
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook import clients
from rapport_service.pollbook.tokens import Scope


@click.group()
def client() -> None:
    """Programs that read scores and put rosters for an agency."""


@client.command()
@click.argument("organization_id", metavar="ID")
@click.option("--name", required=True, help="What the program is.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in clients.SCOPES]),
    help="What it may do; may be repeated. By default all that it can.",
)
@click.option(
    "--team",
    "teams",
    multiple=True,
    help="Limit it to this team (external id) and those below; may be repeated.",
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
    """Create a client; prints its id, tab, its secret. The secret is told this once.

    A client that is limited to teams cannot put the roster, which is the whole agency.
    """
    house = dependencies()
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        known = {
            team.external_id: team.team_id
            for team in list_teams(session, organization_id)
        }
        if unknown := [team for team in teams if team not in known]:
            raise click.ClickException(f"no such team: {', '.join(unknown)}")
        possible = [Scope.REPORTS] if teams else clients.SCOPES
        client_id, secret = clients.create_client(
            session,
            house.keyring,
            organization_id,
            name,
            [Scope(scope) for scope in scopes] or possible,
            [known[team] for team in teams],
            house.clock(),
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
    """List clients: id, scopes, name, and whether revoked, with tabs between."""
    with reporting_errors(), read_transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        found = clients.list_clients(session, organization_id)
        names = {
            team.team_id: team.external_id
            for team in list_teams(session, organization_id)
        }
    documents = [
        clients.client_document(one)
        | {"teams": sorted(names.get(team, str(team)) for team in one.teams)}
        for one in found
    ]
    lines = [
        "\t".join(
            [
                one.public_id,
                " ".join(sorted(one.scopes)),
                one.name,
                *(["revoked"] if one.revoked else []),
            ]
        )
        for one in found
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
    """Give a client a new secret; prints it. The one before stays good for 24 hours."""
    house = dependencies()
    organization_id, _, _ = client_id.partition(".")
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        secret, ends = clients.rotate_client(
            session, house.keyring, organization_id, client_id, house.clock(), ACTOR
        )
    print_result(
        clients.client_secret_document(client_id, secret, ends),
        [secret],
        as_json=as_json,
    )


@client.command()
@click.argument("client_id", metavar="CLIENT")
def revoke(client_id: str) -> None:
    """End a client for good: it gets no more tokens, and its last opens nothing."""
    organization_id, _, _ = client_id.partition(".")
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        clients.revoke_client(
            session, organization_id, client_id, dependencies().clock(), ACTOR
        )
    click.echo("client: revoked")
