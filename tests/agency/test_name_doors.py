"""The rule on names at every door: API, table, command line, and each address."""

# ruff: noqa: RUF001  # letters of many scripts

import csv
import json
from io import StringIO
from urllib.parse import quote

import pytest

from rapport_service.agency.administrators import Right, grant_right
from rapport_service.core.db import Door, transaction
from tests.cli.command_runner import environment_for, refusal_message, run_main
from tests.support.admin import AdminClient, code_of
from tests.support.gunicorn import GunicornServer

ODD = [
    *("county/7", "a?b", "a#b", "%2F", "%2e%2e", "100%", "a b", "a&b=c", "x+y"),
    *(".hidden", "a..b", "...", "a\\b", "+1", "~x", "a:b", "@x", "*", "'", '"', "a,b"),
    *("ñandú", "می\u200cخواهم", "👩\u200d⚕\ufe0f", "codes", "x/codes", "codes/codes"),
    *("devices/revoke", "x/devices/revoke", "admin/x", "x" * 200, "é" * 200),
]
"""Ids that are taken, and so have an address."""

REFUSED = {
    "/x": "must not be . or .. or nothing, nor have such a part between slashes",
    ".": "must not be . or .. or nothing, nor have such a part between slashes",
    "..": "must not be . or .. or nothing, nor have such a part between slashes",
    "a//b": "must not be . or .. or nothing, nor have such a part between slashes",
    "-x": "must not begin with -, as the options of commands do",
    "a\u200bb": "must not have the invisible ZERO WIDTH SPACE at position 2",
    "a\nb": "must not have the invisible LINE FEED at position 2",
    "a\u202eb": "must not have the invisible RIGHT-TO-LEFT OVERRIDE at position 2",
    " a": "must not begin or end with a space",
    "": "must have from 1 to 200 characters",
    "x" * 201: "must have from 1 to 200 characters",
    "Admin": "must not be the id of the agency's first administrator",
}


def roster(*people, teams=()):
    return {
        "teams": [
            {"external_id": "all", "name": "All", "parent": None},
            *({"external_id": team, "name": "T", "parent": "all"} for team in teams),
        ],
        "people": [
            {"external_id": person, "team": "all", "supervises": []}
            for person in people
        ],
    }


def table(*people):
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["kind", "external_id", "name", "team", "supervises", "away"])
    writer.writerow(["team", "all", "All", "", "", ""])
    writer.writerows(["person", person, "", "all", "", ""] for person in people)
    return text.getvalue().encode()


@pytest.fixture
def admin(service):
    return AdminClient(service.agency({}))


def put_table(admin, data):
    headers = admin.headers | {"Content-Type": "text/csv"}
    return admin.http.put("/v1/roster", data=data, headers=headers)


def errors_of(reply):
    return [(error["pointer"], error["detail"]) for error in reply.get_json()["errors"]]


@pytest.mark.parametrize("name", REFUSED)
def test_api_and_table_refuse_the_same_with_the_same_words(admin, name):
    by_api = admin.put("/v1/roster", roster("ann", name))
    by_table = put_table(admin, table("ann", name))

    assert errors_of(by_api) == [("/people/1/external_id", REFUSED[name])]
    assert errors_of(by_table) == [("/rows/4/external_id", REFUSED[name])]


def test_two_forms_of_one_id_are_one_and_are_refused_together(admin):
    """As a spreadsheet from a Mac and one from Windows write it."""
    forms = ("ni\u00f1o-1", "nin\u0303o-1")
    by_api = admin.put("/v1/roster", roster(*forms))
    by_table = put_table(admin, table(*forms))

    assert errors_of(by_api) == [
        ("/people/1/external_id", "must not be the id of an earlier row")
    ]
    assert errors_of(by_table) == [
        ("/rows/4/external_id", "must not be the id of an earlier row")
    ]


def test_same_person_in_the_other_form_next_week_is_no_change(admin):
    admin.put("/v1/roster", roster("ni\u00f1o-1", "ann"))

    again = admin.put("/v1/roster", roster("nin\u0303o-1", "ann")).get_json()
    listed = admin.get("/v1/people")
    person = admin.get(f"/v1/people/{quote('nin' + chr(0x303) + 'o-1')}")

    assert again["people"] == {"added": 0, "changed": 0, "removed": 0}
    assert [each["external_id"] for each in listed.get_json()["people"]] == [
        "ann",
        "ni\u00f1o-1",
    ]
    assert person.get_json()["external_id"] == "ni\u00f1o-1"


def test_clash_of_case_names_both(admin):
    people = admin.put("/v1/roster", roster("E-1", "e-1"))
    teams = admin.put("/v1/roster", roster(teams=("North", "NORTH")))

    assert errors_of(people) == [
        ("/people/1/external_id", "is e-1, which is too like E-1 of an earlier row")
    ]
    assert errors_of(teams) == [
        ("/teams/2/external_id", "is NORTH, which is too like North of an earlier row")
    ]


