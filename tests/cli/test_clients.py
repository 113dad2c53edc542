"""``rapport client``."""

import pytest

from rapport_service.cli.clients import client
from tests.cli.command_runner import run_command, run_command_json
from tests.pollbook.wire import log_in
from tests.support.admin import audit_entries


@pytest.fixture
def agency(service):
    return service.agency({"a": 1})


def test_a_client_is_made_rotated_and_revoked(service, agency):
    line = run_command(client, "create", agency.id, "--name", "Dashboard")
    client_id, secret = line.strip().split("\t")
    assert log_in(service, client_id, secret).json["scope"] == "reports roster"
    service.clock.advance(minutes=1)

    renewed = run_command(client, "rotate", client_id).strip()
    assert log_in(service, client_id, renewed).status_code == 200
    service.clock.advance(minutes=1)
    run_command(client, "revoke", client_id)
    assert log_in(service, client_id, renewed).status_code == 401

    assert run_command(client, "list", agency.id) == (
        f"{client_id}\treports roster\tDashboard\trevoked\n"
    )
    assert audit_entries(agency) == [
        ("command line", f"{did} a client", client_id)
        for did in ("created", "rotated", "revoked")
    ]


def test_a_client_limited_to_teams_reads_them_alone(service, agency):
    made = run_command_json(
        client, "create", agency.id, "--name", "Dashboard", "--team", "a"
    )
    told = log_in(service, made["id"], made["secret"]).json

    assert told["scope"] == "reports"
    (listed,) = run_command_json(client, "list", agency.id)["clients"]
    assert listed == {
        "id": made["id"],
        "name": "Dashboard",
        "scopes": ["reports"],
        "teams": ["a"],
        "revoked": False,
    }


def test_a_rotation_tells_as_json_when_the_others_end(agency):
    client_id, _ = agency.client()

    told = run_command_json(client, "rotate", client_id)

    assert (told["id"], told["others_until"]) == (client_id, "2027-03-02T12:00:00Z")


def test_mistakes_are_said_plainly(agency):
    create = (client, "create", agency.id, "--name", "x")
    client_id, _ = agency.client()
    run_command(client, "revoke", client_id)

    assert "no such team: z" in run_command(*create, "--team", "z", status=1)
    assert "not for some teams" in run_command(
        *create, "--team", "a", "--scope", "roster", status=1
    )
    assert "revoked, for good" in run_command(client, "rotate", client_id, status=1)
    assert "no such client" in run_command(client, "revoke", f"{agency.id}.x", status=1)
    assert "no organization" in run_command(client, "list", "nobody", status=1)
