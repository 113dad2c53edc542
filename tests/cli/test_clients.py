"""``rapport client``."""

import pytest

from rapport_service.cli.clients import client
from tests.cli.command_runner import run_command, run_command_json
from tests.pollbook.poll_book_requests import log_in
from tests.support.admin import audit_entries


@pytest.fixture
def agency(service):
    return service.agency({"a": 1})


def test_a_client_is_made_rotated_and_revoked(service, agency):
    line = run_command(client, "create", agency.id, "--name", "Dashboard")
    client_id, secret = line.strip().split("\t")
    assert log_in(service, client_id, secret).json["scope"] == "reports"
    service.clock.advance(minutes=1)

    renewed = run_command(client, "rotate", client_id).strip()
    assert log_in(service, client_id, renewed).status_code == 200
    service.clock.advance(minutes=1)
    run_command(client, "revoke", client_id)
    assert log_in(service, client_id, renewed).status_code == 401

    assert run_command(client, "list", agency.id) == (
        f"{client_id}\treports\tDashboard\t\ttrue\n"
    )
    assert audit_entries(agency) == [
        ("command_line", action, client_id)
        for action in ("client_created", "client_secret_rotated", "client_revoked")
    ]


def test_a_client_limited_to_teams_reads_them_alone(service, agency):
    made = run_command_json(
        client, "create", agency.id, "--name", "Dashboard", "--team", "a"
    )
    tokens = log_in(service, made["id"], made["secret"]).json

    assert tokens["scope"] == "reports"
    (listed,) = run_command_json(client, "list", agency.id)["clients"]
    line = run_command(client, "list", agency.id)
    assert line == f"{made['id']}\treports\tDashboard\ta\tfalse\n"
    assert listed == {
        "id": made["id"],
        "name": "Dashboard",
        "scopes": ["reports"],
        "team_ids": [str(agency.team_id("a"))],
        "revoked": False,
    }


def test_a_rotation_prints_when_the_old_secret_ends(agency):
    client_id, _ = agency.client()

    document = run_command_json(client, "rotate", client_id)

    assert (document["id"], document["previous_secret_valid_until"]) == (
        client_id,
        "2027-03-02T12:00:00Z",
    )


def test_refusals_name_the_reason(agency):
    create = (client, "create", agency.id, "--name", "x")
    client_id, _ = agency.client()
    run_command(client, "revoke", client_id)

    assert "there is no team z" in run_command(*create, "--team", "z", status=1)
    assert "team_ids: must be empty for a client that may do more" in run_command(
        *create, "--team", "a", "--scope", "roster", status=1
    )
    assert "was revoked. Create a new one" in run_command(
        client, "rotate", client_id, status=1
    )
    assert "there is no client" in run_command(
        client, "revoke", f"{agency.id}.x", status=1
    )
    assert "there is no agency nobody" in run_command(
        client, "list", "nobody", status=1
    )
