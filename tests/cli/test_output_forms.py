"""Forms of a result: a table, tabs, CSV, JSON; bars only at a terminal."""

import csv
import io
import json
from importlib.metadata import version

import click
import pytest

from rapport_service.agency.service import list_teams
from rapport_service.cli import rapport
from rapport_service.cli.enrolment import codes
from rapport_service.cli.markers import marker
from rapport_service.cli.organizations import organization, roster
from rapport_service.cli.output import progress
from rapport_service.cli.waves import pulse, wave
from rapport_service.core.db import Door, transaction
from rapport_service.pollbook.codes import normalize_code
from tests.cli.command_runner import run_command, run_command_json
from tests.pollbook.poll_book_requests import enrol
from tests.support.commands import walk_commands

SILENT = {
    "db check",
    "client revoke",
    "db dump",
    "db roles",
    "db upgrade",
    "db vacuum",
    "device revoke",
    "marker retract",
    "pulse stop",
    "seal init",
    "tick",
    "wave cancel",
    "wave seal",
}
"""Commands that print no result."""


FORMS = {"--table", "--csv", "--json"}

CRISIS = ("--kind", "crisis_start", "--on", "2027-02-20", "--label", "=1+1")


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def agency(service):
    return service.agency({"a": 2})


@pytest.fixture
def marked(agency):
    """An agency with one marker, whose label a spreadsheet would run."""
    run_command(marker, "declare", agency.id, *CRISIS, "--team", "a")
    return agency


def test_command_that_prints_a_result_prints_it_in_every_form():
    options = {
        " ".join(path): {option for each in command.params for option in each.opts}
        for path, command in walk_commands()
        if not isinstance(command, click.Group)
    }
    formless = {name for name, own in options.items() if not FORMS & own}

    assert formless == SILENT
    assert all(own >= FORMS for name, own in options.items() if name not in SILENT)


def test_every_command_says_what_it_is_for():
    for path, command in walk_commands():
        assert command.help, path


def test_codes_by_person(service, agency):
    minted = run_command_json(codes, "mint", agency.id, "--all")["codes"]

    assert [row["person"] for row in minted] == ["a-1", "a-2"]
    assert [enrol(service, row["code"]).status_code for row in minted] == [200, 200]


@pytest.mark.usefixtures("service")
def test_a_new_agency_and_its_administrators():
    made = run_command_json(
        organization, "create", "jsonagency", "--name", "J", "--time-zone", "UTC"
    )
    other = run_command_json(organization, "admin", made["organization"], "boss")

    assert (made["person"], other["person"]) == ("admin", "boss")
    for document in (made, other):
        code = document["code"]
        assert normalize_code(code) == (made["organization"], code)


def test_created_pulse_wave_and_marker_are_the_documents_of_the_api(agency):
    created = run_command_json(
        pulse, "create", agency.id, "--first-opens", "2027-03-15T09:00"
    )
    (listed,) = run_command_json(pulse, "list", agency.id)["pulses"]
    assert {name: created[name] for name in listed} == listed
    assert created["can_be_asked"] is False  # two people are too few

    planned = run_command_json(
        wave,
        *("plan", agency.id),
        *("--announces-at", "2027-03-01T12:00:00Z"),
        *("--opens-at", "2027-03-02T12:00:00Z"),
        *("--closes-at", "2027-03-03T12:00:00Z"),
        *("--seals-at", "2027-03-04T12:00:00Z"),
    )

    (listed,) = run_command_json(wave, "list", agency.id)["waves"]
    assert {name: planned[name] for name in listed} == listed

    declared = run_command_json(marker, "declare", agency.id, *CRISIS)

    assert [declared] == run_command_json(marker, "list", agency.id)["markers"]


def test_long_work_shows_a_bar_at_a_terminal_and_nothing_elsewhere(monkeypatch):
    for screen, steps, shown in (
        (Terminal(), 3, True),
        (Terminal(), 0, False),
        (io.StringIO(), 3, False),
    ):
        monkeypatch.setattr("sys.stderr", screen)

        assert list(progress(range(steps), "Making keys")) == [*range(steps)]

        assert ("Making keys" in screen.getvalue()) is shown


def test_output_for_programs_holds_no_progress_bar(agency):
    assert run_command(codes, "mint", agency.id, "--all").count("\n") == 3


def test_pipe_gets_rows_with_tabs_and_no_headings(marked):
    cells = run_command(marker, "list", marked.id).rstrip("\n").split("\t")

    assert cells[1:] == ["2027-02-20", "crisis_start", "a", "=1+1", ""]


def test_terminal_gets_aligned_columns_under_headings(marked, monkeypatch):
    printed = run_command(marker, "list", marked.id, "--table")
    screen = Terminal()
    with monkeypatch.context() as patched:
        patched.setattr("sys.stdout", screen)
        marker.main(["list", marked.id], standalone_mode=False)

    head, row = printed.splitlines()
    assert head.split() == ["id", "effective_on", "kind", "team", "label", "status"]
    assert head.index("kind") == row.index("crisis_start")
    assert screen.getvalue() == printed


def test_csv_has_a_header_and_no_formula(marked):
    printed = run_command(marker, "list", marked.id, "--csv")

    (row,) = csv.DictReader(io.StringIO(printed))
    assert "\r" not in printed
    assert (row["kind"], row["label"], row["status"]) == ("crisis_start", "'=1+1", "")


def test_last_form_on_the_command_line_counts(marked):
    as_json = run_command(marker, "list", marked.id, "--csv", "--json")
    as_csv = run_command(marker, "list", marked.id, "--json", "--csv")

    assert json.loads(as_json)["markers"][0]["label"] == "=1+1"
    assert as_csv.startswith("id,effective_on,")


def test_narrow_terminal_gets_no_line_that_is_too_long(marked, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")

    lines = run_command(marker, "list", marked.id, "--table").splitlines()

    assert max(map(len, lines)) <= 60
    assert "kind          crisis_start" in lines


@pytest.mark.parametrize("form", [(), ("--table",), ("--json",)])
def test_terminal_is_not_driven_by_what_is_stored(service, form):
    """Names from before a rule forbade this, or from another program."""
    agency = service.agency({"a": 1})
    with transaction(Door.POLL_BOOK) as session:
        for team in list_teams(session, agency.id):
            team.name = "\x1b[2J\u202eNorth\x9b"

    printed = run_command(roster, "get", agency.id, *form)

    assert printed.replace("\n", "").replace("\t", "").isprintable()
    if "--json" in form:
        names = {team["name"] for team in json.loads(printed)["teams"]}
        assert names == {"\x1b[2J\u202eNorth\x9b"}
    else:
        assert r"\x1b[2J\u202eNorth\x9b" in printed


def test_refusal_does_not_drive_the_terminal(agency):
    message = run_command(codes, "mint", agency.id, "\x1b[2J", status=1)

    assert message == r"Error: there is no person \x1b[2J in the roster" + "\n"


def test_version_is_that_of_the_distribution():
    printed = run_command(rapport, "--version")

    assert printed == f"rapport {version('rapport-service')}\n"
