"""``--json`` on every command that prints a result; bars only at a terminal."""

import io

import click
import pytest

from rapport_service.cli import rapport
from rapport_service.cli.enrolment import codes
from rapport_service.cli.organizations import organization
from rapport_service.cli.output import progress
from rapport_service.cli.waves import pulse, wave
from rapport_service.pollbook.codes import normalize_code
from tests.cli.command_runner import run_command, run_command_json
from tests.pollbook.poll_book_requests import enrol

SILENT = {
    "db check",
    "client revoke",
    "db roles",
    "db upgrade",
    "device revoke",
    "marker retract",
    "pulse stop",
    "tick",
    "wave cancel",
}
"""Commands that print no result."""


@pytest.fixture
def agency(service):
    return service.agency({"a": 2})


def commands(group, *names):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *names, name)
        else:
            yield " ".join([*names, name]), command


def test_every_command_that_prints_a_result_prints_it_as_json_too():
    plain = {
        name
        for name, command in commands(rapport)
        if "as_json" not in {option.name for option in command.params}
    }

    assert plain == SILENT


def test_every_command_says_what_it_is_for():
    for name, command in commands(rapport):
        assert command.help, name


def test_codes_by_person(service, agency):
    minted = run_command_json(codes, "mint", agency.id, "--all")["codes"]

    assert [row["person"] for row in minted] == ["a-1", "a-2"]
    assert [enrol(service, row["code"]).status_code for row in minted] == [200, 200]


@pytest.mark.usefixtures("service")
def test_a_new_agency_and_its_administrators():
    made = run_command_json(organization, "create", "jsonagency", "--name", "J")
    other = run_command_json(organization, "admin", made["organization"], "boss")

    assert (made["person"], other["person"]) == ("admin", "boss")
    for document in (made, other):
        code = document["code"]
        assert normalize_code(code) == (made["organization"], code)


def test_a_pulse_and_a_wave(agency):
    created = run_command_json(
        pulse, "create", agency.id, "--first-opens", "2027-03-15T09:00"
    )
    assert set(created) == {"id"}

    planned = run_command_json(
        wave,
        *("plan", agency.id),
        *("--announces-at", "2027-03-01T12:00:00Z"),
        *("--opens-at", "2027-03-02T12:00:00Z"),
        *("--closes-at", "2027-03-03T12:00:00Z"),
        *("--seals-at", "2027-03-04T12:00:00Z"),
    )

    assert agency.wave(planned["id"]).public_id == planned["id"]


def test_long_work_shows_a_bar_at_a_terminal_and_nothing_elsewhere(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    for screen, steps, shown in (
        (Terminal(), 3, True),
        (Terminal(), 0, False),
        (io.StringIO(), 3, False),
    ):
        monkeypatch.setattr("sys.stderr", screen)

        assert list(progress(range(steps), "Making keys")) == [*range(steps)]

        assert ("Making keys" in screen.getvalue()) is shown


def test_output_for_programs_holds_no_progress_bar(agency):
    assert run_command(codes, "mint", agency.id, "--all").count("\n") == 2
