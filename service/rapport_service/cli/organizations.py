"""``rapport organization`` and ``rapport roster``: agencies, teams and people."""

import shlex
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import click

from rapport_schemas.enums import Purpose
from rapport_schemas.errors import DocumentMalformedError
from rapport_schemas.loading import load_document, parse_json
from rapport_schemas.roster import RosterSchema
from rapport_service.agency.errors import RemovalsUnconfirmedError
from rapport_service.agency.roster import load_roster, preview_roster, put_roster
from rapport_service.agency.roster_csv import format_roster_csv, parse_roster_csv
from rapport_service.agency.roster_rules import (
    RosterPerson,
    RosterRowDiffs,
    RosterTeam,
    RowDiff,
    removals_to_confirm,
    roster_diff_document,
    roster_document,
    roster_from_document,
)
from rapport_service.agency.service import (
    create_organization,
    get_organization,
    make_admin,
)
from rapport_service.charter.limits import DEFAULT_MIN_POOL, DEFAULT_MIN_RESPONDENTS
from rapport_service.cli.output import (
    ACTOR,
    json_option,
    print_note,
    print_result,
    reporting_errors,
)
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook.enrolment import mint_code

FIRST_ADMIN = "admin"


@click.group()
def organization() -> None:
    """Create agencies and administrators."""


@organization.command()
@click.argument("organization_id", metavar="ID")
@click.option("--name", required=True, help="Name of the agency, as its people say it.")
@click.option(
    "--time-zone",
    default="UTC",
    show_default=True,
    help="Time zone of the agency, such as US/Eastern.",
)
@click.option(
    "--smallest-score",
    "min_respondents",
    default=DEFAULT_MIN_RESPONDENTS,
    show_default=True,
    help="Smallest number of respondents for a score (k).",
)
@click.option(
    "--smallest-pool",
    "min_pool",
    default=DEFAULT_MIN_POOL,
    show_default=True,
    help="Smallest number of people who share a ballot key (m).",
)
@json_option
def create(
    organization_id: str,
    name: str,
    time_zone: str,
    min_respondents: int,
    min_pool: int,
    *,
    as_json: bool,
) -> None:
    """Create an agency. Prints an enrolment code for its first administrator.

    ID has 3 to 20 lower-case letters and digits. It cannot be changed later.
    """
    deps = dependencies()
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        create_organization(
            session, organization_id, name, time_zone, min_respondents, min_pool
        )
        person = make_admin(session, organization_id, FIRST_ADMIN)
        code = mint_code(
            session, deps.keyring, person, Purpose.READING, deps.clock(), ACTOR
        )
    _print_code(organization_id, FIRST_ADMIN, code, as_json=as_json)


@organization.command()
@click.argument("organization_id", metavar="ID")
@click.argument("person")
@json_option
def admin(organization_id: str, person: str, *, as_json: bool) -> None:
    """Make PERSON (an external id) an administrator. Prints an enrolment code."""
    deps = dependencies()
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        administrator = make_admin(session, organization_id, person)
        listed = administrator.listed
        code = mint_code(
            session, deps.keyring, administrator, Purpose.READING, deps.clock(), ACTOR
        )
    _print_code(organization_id, person, code, as_json=as_json)
    if not listed:
        print_note(
            f"{person} is not in the roster: this administrator reads scores and is "
            "never asked"
        )


def _print_code(organization_id: str, person: str, code: str, *, as_json: bool) -> None:
    document = {"organization": organization_id, "person": person, "code": code}
    print_result(document, [code], as_json=as_json)


@click.group()
def roster() -> None:
    """Print and change the teams and people of an agency."""


