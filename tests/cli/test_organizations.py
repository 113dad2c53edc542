"""``rapport organization``, ``roster``, ``codes`` and ``client``."""

import json
import re

import pytest

from tests.cli.command_runner import refusal_message

CODE = re.compile(r"acme-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")

ROSTER = {
    "teams": [
        {"external_id": "all", "name": "Everybody", "parent": None},
        {"external_id": "north", "name": "North", "parent": "all"},
    ],
    "people": [
        {"external_id": "ann", "team": "north"},
        {"external_id": "ben", "team": "north", "supervises": ["all"]},
    ],
}


def put_roster_file(rapport, roster, organization="acme"):
    typed = roster if isinstance(roster, bytes) else json.dumps(roster)
    return rapport("roster", "put", organization, "-", typed=typed)


@pytest.fixture
def staffed(acme):
    assert put_roster_file(acme, ROSTER).exit_code == 0
    return acme


def test_a_new_agency_prints_its_first_administrators_code(rapport):
    done = rapport(
        "organization",
        "create",
        "acme",
        "--name",
        "Acme Social Care",
        "--time-zone",
        "UTC",
    )

    assert done.exit_code == 0
    assert CODE.fullmatch(done.stdout.strip())
    assert done.stderr.startswith("note: a code works once, and until 20")


def test_an_agency_may_raise_its_minimums_and_name_its_zone(rapport):
    done = rapport(
        *("organization", "create", "acme", "--name", "Acme"),
        *(
            "--time-zone",
            "America/New_York",
            "--min-respondents",
            "7",
            "--min-pool",
            "12",
        ),
    )

    assert done.exit_code == 0


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (["Acme", "--name", "x"], "an id is 3 to 20 lower-case letters and digits"),
        (["ac", "--name", "x"], "an id is 3 to 20"),
        (["a" * 21, "--name", "x"], "an id is 3 to 20"),
        (["1acme", "--name", "x"], "begins with a letter"),
        (["a-cme", "--name", "x"], "an id is"),
        (["acmé", "--name", "x"], "an id is"),
        (["", "--name", "x"], "an id is"),
        (
            ["acme", "--name", "x", "--time-zone", "Mars"],
            "time_zone: is no name of the IANA list",
        ),
        (["acme", "--name", "x", "--time-zone", "../etc"], "such as America/"),
        (["acme", "--name", "x", "--time-zone", "/etc/passwd"], "such as America/"),
        (["acme", "--name", "x", "--time-zone", ""], "such as America/"),
        (["acme", "--name", "x", "--time-zone", "America"], "such as America/"),
        (["acme", "--name", "x", "--min-respondents", "4"], "between 5 and 25"),
        (["acme", "--name", "x", "--min-pool", "26"], "between 5 and 25"),
    ],
)
def test_an_agency_that_cannot_be_is_refused_with_the_rule(rapport, wrong, why):
    assert why in refusal_message(
        rapport("organization", "create", "--time-zone", "UTC", *wrong)
    )
    done = rapport(
        "organization", "create", "acme", "--name", "x", "--time-zone", "UTC"
    )
    assert done.exit_code == 0


def test_an_id_is_taken_once(acme):
    done = acme(
        "organization", "create", "acme", "--name", "Another", "--time-zone", "UTC"
    )

    assert refusal_message(done) == "the id 'acme' is taken"


@pytest.mark.parametrize(
    "missing",
    [
        ["organization", "create", "acme", "--name", "x"],
        ["organization", "create", "acme", "--time-zone", "UTC"],
        ["organization", "create", "--name", "x", "--time-zone", "UTC"],
        [
            "organization",
            "create",
            "acme",
            "--name",
            "x",
            "--time-zone",
            "UTC",
            "--min-respondents",
            "five",
        ],
        ["organization", "admin", "acme"],
        ["roster", "put", "acme"],
        ["roster", "put", "acme", "/nowhere/roster.json"],
        ["codes", "mint"],
        ["codes", "mint", "acme"],
        ["codes", "mint", "acme", "ann", "--all"],
        ["client", "create", "acme"],
        ["pulse", "create", "acme"],
        ["pulse", "stop", "acme", "not-a-uuid"],
        ["wave", "plan", "acme"],
        ["wave", "cancel", "acme.x"],
        ["tick", "--every", "0"],
    ],
)
def test_a_wrong_command_line_shows_the_usage(acme, missing):
    done = acme(*missing)

    assert done.exit_code == 2
    assert done.stderr.startswith("Usage: rapport ")