def test_rosters_person_does_not_become_an_administrator(admin):
    refused = admin.put("/v1/roster", roster("admin"))

    assert errors_of(refused)[0][0] == "/people/0/external_id"
    assert refused.get_json()["errors"][0]["code"] == "reserved"


@pytest.mark.parametrize("name", ODD)
def test_every_id_that_is_taken_has_an_address(admin, name):
    put = admin.put("/v1/roster", roster(name, teams=(name,)))
    assert put.status_code == 200, put.text
    path = f"/v1/people/{quote(name, safe='')}"

    assert admin.get(path).get_json()["external_id"] == name
    listed = admin.get(f"/v1/people?external_id={quote(name, safe='')}").get_json()
    assert [each["external_id"] for each in listed["people"]] == [name]
    teams = admin.get(f"/v1/teams?external_id={quote(name, safe='')}").get_json()
    assert [each["external_id"] for each in teams["teams"]] == [name]
    assert admin.post(f"{path}/codes", {"purpose": "answering"}).status_code == 201
    assert admin.post(f"{path}/devices/revoke").status_code == 204


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A real server, with every odd id in its roster, and a command for it."""
    folder = tmp_path_factory.mktemp("names")
    url = f"sqlite:///{folder}/rapport.db"

    def rapport(*arguments):
        return run_main(*arguments, environ=environment_for(url))

    assert rapport("db", "upgrade").exit_code == 0
    code = rapport(
        "organization", "create", "acme", "--name", "Acme", "--time-zone", "UTC"
    ).stdout.strip()
    (folder / "roster.json").write_text(json.dumps(roster(*ODD)))
    done = rapport("roster", "put", "acme", str(folder / "roster.json"))
    assert done.exit_code == 0, done.output
    server = GunicornServer(url, folder / "log")
    try:
        _, body = server.request(
            "POST",
            "/v1/enrolments",
            body=json.dumps({"code": code, "device": "A" * 43}),
            headers={"Content-Type": "application/json"},
        )
        yield server, json.loads(body)["access_token"], rapport
    finally:
        server.stop()


def test_real_server_and_command_line_find_every_id(served):
    server, token, rapport = served
    headers = {"Authorization": f"Bearer {token}"}
    answers = []
    for name in ODD:
        path = f"/v1/people/{quote(name, safe='')}"
        reply, body = server.request("GET", path, headers=headers)
        answers.append((reply.status, json.loads(body).get("external_id")))

    assert answers == [(200, name) for name in ODD]
    minted = rapport("codes", "mint", "acme", *ODD)
    assert minted.exit_code == 0, minted.output
    assert len(minted.stdout.splitlines()) == len(ODD)


@pytest.mark.parametrize("name", sorted(REFUSED.keys() - {"", "Admin", "-x"}))
def test_administrator_gets_only_ids_that_can_be_revoked(served, name):
    _, _, rapport = served

    refused = rapport("organization", "admin", "acme", "--add", name)

    assert REFUSED[name] in refusal_message(refused)


def test_administrator_gets_no_id_too_like_another(served):
    _, _, rapport = served

    refused = rapport("organization", "admin", "acme", "--add", "COUNTY/7")

    assert "is COUNTY/7, which is too like county/7" in refusal_message(refused)


def test_person_gets_no_id_too_like_an_administrators(service):
    agency = service.agency({})
    admin = AdminClient(agency)
    with_boss = roster("boss")
    admin.put("/v1/roster", with_boss)
    with transaction(Door.POLL_BOOK) as session:
        grant_right(session, agency.id, "boss", Right.ADMIN)

    assert admin.put("/v1/roster", with_boss).status_code == 200
    refused = admin.put("/v1/roster", roster("BOSS"))

    assert errors_of(refused) == [
        (
            "/people/0/external_id",
            "is BOSS, which is too like boss, an administrator",
        )
    ]


@pytest.mark.parametrize("name", ["a\u200bb", "", "x" * 201])
def test_names_of_agencies_and_programs_keep_the_rule_on_the_command_line(served, name):
    _, _, rapport = served
    expected = REFUSED[name]

    agency = rapport(
        "organization", "create", "beech", "--name", name, "--time-zone", "UTC"
    )
    program = rapport("client", "create", "acme", "--name", name)

    assert expected in refusal_message(agency)
    assert expected in refusal_message(program)


def test_names_of_programs_keep_the_rule_in_the_api(admin):
    body = {"name": "a\u202eb", "scopes": ["reports"], "team_ids": []}

    assert errors_of(admin.post("/v1/clients", body)) == [
        ("/name", "must not have the invisible RIGHT-TO-LEFT OVERRIDE at position 2")
    ]


def test_unknown_person_with_any_text_is_not_found(admin):
    for name in ("a\0b", "\u200b", "nobody"):
        reply = admin.get(f"/v1/people/{quote(name, safe='')}")
        assert code_of(reply) == "person-not-found"
