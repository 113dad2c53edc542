"""``rapport roster``."""

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import click

from rapport_schemas.errors import DocumentMalformedError
from rapport_schemas.loading import load_document, parse_json
from rapport_schemas.roster import RosterRequestSchema
from rapport_service.agency.roster import preview_roster, put_roster
from rapport_service.agency.roster_csv import parse_roster_csv
from rapport_service.agency.roster_rules import (
    RosterDiff,
    RosterPerson,
    RosterTeam,
    RowDiff,
    roster_diff_document,
    roster_from_document,
)
from rapport_service.agency.service import get_organization
from rapport_service.cli.errors import reporting_errors
from rapport_service.cli.output import json_option, print_result
from rapport_service.core.db import Door, read_transaction, transaction


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
    door = read_transaction if dry_run else transaction
    use_case = preview_roster if dry_run else put_roster
    with reporting_errors():
        sent = roster_from_document(
            _read_file(file)
        )  # first: nobody waits while somebody types
        with door(Door.POLL_BOOK) as session:
            get_organization(session, organization_id)
            changes = use_case(session, organization_id, sent)
    print_result(
        roster_diff_document(changes, dry_run=dry_run),
        [*(_format_diff(changes) if dry_run else ()), *_format_counts(changes)],
        as_json=as_json,
    )


def _format_counts(changes: RosterDiff) -> Iterator[str]:
    for what, change in zip(("teams", "people"), changes.counts, strict=True):
        yield (
            f"{what}: {change.added} added, {change.changed} changed, "
            f"{change.removed} removed"
        )


def _format_diff(changes: RosterDiff) -> Iterator[str]:
    """As ``diff`` shows it: what stands with a minus, what would stand with a plus."""
    yield from _diff_lines("team", changes.teams)
    yield from _diff_lines("person", changes.people)


def _diff_lines(
    kind: str,
    differing: Sequence[RowDiff[RosterTeam]] | Sequence[RowDiff[RosterPerson]],
) -> Iterator[str]:
    for one in differing:
        for sign, row in (("-", one.before), ("+", one.after)):
            if row is not None:
                yield f"{sign} {kind}\t" + "\t".join(_row_cells(row))


def _row_cells(row: RosterTeam | RosterPerson) -> list[str]:
    if isinstance(row, RosterTeam):
        return [row.external_id, row.name, row.parent or ""]
    return [row.external_id, row.team, " ".join(row.supervises)]


def _read_file(file: BinaryIO) -> dict[str, Any]:
    name = str(getattr(file, "name", ""))  # standard input need not have one
    is_table = name.lower().endswith(".csv")
    try:
        return load_document(
            RosterRequestSchema(),
            (parse_roster_csv if is_table else parse_json)(file.read()),
        )
    except DocumentMalformedError as error:
        form = "a CSV table" if is_table else "JSON (a table's name must end in .csv)"
        reason = error.detail or ""
        raise click.ClickException(
            f"{name} is not {form}. {reason}".rstrip()
        ) from error