def test_anybody_can_be_made_administrator(staffed):
    for person in ("ann", "somebody-at-headquarters"):
        done = staffed("organization", "admin", "acme", person)

        assert done.exit_code == 0
        assert CODE.fullmatch(done.stdout.strip())


@pytest.mark.parametrize(
    "command",
    [
        ["organization", "admin", "nobody", "ann"],
        ["codes", "mint", "nobody", "ann"],
        ["codes", "mint", "nobody", "--all"],
        ["client", "create", "nobody", "--name", "x"],
        ["pulse", "create", "nobody", "--first-opens", "2027-01-11T09:00"],
    ],
)
def test_an_agency_that_is_not_there_is_named(acme, command):
    assert refusal_message(acme(*command)) == "there is no agency nobody"


def test_a_roster_is_put_and_put_again(acme):
    first, second = put_roster_file(acme, ROSTER), put_roster_file(acme, ROSTER)

    assert first.stdout == ("teams\t2\t0\t0\npeople\t2\t0\t0\n")
    assert second.stdout == ("teams\t0\t0\t0\npeople\t0\t0\t0\n")


def test_a_roster_may_come_from_a_file(acme, tmp_path):
    path = tmp_path / "roster.json"
    path.write_text(json.dumps(ROSTER))

    assert acme("roster", "put", "acme", str(path)).exit_code == 0


def test_bad_roster_names_each_error_and_changes_nothing(staffed):
    bad = {
        "teams": [
            *ROSTER["teams"],
            {"external_id": "lost", "name": "Lost", "parent": "nowhere"},
            {"external_id": "twice", "name": "", "parent": None, "planted": 1},
        ],
        "people": [{"external_id": "cat", "team": 7}],
    }

    fields = refusal_message(put_roster_file(staffed, bad)).splitlines()

    assert {line.partition(":")[0] for line in fields} == {
        "teams.3.name",
        "teams.3.planted",
        "people.0.team",
    }
    again = put_roster_file(staffed, ROSTER).stdout
    assert again == "teams\t0\t0\t0\npeople\t0\t0\t0\n"


def test_a_roster_that_contradicts_itself_names_each_place(staffed):
    bad = {
        "teams": [
            {"external_id": "all", "name": "A", "parent": None},
            {"external_id": "other", "name": "B", "parent": None},
            {"external_id": "lost", "name": "C", "parent": "nowhere"},
            {"external_id": "lost", "name": "D", "parent": "all"},
        ],
        "people": [{"external_id": "cat", "team": "none", "supervises": ["none"]}],
    }

    message = refusal_message(put_roster_file(staffed, bad))

    assert "teams: must have exactly one team without a parent" in message
    assert "teams.3.external_id: must not be the id of an earlier row" in message
    assert "people.0.team: names no team of this roster" in message
    assert "people.0.supervises.0: names no team of this roster" in message


@pytest.mark.parametrize(
    "broken", [b"", b"{", b"[]", b"\xff", b'{"teams": NaN}', b"[" * 100_000]
)
def test_a_file_that_is_no_json_object_is_refused(acme, broken):
    assert " is not JSON" in refusal_message(put_roster_file(acme, broken))


def test_a_roster_for_an_agency_that_is_not_there_is_refused(acme):
    assert (
        refusal_message(put_roster_file(acme, ROSTER, "nobody"))
        == "there is no agency nobody"
    )


def test_codes_are_minted_by_name_in_the_order_asked(staffed):
    done = staffed("codes", "mint", "acme", "ben", "ann")

    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert [person for person, _ in lines] == ["ben", "ann"]
    assert all(CODE.fullmatch(code) for _, code in lines)
    assert len({code for _, code in lines}) == 2


def test_codes_are_minted_for_all_of_the_roster(staffed):
    done = staffed("codes", "mint", "acme", "--all", "--reading")

    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["ann", "ben"]


def test_one_unknown_name_and_no_code_is_minted(staffed):
    done = staffed("codes", "mint", "acme", "ann", "zoe")

    assert refusal_message(done) == "there is no person zoe in the roster"


def test_a_client_gets_an_id_and_a_secret(staffed):
    done = staffed("client", "create", "acme", "--name", "Intranet", "--team", "north")

    client_id, secret = done.stdout.strip().split("\t")
    assert re.fullmatch(r"acme\.[0-9a-f-]{36}", client_id)
    assert len(secret) >= 43


def test_a_client_for_a_team_that_is_not_there_is_refused(staffed):
    done = staffed(
        *("client", "create", "acme", "--name", "x"),
        *("--team", "south", "--team", "north", "--team", "west"),
    )

    assert refusal_message(done) == "there is no team south, west"
