"""Notes on standard error: a command did something that may not be meant."""

import pytest

from rapport_service.agency.service import get_person
from rapport_service.cli.clients import client
from rapport_service.cli.enrolment import codes, device
from rapport_service.cli.markers import marker
from rapport_service.cli.organizations import organization
from rapport_service.cli.waves import pulse
from rapport_service.core.db import Door, transaction
from tests.cli.command_runner import run_command


@pytest.fixture
def agency(service):
    """Two who answer, one who supervises the team, one who supervises everything."""
    return service.agency({"a": 2}, supervises={"lead": ["a"], "head": ["agency"]})


CODE_END = "note: a code works once, and until 2027-03-31 12:00 (UTC)"
"""The note of every command that prints codes: thirty days after the clock of tests."""


def notes(printed):
    """The notes of a command, without the one that every code has."""
    lines = [line for line in printed.splitlines() if line.startswith("note: ")]
    return [line for line in lines if line != CODE_END]


def test_codes_are_printed_with_the_time_until_which_they_work(agency):
    for command in ((codes, "mint", agency.id, "a-1"), (organization, "admin")):
        words = command if len(command) > 2 else (*command, agency.id, "boss")

        assert CODE_END in run_command(*words).splitlines()


def test_answering_codes_of_people_who_only_read_are_noted(agency):
    (note,) = notes(run_command(codes, "mint", agency.id, "a-1", "lead", "head"))

    assert note.endswith("--reading: head")


def test_answering_codes_of_people_who_are_away_are_noted(agency):
    with transaction(Door.POLL_BOOK) as session:
        get_person(session, agency.id, "a-2").away = True

    (note,) = notes(run_command(codes, "mint", agency.id, "a-1", "a-2"))

    assert "are not asked" in note
    assert note.endswith(": a-2")


def test_reading_codes_of_people_who_supervise_no_team_are_noted(agency):
    run_command(organization, "admin", agency.id, "a-2")

    note, right = notes(run_command(codes, "mint", agency.id, "--all", "--reading"))

    assert "a-2" in right
    assert "supervise no team" in note
    assert note.endswith(": a-1")


def test_codes_for_all_of_an_empty_roster_are_refused(service):
    agency = service.agency({})

    assert "Run `rapport roster put` first" in run_command(
        codes, "mint", agency.id, "--all", status=1
    )


def test_an_administrator_who_is_not_in_the_roster_is_noted(agency):
    assert notes(run_command(organization, "admin", agency.id, "a-1")) == []
    (note,) = notes(run_command(organization, "admin", agency.id, "boss"))

    assert "boss is not in the roster" in note


@pytest.mark.parametrize(
    ("opens", "expected"), [("2027-02-28T09:00", 1), ("2027-03-08T09:00", 0)]
)
def test_a_pulse_that_begins_in_the_past_is_noted(agency, opens, expected):
    printed = run_command(pulse, "create", agency.id, "--first-opens", opens)

    past = [note for note in notes(printed) if "is in the past" in note]
    assert len(past) == expected


def test_a_crisis_end_without_its_start_is_noted(agency):
    def declare(kind, on):
        line = ("--kind", f"crisis_{kind}", "--on", on, "--label", "The storm")
        return notes(run_command(marker, "declare", agency.id, *line))

    assert len(declare("end", "2027-02-20")) == 1
    assert declare("start", "2027-01-20") == []
    assert declare("end", "2027-02-20") == []


def test_revocations_are_confirmed(agency):
    client_id, _ = run_command(client, "create", agency.id, "--name", "x").split("\t")

    assert run_command(client, "revoke", client_id) == "client: revoked\n"
    assert run_command(device, "revoke", agency.id, "a-1") == (
        "devices: revoked, if there were any\n"
    )
