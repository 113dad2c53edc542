"""``rapport roster``."""

from typing import Any, BinaryIO

import click

from rapport_schemas.roster import RosterRequest
from rapport_service.agency.errors import RosterInvalidError
from rapport_service.agency.roster import put_roster
from rapport_service.agency.service import get_organization
from rapport_service.api.http import load, parse
from rapport_service.api.problems import ProblemError
from rapport_service.api.roster import read_roster
from rapport_service.cli.mistakes import told
from rapport_service.db import Door, transaction


@click.group()
def roster() -> None:
    """Teams and people of an agency."""


@roster.command()
@click.argument("organization_id", metavar="ID")
@click.argument("file", type=click.File("rb"))
def put(organization_id: str, file: BinaryIO) -> None:
    """Make the agency ID equal to FILE, a JSON roster ("-" reads standard input)."""
    with told():
        sent = read_roster(_read(file))  # first: nobody waits while somebody types
        with transaction(Door.POLL_BOOK) as session:
            get_organization(session, organization_id)
            teams, people = put_roster(session, organization_id, sent)
    for what, change in (("teams", teams), ("people", people)):
        click.echo(
            f"{what}: {change.added} added, {change.changed} changed, "
            f"{change.removed} removed"
        )


def _read(file: BinaryIO) -> dict[str, Any]:
    try:
        return load(RosterRequest(), parse(file.read()))
    except ProblemError as error:
        if error.mistakes:
            raise RosterInvalidError(error.mistakes) from error
        raise click.ClickException(error.problem.kind.title) from error
