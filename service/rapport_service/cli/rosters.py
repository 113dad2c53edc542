"""``rapport roster``."""

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import click

from rapport_schemas.problems import Problem
from rapport_schemas.roster import RosterRequest
from rapport_service.agency.roster import put_roster, try_roster
from rapport_service.agency.roster_rules import (
    Difference,
    Differences,
    RosterPerson,
    RosterTeam,
)
from rapport_service.agency.service import get_organization
from rapport_service.api.http import load, parse
from rapport_service.api.problems import ProblemError
from rapport_service.api.roster import read_roster, told_changes
from rapport_service.api.roster_csv import read_csv
from rapport_service.cli.mistakes import told
from rapport_service.cli.output import json_option, show
from rapport_service.db import Door, reading, transaction


@click.group()
def roster() -> None:
    """Teams and people of an agency."""


@roster.command()
@click.argument("organization_id", metavar="ID")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Change nothing; show what would change.")
@json_option
def put(organization_id: str, file: BinaryIO, *, dry_run: bool, as_json: bool) -> None:
    """Make the agency ID equal to FILE, a roster ("-" reads standard input).

    A name that ends in .csv is read as a table, anything else as JSON. Of a dry run
    read first who would be removed.
    """
    door = reading if dry_run else transaction
    use_case = try_roster if dry_run else put_roster
    with told():
        sent = read_roster(_read(file))  # first: nobody waits while somebody types
        with door(Door.POLL_BOOK) as session:
            get_organization(session, organization_id)
            changes = use_case(session, organization_id, sent)
    show(
        told_changes(changes, dry_run=dry_run),
        [*(_rows(changes) if dry_run else ()), *_counts(changes)],
        as_json=as_json,
    )


def _counts(changes: Differences) -> Iterator[str]:
    for what, change in zip(("teams", "people"), changes.counts, strict=True):
        yield (
            f"{what}: {change.added} added, {change.changed} changed, "
            f"{change.removed} removed"
        )


def _rows(changes: Differences) -> Iterator[str]:
    """As ``diff`` shows it: what stands with a minus, what would stand with a plus."""
    yield from _signed("team", changes.teams)
    yield from _signed("person", changes.people)


def _signed(
    kind: str,
    differing: Sequence[Difference[RosterTeam]] | Sequence[Difference[RosterPerson]],
) -> Iterator[str]:
    for one in differing:
        for sign, row in (("-", one.before), ("+", one.after)):
            if row is not None:
                yield f"{sign} {kind}\t" + "\t".join(_columns(row))


def _columns(row: RosterTeam | RosterPerson) -> list[str]:
    if isinstance(row, RosterTeam):
        return [row.external_id, row.name, row.parent or ""]
    return [row.external_id, row.team, " ".join(row.supervises)]


def _read(file: BinaryIO) -> dict[str, Any]:
    name = str(getattr(file, "name", ""))  # standard input need not have one
    is_table = name.lower().endswith(".csv")
    try:
        return load(RosterRequest(), (read_csv if is_table else parse)(file.read()))
    except ProblemError as error:
        if error.problem is not Problem.MALFORMED:
            raise
        form = "a CSV table" if is_table else "JSON (a table's name must end in .csv)"
        why = error.members.get("detail", "")
        raise click.ClickException(f"{name} is not {form}. {why}".rstrip()) from error
