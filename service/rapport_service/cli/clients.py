"""``rapport client``."""

import click

from rapport_service.agency.service import get_organization, listed_teams
from rapport_service.cli.mistakes import told
from rapport_service.db import Door, transaction
from rapport_service.pollbook.clients import create_client
from rapport_service.wiring import wiring


@click.group()
def client() -> None:
    """Programs that read scores and put rosters for an agency."""


@client.command()
@click.argument("organization_id", metavar="ID")
@click.option("--name", required=True, help="What the program is.")
@click.option(
    "--team",
    "teams",
    multiple=True,
    help="Limit it to this team (external id) and those below; may be repeated.",
)
def create(organization_id: str, name: str, teams: tuple[str, ...]) -> None:
    """Create a client; prints its id, tab, its secret. The secret is told this once."""
    house = wiring()
    with told(), transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        known = {
            team.external_id: team.team_id
            for team in listed_teams(session, organization_id)
        }
        if unknown := [team for team in teams if team not in known]:
            raise click.ClickException(f"no such team: {', '.join(unknown)}")
        client_id, secret = create_client(
            session,
            house.keyring,
            organization_id,
            name,
            [known[team] for team in teams],
        )
    click.echo(f"{client_id}\t{secret}")
