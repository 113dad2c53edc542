"""``rapport organization`` and ``rapport roster``: agencies, teams and people."""

import shlex
from typing import BinaryIO

import click

from rapport_schemas.enums import AuditAction, SubjectKind
from rapport_schemas.errors import DocumentInvalidError, DocumentMalformedError
from rapport_schemas.loading import load_document, parse_json
from rapport_schemas.roster import RosterSchema
from rapport_service.agency.administrators import Right, rights_document
from rapport_service.agency.audit import COMMAND_LINE, Subject, append_entry
from rapport_service.agency.errors import RemovalsUnconfirmedError
from rapport_service.agency.models import Organization
from rapport_service.agency.roster import load_roster, preview_roster
from rapport_service.agency.roster_csv import (
    ROSTER,
    ROSTER_COUNTS,
    ROSTER_DIFF,
    locate_roster_errors,
    parse_roster_csv,
)
from rapport_service.agency.roster_rules import (
    Roster,
    removals_to_confirm,
    roster_diff_document,
    roster_document,
    roster_from_document,
)
from rapport_service.agency.service import (
    create_organization,
    get_organization,
    organization_document,
)
from rapport_service.agency.team_sizes import (
    assess_roster_sizes,
    load_team_sizes,
    team_sizes_document,
)
from rapport_service.agency.time_zones import load_time_zone
from rapport_service.charter.limits import (
    DEFAULT_MIN_POOL,
    DEFAULT_MIN_RESPONDENTS,
    MIN_POOL_RANGE,
)
from rapport_service.charter.team_sizes import TeamSizes
from rapport_service.cli.administrators import admin, auditor, describe_roster_rights
from rapport_service.cli.local_times import (
    describe_code_end,
    describe_unusual_times,
    format_local,
)
from rapport_service.cli.output import (
    Section,
    form_options,
    print_note,
    print_result,
    reporting_errors,
)
from rapport_service.cli.size_sentences import describe_sizes, print_size_notes
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook.administrators import add_holder
from rapport_service.pollbook.roster import replace_roster
from rapport_service.tables import list_columns
from rapport_service.waves.pulse_calendar import load_calendars
from rapport_service.waves.settings import update_settings

FIRST_ADMIN = "admin"


@click.group()
def organization() -> None:
    """Create agencies and administrators, show and change settings."""


@organization.command()
@click.argument("organization_id", metavar="ID")
@click.option("--name", required=True, help="Name of the agency, as its people say it.")
@click.option(
    "--time-zone",
    required=True,
    help="Time zone of the agency, such as America/New_York. Pulses open by its clock.",
)
@click.option(
    "--min-respondents",
    "min_respondents",
    default=DEFAULT_MIN_RESPONDENTS,
    show_default=True,
    help="Smallest number of respondents for a score (k).",
)
@click.option(
    "--min-pool",
    "min_pool",
    default=DEFAULT_MIN_POOL,
    show_default=True,
    help="Smallest number of people who share a ballot key (m).",
)
@form_options
def create(
    organization_id: str,
    name: str,
    time_zone: str,
    min_respondents: int,
    min_pool: int,
    form: str | None,
) -> None:
    """Create an agency. Prints an enrolment code for its first administrator.

    ID has 3 to 20 lower-case letters and digits. It cannot be changed later.
    """
    deps = dependencies()
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        create_organization(
            session, organization_id, name, time_zone, min_respondents, min_pool
        )
        append_entry(
            *(session, organization_id, deps.clock(), COMMAND_LINE),
            AuditAction.ORGANIZATION_CREATED,
            Subject(SubjectKind.ORGANIZATION, organization_id),
        )
        _, code = add_holder(
            *(session, deps.keyring, organization_id, FIRST_ADMIN, Right.ADMIN),
            *(deps.clock(), COMMAND_LINE),
        )
        made = get_organization(session, organization_id)
    _print_code(organization_id, FIRST_ADMIN, code, form)
    print_note(describe_code_end(made, deps.clock()))


@organization.command()
@click.argument("organization_id", metavar="ID")
@form_options
def show(organization_id: str, form: str | None) -> None:
    """Show the settings of an agency, and the teams that are too small for a score.

    A team that is not listed has a score of its own only if enough people answer.
    """
    with reporting_errors(), read_transaction(Door.POLL_BOOK) as session:
        settings = get_organization(session, organization_id)
        sizes = load_team_sizes(session, organization_id)
        _print_settings(settings, sizes, form)


@organization.command("set")
@click.argument("organization_id", metavar="ID")
@click.option(
    "--min-pool",
    type=click.IntRange(MIN_POOL_RANGE.start, MIN_POOL_RANGE.stop - 1),
    help="Smallest number of people who share a ballot key (m).",
)
@click.option("--time-zone", help="Time zone of the agency, such as America/New_York.")
@form_options
def change(
    organization_id: str,
    min_pool: int | None,
    time_zone: str | None,
    form: str | None,
) -> None:
    """Change settings of the agency ID. They count from the next charter on.

    Waves that were announced keep what their charters say. In another time zone, pulses
    keep their days and hours of the clock. Their waves that are not announced yet move;
    waves that you planned one by one stay.
    """
    if min_pool is None and time_zone is None:
        raise click.UsageError("Say what to change: --min-pool or --time-zone.")
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        now = dependencies().clock()
        moved = update_settings(
            *(session, organization_id, COMMAND_LINE, now),
            min_pool=min_pool,
            time_zone=time_zone,
        )
        settings = get_organization(session, organization_id)
        unusual = [
            sentence
            for calendar in load_calendars(session, organization_id)
            for sentence in describe_unusual_times(calendar, now)
            if time_zone is not None
        ]
        sizes = load_team_sizes(session, organization_id)
        _print_settings(settings, sizes, form)
    zone = load_time_zone(settings)
    for wave in moved:
        print_note(
            f"wave {wave.public_id} now opens on {format_local(wave.opens_at, zone)}"
        )
    for sentence in unusual:
        print_note(sentence)