@roster.command()
@click.argument("organization_id", metavar="ID")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Show the changes and make none.")
@click.option(
    "--confirm-removals",
    type=click.IntRange(min=0),
    help="Number of people to be removed, if they are many.",
)
@json_option
def put(
    organization_id: str,
    file: BinaryIO,
    *,
    dry_run: bool,
    confirm_removals: int | None,
    as_json: bool,
) -> None:
    """Replace the roster of the agency ID with FILE ("-" reads standard input).

    A FILE that ends in .csv is read as a table, any other FILE as JSON. People who are
    not in FILE are removed: use --dry-run first and check who they are. If they are
    more than ten, and more than a tenth of the agency, you must confirm how many.
    """
    door = read_transaction if dry_run else transaction
    with reporting_errors():
        # Before the transaction: standard input may wait for a person who types.
        new_roster = roster_from_document(_read_file(file))
        try:
            with door(Door.POLL_BOOK) as session:
                get_organization(session, organization_id)
                changes = (
                    preview_roster(session, organization_id, new_roster)
                    if dry_run
                    else put_roster(
                        session,
                        organization_id,
                        new_roster,
                        confirmed_removals=confirm_removals,
                    )
                )
        except RemovalsUnconfirmedError as error:
            names = shlex.join([organization_id, _file_name(file)])
            raise click.ClickException(
                f"{error.removals} of your {error.people} people are not in this file "
                "and would be removed. Nothing was changed. Check the file. If these "
                "people have left, type:\n"
                f"rapport roster put {names} --confirm-removals {error.removals}"
            ) from error
    print_result(
        roster_diff_document(changes, dry_run=dry_run),
        [*(_format_diff(changes) if dry_run else ()), *_format_counts(changes)],
        as_json=as_json,
    )
    if dry_run and (removals := removals_to_confirm(changes)):
        print_note(
            f"{removals} of your {changes.people_before} people would be removed. If "
            f"they have left, put this file with --confirm-removals {removals}"
        )


@roster.command()
@click.argument("organization_id", metavar="ID")
@json_option
def get(organization_id: str, *, as_json: bool) -> None:
    """Print the roster of the agency ID, as a table that can be put again."""
    with reporting_errors(), read_transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        document = roster_document(load_roster(session, organization_id))
        lines = [] if as_json else format_roster_csv(document).splitlines()
    print_result(document, lines, as_json=as_json)


def _format_counts(changes: RosterRowDiffs) -> Iterator[str]:
    for kind, change in zip(("teams", "people"), changes.counts, strict=True):
        yield (
            f"{kind}: {change.added} added, {change.changed} changed, "
            f"{change.removed} removed"
        )


def _format_diff(changes: RosterRowDiffs) -> Iterator[str]:
    """The rows in the manner of ``diff``: old ones with a minus, new ones with a plus.

    Yields:
        One line a row.
    """
    yield from _diff_lines("team", changes.teams)
    yield from _diff_lines("person", changes.people)


def _diff_lines(
    kind: str,
    differing: Sequence[RowDiff[RosterTeam]] | Sequence[RowDiff[RosterPerson]],
) -> Iterator[str]:
    for change in differing:
        for sign, row in (("-", change.before), ("+", change.after)):
            if row is not None:
                yield f"{sign} {kind}\t" + "\t".join(_row_cells(row))


def _row_cells(row: RosterTeam | RosterPerson) -> list[str]:
    if isinstance(row, RosterTeam):
        return [row.external_id, row.name, row.parent or ""]
    return [row.external_id, row.team, " ".join(row.supervises)]


def _file_name(file: BinaryIO) -> str:
    """The name as it is typed; standard input need not have one."""
    name = str(getattr(file, "name", "-"))
    return "-" if name == "<stdin>" else name


def _read_file(file: BinaryIO) -> dict[str, Any]:
    name = _file_name(file)
    is_table = name.lower().endswith(".csv")
    parse = parse_roster_csv if is_table else parse_json
    try:
        return load_document(RosterSchema(), parse(file.read()))
    except DocumentMalformedError as error:
        form = "a CSV table" if is_table else "JSON (the name of a table ends in .csv)"
        raise click.ClickException(
            f"{name} is not {form}. {error.detail or ''}".rstrip()
        ) from error
