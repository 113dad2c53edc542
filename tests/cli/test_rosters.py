"""``rapport roster put`` and ``rapport roster get``."""

import json
import shlex

import pytest

from rapport_service.cli.organizations import roster
from tests.agency.rosters import stored_roster
from tests.cli.command_runner import run_command, run_command_json

TABLE = """kind,external_id,name,team,supervises
team,agency,Agency,,
team,north,North,agency,
person,ann,,north,
"""

READ_TABLE = """kind,external_id,name,team,supervises,away
team,agency,Agency,,,
team,north,North,agency,,
person,ann,,north,,no
"""

ROOT_ALONE = {
    "teams": [{"external_id": "agency", "name": "The agency", "parent": None}],
    "people": [],
}


@pytest.fixture
def agency(service):
    return service.agency({"a": 1})


@pytest.fixture
def table(tmp_path):
    file = tmp_path / "Roster.CSV"
    file.write_text(TABLE)
    return file


def test_a_dry_run_shows_rows_and_changes_nothing(agency, table):
    before = stored_roster(agency)

    assert run_command(roster, "put", agency.id, table, "--dry-run").splitlines() == [
        "before\tteam\ta\tTeam a\tagency\t\t",
        "before\tteam\tagency\tThe agency\t\t\t",
        "after\tteam\tagency\tAgency\t\t\t",
        "after\tteam\tnorth\tNorth\tagency\t\t",
        "before\tperson\ta-1\t\ta\t\tno",
        "after\tperson\tann\t\tnorth\t\tno",
        "teams\t1\t1\t1",
        "people\t1\t0\t1",
        "note: 1 person can answer in this agency. It needs 8, so no wave will be "
        "announced. Add people to the roster",
    ]
    assert stored_roster(agency) == before


def test_a_table_is_put_and_its_counts_are_json(agency, table):
    tried = run_command_json(roster, "put", agency.id, table, "--dry-run")
    applied = run_command_json(roster, "put", agency.id, table)

    assert applied["teams"] == {"added": 1, "changed": 1, "removed": 1}
    assert applied["people"] == {"added": 1, "changed": 0, "removed": 1}
    assert tried.keys() == applied.keys() | {"diff"}
    assert (tried["teams"], tried["people"]) == (applied["teams"], applied["people"])
    assert {team for team, _, _ in stored_roster(agency)[0]} == {"agency", "north"}


def test_json_comes_from_a_file_or_from_standard_input(agency, tmp_path):
    document = {
        "teams": [{"external_id": "agency", "name": "Agency", "parent": None}],
        "people": [],
    }
    (tmp_path / "roster.json").write_text(json.dumps(document))

    run_command(roster, "put", agency.id, tmp_path / "roster.json")

    again = run_command(roster, "put", agency.id, "-", input=json.dumps(document))
    assert again.splitlines()[:2] == [
        "teams\t0\t0\t0",
        "people\t0\t0\t0",
    ]


def test_errors_are_named_by_row(agency, tmp_path):
    (tmp_path / "roster.csv").write_text(TABLE + "boss,x,,north,\n")

    message = run_command(roster, "put", agency.id, tmp_path / "roster.csv", status=1)

    assert "rows.5.kind: must be one of team, person" in message


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("r.csv", TABLE.replace("North", "Ñ").encode("latin-1"), "in UTF-8"),
        ("r.json", b'{"teams": [],\n "people" []}', "line 2, column 11: "),
        ("r.txt", TABLE.encode(), "the name of a table ends in .csv"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_it_should_be(
    agency, tmp_path, name, data, reason
):
    (tmp_path / name).write_bytes(data)

    message = run_command(roster, "put", agency.id, tmp_path / name, status=1)

    assert name in message
    assert reason in message


# Many removals.


@pytest.fixture
def large_agency(service):
    """An agency with forty people."""
    return service.agency({"north": 40})


def test_half_a_table_is_refused_with_the_number_and_what_to_type(
    large_agency, tmp_path
):
    before = stored_roster(large_agency)
    rows = run_command(roster, "get", large_agency.id, "--csv").splitlines()
    half = tmp_path / "half a roster.csv"
    half.write_text("\n".join(rows[:-15]))

    message = run_command(roster, "put", large_agency.id, half, status=1)

    assert "15 of your 40 people are not in this file" in message
    assert "Nothing was changed" in message
    assert stored_roster(large_agency) == before
    *_, typed = message.splitlines()
    command, option, number = typed.partition(" --confirm-removals ")
    assert shlex.split(command) == [
        *("rapport", "roster", "put", large_agency.id, str(half))
    ]
    run_command(roster, "put", large_agency.id, half, option.strip(), number)
    assert len(stored_roster(large_agency)[1]) == 25


def test_standard_input_is_typed_again_as_a_dash(large_agency):
    message = run_command(
        roster, "put", large_agency.id, "-", input=json.dumps(ROOT_ALONE), status=1
    )

    assert f"put {large_agency.id} - --confirm-removals 40" in message


@pytest.mark.parametrize("number", [0, 39, 41])
def test_another_number_is_refused(large_agency, tmp_path, number):
    (tmp_path / "roster.json").write_text(json.dumps(ROOT_ALONE))
    arguments = ("put", large_agency.id, tmp_path / "roster.json")

    message = run_command(roster, *arguments, "--confirm-removals", number, status=1)

    assert "40 of your 40 people" in message
    assert len(stored_roster(large_agency)[1]) == 40


def test_a_dry_run_notes_how_many_removals_must_be_confirmed(large_agency, tmp_path):
    (tmp_path / "roster.json").write_text(json.dumps(ROOT_ALONE))

    printed = run_command(
        roster, "put", large_agency.id, tmp_path / "roster.json", "--dry-run"
    )

    assert "people\t0\t0\t40\n" in printed
    assert "note: 40 of your 40 people would be removed." in printed
    assert "--confirm-removals 40" in printed


# Reading it back.


def test_the_table_that_is_read_changes_nothing_when_it_is_put(agency, table, tmp_path):
    run_command(roster, "put", agency.id, table)
    (tmp_path / "read.csv").write_text(run_command(roster, "get", agency.id, "--csv"))

    assert (tmp_path / "read.csv").read_text() == READ_TABLE
    again = run_command(roster, "put", agency.id, tmp_path / "read.csv", "--dry-run")
    assert again.splitlines()[:2] == [
        "teams\t0\t0\t0",
        "people\t0\t0\t0",
    ]


def test_the_document_that_is_read_is_that_of_the_api(agency):
    assert run_command_json(roster, "get", agency.id) == {
        "teams": [
            {"external_id": "a", "name": "Team a", "parent": "agency"},
            {"external_id": "agency", "name": "The agency", "parent": None},
        ],
        "people": [
            {"external_id": "a-1", "team": "a", "supervises": [], "away": False}
        ],
    }


def test_an_id_that_no_table_can_hold_is_named(agency, tmp_path):
    document = {
        "teams": [{"external_id": "a;b", "name": "A", "parent": None}],
        "people": [
            {"external_id": "ann", "team": "a;b", "supervises": ["a;b"], "away": True}
        ],
    }
    (tmp_path / "roster.json").write_text(json.dumps(document))
    run_command(roster, "put", agency.id, tmp_path / "roster.json")

    message = run_command(roster, "get", agency.id, "--csv", status=1)

    assert "the team id a;b" in message
    assert run_command_json(roster, "get", agency.id) == document


def test_an_agency_that_is_not_there_has_no_roster(service):
    del service

    assert "there is no agency" in run_command(roster, "get", "nowhere", status=1)