def _print_settings(settings: Organization, sizes: TeamSizes, form: str | None) -> None:
    document = {**organization_document(settings), **team_sizes_document(sizes)}
    sections = [
        Section(list_columns.ORGANIZATION, [document]),
        Section(
            list_columns.TEAMS_WITHOUT_SCORE,
            [document],
            title="Teams without a score of their own" if sizes.without_score else "",
            sentences=list(describe_sizes(sizes, "--json")),
        ),
    ]
    print_result(document, list_columns.ORGANIZATION, form, sections=sections)


for command in (admin, auditor):
    organization.add_command(command)


def _print_code(organization_id: str, person: str, code: str, form: str | None) -> None:
    document = {"organization": organization_id, "person": person, "code": code}
    print_result(document, list_columns.CODE, form)


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
@form_options
def put(
    organization_id: str,
    file: BinaryIO,
    *,
    dry_run: bool,
    confirm_removals: int | None,
    form: str | None,
) -> None:
    """Replace the roster of the agency ID with FILE ("-" reads standard input).

    A FILE that ends in .csv is read as a table, any other FILE as JSON. People who are
    not in FILE are removed: use --dry-run first and check who they are. Their devices
    and codes end, and they are no longer administrators. If they are more than ten, and
    more than a tenth of the agency, you must confirm how many.

    Notes say which teams are too small for a score of their own. With --dry-run they
    also say who of the people that change is an administrator or an auditor.
    """
    door = read_transaction if dry_run else transaction
    with reporting_errors():
        # Before the transaction: standard input may wait for a person who types.
        new_roster = _read_file(file)
        try:
            with door(Door.POLL_BOOK) as session:
                get_organization(session, organization_id)
                changes = (
                    preview_roster(session, organization_id, new_roster)
                    if dry_run
                    else replace_roster(
                        session,
                        organization_id,
                        new_roster,
                        dependencies().clock(),
                        COMMAND_LINE,
                        confirmed_removals=confirm_removals,
                    )
                )
                changed_rights = (
                    rights_document(session, organization_id, changes)
                    if dry_run
                    else None
                )
                rights = (
                    describe_roster_rights(session, organization_id, changes)
                    if dry_run
                    else []
                )
                sizes, not_stored = assess_roster_sizes(
                    session, organization_id, new_roster
                )
        except RemovalsUnconfirmedError as error:
            names = shlex.join([organization_id, _file_name(file)])
            raise click.ClickException(
                f"{error.removals} of your {error.people} people are not in this file "
                "and would be removed. Nothing was changed. Check the file. If these "
                "people have left, type:\n"
                f"rapport roster put {names} --confirm-removals {error.removals}"
            ) from error
    document = {
        **roster_diff_document(changes, changed_rights),
        **team_sizes_document(sizes, not_stored),
    }
    counts = Section(ROSTER_COUNTS, [document])
    if dry_run:
        sections = [Section(ROSTER_DIFF, [document]), counts]
        print_result(document, ROSTER_DIFF, form, sections=sections)
    else:
        print_result(document, ROSTER_COUNTS, form)
    if dry_run and (removals := removals_to_confirm(changes)):
        print_note(
            f"{removals} of your {changes.people_before} people would be removed. If "
            f"they have left, put this file with --confirm-removals {removals}"
        )
    for sentence in rights:
        print_note(sentence)
    print_size_notes(sizes)


@roster.command()
@click.argument("organization_id", metavar="ID")
@form_options
def get(organization_id: str, form: str | None) -> None:
    """Print the roster of the agency ID.

    With --csv or --json you can put what is printed again.
    """
    with reporting_errors(), read_transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        document = roster_document(load_roster(session, organization_id))
        print_result(document, ROSTER, form)


def _file_name(file: BinaryIO) -> str:
    """The name as it is typed; standard input need not have one."""
    name = str(getattr(file, "name", "-"))
    return "-" if name == "<stdin>" else name


def _read_file(file: BinaryIO) -> Roster:
    name = _file_name(file)
    is_table = name.lower().endswith(".csv")
    parse = parse_roster_csv if is_table else parse_json
    data = file.read()
    try:
        return roster_from_document(load_document(RosterSchema(), parse(data)))
    except DocumentInvalidError as error:
        if not is_table:
            raise
        raise DocumentInvalidError(locate_roster_errors(data, error.errors)) from error
    except DocumentMalformedError as error:
        form = "a CSV table" if is_table else "JSON (the name of a table ends in .csv)"
        raise click.ClickException(
            f"{name} is not {form}. {error.detail or ''}".rstrip()
        ) from error
