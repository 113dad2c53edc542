"""Service clients: made with limits, given new secrets, ended."""

from uuid import UUID, uuid4

import pytest

from rapport_service.agency.models import ClientTeam, ServiceClient
from rapport_service.core.db import Door, transaction
from rapport_service.pollbook.clients import SECRET_OVERLAP
from rapport_service.pollbook.models import ClientSecret
from tests.pollbook.poll_book_requests import bearer, log_in
from tests.support.admin import (
    AdminClient,
    audit_entries,
    code_of,
    fields_of,
    program_headers,
)
from tests.support.rows import rows_of

EMPTY_ROSTER = {
    "teams": [{"external_id": "agency", "name": "Agency", "parent": None}],
    "people": [],
}


@pytest.fixture
def agency(service):
    return service.agency({"a": 3, "a1": 2, "b": 3}, {"a1": "a"})


def create(admin, scopes=("reports",), teams=(), name="Dashboard"):
    body = {"name": name, "scopes": scopes, "team_ids": [str(team) for team in teams]}
    return admin.post("/v1/clients", body)


def create_client_of_all_teams(admin, *args, **kwargs):
    reply = create(admin, *args, **kwargs)
    assert reply.status_code == 201, reply.text
    return reply.get_json()


def test_a_program_gets_the_scopes_it_was_given_and_no_other(service, admin):
    for scopes in (["reports"], ["roster"], ["reports", "roster"]):
        client = create_client_of_all_teams(admin, scopes)

        tokens = log_in(service, client["id"], client["secret"]).json

        assert tokens["scope"].split() == scopes


def test_a_program_for_reports_puts_no_roster_and_one_for_the_roster_reads_none(
    service, admin
):
    reports, roster = (
        create_client_of_all_teams(admin, [scope]) for scope in ("reports", "roster")
    )
    reader = program_headers(service, reports["id"], reports["secret"])
    writer = program_headers(service, roster["id"], roster["secret"])

    assert service.http.get("/v1/teams", headers=reader).status_code == 200
    refused = service.http.put("/v1/roster", json=EMPTY_ROSTER, headers=reader)
    assert code_of(refused) == "scope-missing"
    assert code_of(service.http.get("/v1/teams", headers=writer)) == "scope-missing"
    put = service.http.put("/v1/roster", json=EMPTY_ROSTER, headers=writer)
    assert put.status_code == 200


def test_a_program_limited_to_a_team_sees_it_and_those_below(service, agency, admin):
    client = create_client_of_all_teams(admin, teams=[agency.team_id("a")])

    reply = service.http.get(
        "/v1/teams", headers=program_headers(service, client["id"], client["secret"])
    )

    assert [team["external_id"] for team in reply.get_json()["teams"]] == ["a", "a1"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["reports", "reports"]}, "scopes.1"),
        ({"scopes": ["admin"]}, "scopes.0"),
        ({"name": "two\nlines"}, "name"),
        ({"team_ids": ["a"]}, "team_ids.0"),
        ({"team_ids": [str(uuid4())]}, "team_ids.0"),
    ],
)
def test_a_program_that_cannot_be_is_not_made(agency, admin, change, field):
    body = {"name": "Dashboard", "scopes": ["reports"], "team_ids": []}

    assert fields_of(admin.post("/v1/clients", body | change)) == [field]
    assert rows_of(ServiceClient, agency) == []


def test_client_of_some_teams_cannot_have_the_roster(agency, admin):
    refused = create(admin, ["reports", "roster"], [agency.team_id("a")])

    assert fields_of(refused) == ["team_ids"]


def test_a_limited_program_that_was_once_given_the_roster_still_puts_none(
    service, agency, admin
):
    client = create_client_of_all_teams(admin, ["roster"])
    with transaction(Door.POLL_BOOK) as session:
        session.add(
            ClientTeam(
                organization_id=agency.id,
                client_id=UUID(client["id"].removeprefix(f"{agency.id}.")),
                team_id=agency.team_id("a"),
            )
        )
    headers = program_headers(service, client["id"], client["secret"])

    refused = service.http.put("/v1/roster", json=EMPTY_ROSTER, headers=headers)

    assert code_of(refused) == "scope-missing"


