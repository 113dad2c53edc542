"""``rapport client``."""

import pytest

from rapport_service.cli.clients import client
from tests.cli.commands import run, run_json
from tests.integrators.as_admin import audited
from tests.pollbook.wire import log_in


@pytest.fixture
def agency(house):
    return house.agency({"a": 1})


def test_a_client_is_made_rotated_and_revoked(house, agency):
    line = run(client, "create", agency.id, "--name", "Dashboard")
    client_id, secret = line.strip().split("\t")
    assert log_in(house, client_id, secret).json["scope"] == "reports roster"
    house.clock.turn(minutes=1)

    renewed = run(client, "rotate", client_id).strip()
    assert log_in(house, client_id, renewed).status_code == 200
    house.clock.turn(minutes=1)
    run(client, "revoke", client_id)
    assert log_in(house, client_id, renewed).status_code == 401

    assert run(client, "list", agency.id) == (
        f"{client_id}\treports roster\tDashboard\trevoked\n"
    )
    assert audited(agency) == [
        ("command line", f"{did} a client", client_id)
        for did in ("created", "rotated", "revoked")
    ]


def test_a_client_limited_to_teams_reads_them_alone(house, agency):
    made = run_json(client, "create", agency.id, "--name", "Dashboard", "--team", "a")
    told = log_in(house, made["id"], made["secret"]).json

    assert told["scope"] == "reports"
    (listed,) = run_json(client, "list", agency.id)["clients"]
    assert listed == {
        "id": made["id"],
        "name": "Dashboard",
        "scopes": ["reports"],
        "teams": ["a"],
        "revoked": False,
    }


def test_a_rotation_tells_as_json_when_the_others_end(agency):
    client_id, _ = agency.client()

    told = run_json(client, "rotate", client_id)

    assert (told["id"], told["others_until"]) == (client_id, "2027-03-02T12:00:00Z")


def test_mistakes_are_said_plainly(agency):
    create = (client, "create", agency.id, "--name", "x")
    client_id, _ = agency.client()
    run(client, "revoke", client_id)

    assert "no such team: z" in run(*create, "--team", "z", status=1)
    assert "not for some teams" in run(
        *create, "--team", "a", "--scope", "roster", status=1
    )
    assert "revoked, for good" in run(client, "rotate", client_id, status=1)
    assert "no such client" in run(client, "revoke", f"{agency.id}.x", status=1)
    assert "no organization" in run(client, "list", "nobody", status=1)
