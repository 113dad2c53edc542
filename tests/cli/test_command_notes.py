"""What a command does although it may not be meant is said on standard error."""

import pytest

from rapport_service.cli.clients import client
from rapport_service.cli.enrolment import codes, device
from rapport_service.cli.markers import marker
from rapport_service.cli.organizations import organization
from rapport_service.cli.waves import pulse
from tests.cli.command_runner import run_command


@pytest.fixture
def agency(service):
    """Two who answer, one who supervises the team, one who supervises everything."""
    return service.agency({"a": 2}, supervises={"lead": ["a"], "head": ["agency"]})


def notes(printed):
    return [line for line in printed.splitlines() if line.startswith("note: ")]


def test_a_code_for_answering_of_somebody_who_only_reads(agency):
    (said,) = notes(run_command(codes, "mint", agency.id, "a-1", "lead", "head"))

    assert said.endswith("(--reading?): head")


def test_a_code_for_reading_of_somebody_who_supervises_nothing(agency):
    run_command(organization, "admin", agency.id, "a-2")

    (said,) = notes(run_command(codes, "mint", agency.id, "--all", "--reading"))

    assert said.endswith("reads nothing yet: a-1")


def test_codes_for_everybody_of_an_empty_roster_are_refused(service):
    agency = service.agency({})

    assert "`rapport roster put` first" in run_command(
        codes, "mint", agency.id, "--all", status=1
    )


def test_an_administrator_who_is_not_in_the_roster(agency):
    assert notes(run_command(organization, "admin", agency.id, "a-1")) == []
    (said,) = notes(run_command(organization, "admin", agency.id, "nobody"))

    assert "nobody is not in the roster" in said


@pytest.mark.parametrize(
    ("opens", "expected"), [("2027-02-28T09:00", 1), ("2027-03-08T09:00", 0)]
)
def test_a_pulse_that_begins_in_the_past(agency, opens, expected):
    printed = run_command(pulse, "create", agency.id, "--first-opens", opens)

    assert len(notes(printed)) == expected


def test_an_end_without_a_beginning(agency):
    def declare(kind, on):
        line = ("--kind", f"crisis-{kind}", "--on", on, "--label", "The storm")
        return notes(run_command(marker, "declare", agency.id, *line))

    assert len(declare("end", "2027-02-20")) == 1
    assert declare("start", "2027-01-20") == []
    assert declare("end", "2027-02-20") == []


def test_what_was_ended_is_said(agency):
    client_id, _ = run_command(client, "create", agency.id, "--name", "x").split("\t")

    assert run_command(client, "revoke", client_id) == "client: revoked\n"
    assert run_command(device, "revoke", agency.id, "a-1") == (
        "devices: revoked, if there were any\n"
    )
