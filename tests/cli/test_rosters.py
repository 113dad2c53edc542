"""``rapport roster put``."""

import json

import pytest

from rapport_service.cli.organizations import roster
from tests.agency.rosters import stored_roster
from tests.cli.command_runner import run_command, run_command_json

TABLE = """kind,external_id,name,team,supervises
team,agency,Agency,,
team,north,North,agency,
person,ann,,north,
"""


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
        "- team\ta\tTeam a\tagency",
        "- team\tagency\tThe agency\t",
        "+ team\tagency\tAgency\t",
        "+ team\tnorth\tNorth\tagency",
        "- person\ta-1\ta\t",
        "+ person\tann\tnorth\t",
        "teams: 1 added, 1 changed, 1 removed",
        "people: 1 added, 0 changed, 1 removed",
    ]
    assert stored_roster(agency) == before


def test_a_table_is_put_and_its_counts_are_json(agency, table):
    tried = run_command_json(roster, "put", agency.id, table, "--dry-run")
    applied = run_command_json(roster, "put", agency.id, table)

    assert applied == {
        "teams": {"added": 1, "changed": 1, "removed": 1},
        "people": {"added": 1, "changed": 0, "removed": 1},
    }
    assert tried == applied | {"diff": tried["diff"]}
    assert {team for team, _, _ in stored_roster(agency)[0]} == {"agency", "north"}


def test_json_comes_from_a_file_or_from_standard_input(agency, tmp_path):
    document = {
        "teams": [{"external_id": "agency", "name": "Agency", "parent": None}],
        "people": [],
    }
    (tmp_path / "roster.json").write_text(json.dumps(document))

    run_command(roster, "put", agency.id, tmp_path / "roster.json")

    again = run_command(roster, "put", agency.id, "-", input=json.dumps(document))
    assert again.splitlines() == [
        "teams: 0 added, 0 changed, 0 removed",
        "people: 0 added, 0 changed, 0 removed",
    ]


def test_errors_are_named_by_row(agency, tmp_path):
    (tmp_path / "roster.csv").write_text(TABLE + "boss,x,,north,\n")

    message = run_command(roster, "put", agency.id, tmp_path / "roster.csv", status=1)

    assert "row 5.kind: must be team or person" in message


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