def test_clients_are_listed_without_their_secrets(agency, admin):
    limit = agency.team_id("a")
    first = create_client_of_all_teams(admin, ["roster"], name="HR export")
    second = create_client_of_all_teams(admin, teams=[limit], name="Dashboard")

    reply = admin.get("/v1/clients")

    assert reply.get_json()["clients"] == [
        {
            "id": second["id"],
            "name": "Dashboard",
            "scopes": ["reports"],
            "team_ids": [str(limit)],
            "revoked": False,
        },
        {
            "id": first["id"],
            "name": "HR export",
            "scopes": ["roster"],
            "team_ids": [],
            "revoked": False,
        },
    ]
    assert first["secret"] not in reply.text


def test_after_a_rotation_the_old_secret_is_good_for_a_day(service, admin):
    client = create_client_of_all_teams(admin)
    service.clock.advance(minutes=1)

    rotated = admin.post(f"/v1/clients/{client['id']}/rotate").get_json()

    assert rotated["previous_secret_valid_until"] == "2027-03-02T12:01:00Z"
    for secret in (client["secret"], rotated["secret"]):
        assert log_in(service, client["id"], secret).status_code == 200
    service.clock.advance(seconds=SECRET_OVERLAP.total_seconds())
    assert log_in(service, client["id"], client["secret"]).status_code == 401
    assert log_in(service, client["id"], rotated["secret"]).status_code == 200


def test_a_second_rotation_gives_the_first_secret_no_more_time(service, agency):
    admin = AdminClient(agency)
    client = create_client_of_all_teams(admin)
    rotate = f"/v1/clients/{client['id']}/rotate"
    admin.post(rotate)
    service.clock.advance(hours=23)
    admin = AdminClient(agency)
    admin.post(rotate)
    service.clock.advance(hours=2)

    assert log_in(service, client["id"], client["secret"]).status_code == 401
    AdminClient(agency).post(rotate)
    # The first is gone; the second still overlaps; the third is today's.
    assert len(rows_of(ClientSecret, agency)) == 3


def test_a_revoked_program_gets_no_more_tokens_whichever_secret_it_has(service, admin):
    client = create_client_of_all_teams(admin)
    path = f"/v1/clients/{client['id']}"
    rotated = admin.post(f"{path}/rotate").get_json()

    replies = [admin.post(f"{path}/revoke") for _ in range(2)]

    assert [reply.status_code for reply in replies] == [200, 200]
    for secret in (client["secret"], rotated["secret"]):
        assert log_in(service, client["id"], secret).status_code == 401
    assert code_of(admin.post(f"{path}/rotate")) == "client-revoked"
    (listed,) = admin.get("/v1/clients").get_json()["clients"]
    assert listed["revoked"]


def test_clients_of_another_agency_are_out_of_reach(service, admin):
    theirs, _ = service.agency({"a": 1}).client()

    for client in (theirs, theirs.partition(".")[2], "nothing", f"acme.{uuid4()}"):
        for action in ("rotate", "revoke"):
            refused = admin.post(f"/v1/clients/{client}/{action}")
            assert code_of(refused) == "client-not-found"


def test_changes_of_clients_are_audited_with_their_actor(service, agency, admin):
    client = create_client_of_all_teams(admin)["id"]
    service.clock.advance(minutes=1)
    admin.post(f"/v1/clients/{client}/rotate")
    service.clock.advance(minutes=1)
    admin.post(f"/v1/clients/{client}/revoke")
    admin.post(f"/v1/clients/{client}/revoke")

    assert audit_entries(agency) == [
        ("admin", "client_created", client),
        ("admin", "client_secret_rotated", client),
        ("admin", "client_revoked", client),
    ]


def test_only_administrators_see_and_make_programs(service, agency):
    client = program_headers(service, *agency.client())
    member = bearer(agency.phone("a-1").tokens["access_token"])

    for headers in (client, member):
        assert code_of(service.http.get("/v1/clients", headers=headers)) == (
            "scope-missing"
        )
        refused = service.http.post("/v1/clients", json={}, headers=headers)
        assert code_of(refused) == "scope-missing"
