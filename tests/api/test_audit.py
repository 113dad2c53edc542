"""``GET /v1/audit``: changes by people and programs, nothing about answering."""

import csv
import json
from datetime import timedelta
from io import StringIO

import pytest
from sqlalchemy import select

from rapport_schemas.enums import MAX_AUDIT_CHANGES, AuditAction, Purpose
from rapport_service.agency.models import AuditEntry
from rapport_service.agency.roster import load_roster
from rapport_service.agency.roster_rules import roster_document
from rapport_service.core.db import Door, read_transaction
from tests.pollbook.poll_book_requests import outcome
from tests.support.admin import AdminClient, fields_of, program_headers


@pytest.fixture
def agency(service):
    return service.agency({"a": 8, "b": 8}, supervises={"chief": ["a"]})


@pytest.fixture
def admin(agency):
    return AdminClient(agency)


def entries(admin, query=""):
    reply = admin.get(f"/v1/audit{query}")
    assert reply.status_code == 200, reply.text
    return reply.get_json()["entries"]


def newest(admin):
    return entries(admin)[0]


def roster_of(agency):
    with read_transaction(Door.POLL_BOOK) as session:
        return roster_document(load_roster(session, agency.id))


def test_roster_is_recorded_with_its_difference(service, agency, admin):
    client_id, secret = agency.client()
    service.clock.advance(seconds=1)
    changed = roster_of(agency)
    changed["people"] = [p for p in changed["people"] if p["external_id"] != "b-8"]
    chief = next(p for p in changed["people"] if p["external_id"] == "chief")
    chief["supervises"] = ["a", "b"]

    reply = service.http.put(
        "/v1/roster",
        json=changed,
        headers=program_headers(service, client_id, secret),
    )

    assert reply.status_code == 200, reply.text
    entry = newest(admin)
    assert entry["at"] == service.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert entry["actor"] == {"kind": "client", "id": client_id}
    assert entry["action"] == "roster_replaced"
    assert entry["subject"] == {"kind": "organization", "id": agency.id}
    assert entry["change_count"] == 2
    by_id = {change["id"]: change for change in entry["changes"]}
    assert by_id["b-8"]["after"] is None
    assert by_id["chief"]["kind"] == "person"
    assert by_id["chief"]["before"]["supervises"] == ["a"]
    assert by_id["chief"]["after"]["supervises"] == ["a", "b"]


def test_equal_roster_is_no_change(agency, admin):
    before = entries(admin)

    assert admin.put("/v1/roster", roster_of(agency)).status_code == 200

    assert entries(admin) == before


def test_changes_are_cut_and_counted(service, admin, agency):
    roster = roster_of(agency)
    roster["people"] += [
        {**roster["people"][0], "external_id": f"n-{n}", "supervises": []}
        for n in range(MAX_AUDIT_CHANGES + 7)
    ]
    service.clock.advance(seconds=1)

    assert admin.put("/v1/roster", roster).status_code == 200

    entry = newest(admin)
    assert len(entry["changes"]) == MAX_AUDIT_CHANGES
    assert entry["change_count"] == MAX_AUDIT_CHANGES + 7


def test_cut_leaves_no_supervisor_out_nor_a_removal_before_what_else_changes(
    service, admin, agency
):
    """A supervised team cannot be given or taken out of sight, behind other rows."""
    roster = roster_of(agency)
    people = {person["external_id"]: person for person in roster["people"]}
    people["chief"]["supervises"], people["b-7"]["supervises"] = [], ["a"]
    del people["b-8"]
    padding = [
        {**people["a-1"], "external_id": f"A-{n:04}"} for n in range(MAX_AUDIT_CHANGES)
    ]
    roster["people"] = [*padding, *people.values()]
    service.clock.advance(seconds=1)

    assert admin.put("/v1/roster", roster).status_code == 200

    entry = newest(admin)
    assert entry["change_count"] == MAX_AUDIT_CHANGES + 3
    assert [change["id"] for change in entry["changes"]] == [
        *("b-7", "chief", "b-8"),
        *(person["external_id"] for person in padding[: MAX_AUDIT_CHANGES - 3]),
    ]


def test_team_that_moves_is_on_record_before_those_that_are_new(service, admin, agency):
    """It changes what the supervisors above it read."""
    roster = roster_of(agency)
    (moved,) = (team for team in roster["teams"] if team["external_id"] == "b")
    moved["parent"] = "a"
    roster["teams"].insert(0, {"external_id": "a-new", "name": "N", "parent": "a"})
    service.clock.advance(seconds=1)

    assert admin.put("/v1/roster", roster).status_code == 200

    assert [change["id"] for change in newest(admin)["changes"]] == ["b", "a-new"]


def test_every_operation_that_changes_something_leaves_one_entry(service, admin):
    """Each is done once; none of them twice, and none under another name."""
    done = []
    service.clock.advance(seconds=1)

    def act(action, path, body=None):
        reply = admin.post(path, body)
        assert reply.status_code < 300, reply.text
        done.append(action)
        service.clock.advance(seconds=1)
        return reply.get_json(silent=True)

    client = act("client_created", "/v1/clients", {"name": "p", "scopes": ["audit"]})
    act("client_secret_rotated", f"/v1/clients/{client['id']}/rotate")
    act("client_revoked", f"/v1/clients/{client['id']}/revoke")
    act("code_created", "/v1/people/a-1/codes", {"purpose": "answering"})
    act("devices_revoked", "/v1/people/a-1/devices/revoke")
    pulse = act("pulse_created", "/v1/pulses", {"first_opens": "2027-05-03T09:00"})
    act("pulse_stopped", f"/v1/pulses/{pulse['id']}/stop")
    now = service.clock()
    days = ("announces_at", "opens_at", "closes_at", "seals_at", "retires_at")
    dates = {
        name: (now + timedelta(days=1 + at)).strftime("%Y-%m-%dT%H:%M:%SZ")
        for at, name in enumerate(days)
    }
    wave = act("wave_planned", "/v1/waves", dates)
    act("wave_cancelled", f"/v1/waves/{wave['id']}/cancel", {"reason": "storm"})
    marker = act(
        "marker_declared",
        "/v1/markers",
        {
            "kind": "crisis_start",
            "team_id": None,
            "effective_on": "2027-01-01",
            "confirmed": True,
            "label": "Ms Jones",
        },
    )
    act("marker_retracted", f"/v1/markers/{marker['id']}/retract")

    listed = entries(admin)[: len(done)]

    assert [entry["action"] for entry in reversed(listed)] == done
    assert {entry["actor"]["id"] for entry in listed} == {"admin"}
    (planned,) = (entry for entry in listed if entry["action"] == "wave_planned")
    assert planned["changes"][0]["after"] == dates
    assert "Jones" not in json.dumps(listed)  # what people wrote may name somebody
    assert set(done) <= set(AuditAction)


def test_nothing_tells_who_takes_part(agency, admin):
    wave = agency.announce()
    before = entries(admin)
    agency.service.clock.advance(seconds=1)

    phone = agency.phone("a-1")
    phone.draw(wave)
    phone.refresh()

    assert [e["action"] for e in entries(admin)[: -len(before)]] == ["code_created"]


def test_reader_who_enrols_is_recorded_once(service, agency, admin):
    code = agency.code("chief", Purpose.READING)
    service.clock.advance(seconds=1)

    agency.enrol_with_code(code)

    assert newest(admin)["action"] == "reader_enrolled"
    assert newest(admin)["actor"] == {"kind": "person", "id": "chief"}


def test_program_with_the_scope_reads_the_audit_of_its_own_agency(service, agency):
    admin = AdminClient(agency)
    made = admin.post("/v1/clients", {"name": "SIEM", "scopes": ["audit"]}).get_json()
    headers = program_headers(service, made["id"], made["secret"])
    other = AdminClient(service.agency({"a": 1}))

    reply = service.http.get("/v1/audit", headers=headers)

    assert reply.get_json()["entries"] == entries(admin)
    assert agency.id not in json.dumps(entries(other))
    elsewhere = service.http.get("/v1/clients", headers=headers)
    assert outcome(elsewhere) == (403, "scope-missing")


def test_program_that_is_limited_to_teams_never_reads_the_audit(agency, admin):
    limited = {
        "name": "x",
        "scopes": ["audit", "reports"],
        "team_ids": [str(agency.team_id("a"))],
    }

    assert fields_of(admin.post("/v1/clients", limited)) == ["team_ids"]


def test_filters_narrow_the_list(service, admin):
    admin.post("/v1/people/a-1/codes", {"purpose": "answering"})
    service.clock.advance(minutes=5)
    late = service.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    admin.post("/v1/people/a-2/codes", {"purpose": "answering"})

    assert {e["subject"]["id"] for e in entries(admin, "?subject_id=a-1")} == {"a-1"}
    assert {e["action"] for e in entries(admin, "?action=code_created")} == {
        "code_created"
    }
    assert {e["actor"]["id"] for e in entries(admin, "?actor_id=admin")} == {"admin"}
    (last,) = entries(admin, f"?since={late}")
    assert last["subject"]["id"] == "a-2"
    assert entries(admin, f"?until={late}") == entries(admin)[1:]


@pytest.mark.parametrize("wrong", ["action=x", "since=now", "actor_id=", "until=1"])
def test_wrong_filter_is_named(admin, wrong):
    assert fields_of(admin.get(f"/v1/audit?{wrong}")) == [wrong.partition("=")[0]]


def test_pages_have_each_entry_once_and_csv_a_row_for_each_change(admin):
    for n in range(1, 6):
        admin.post(f"/v1/people/a-{n}/codes", {"purpose": "answering"})
    pages, after = [], ""
    while after is not None:
        page = admin.get(f"/v1/audit?limit=2{after}").get_json()
        pages += page["entries"]
        after = page["next"] and f"&after={page['next']}"

    assert pages == entries(admin)
    table = list(
        csv.DictReader(StringIO(admin.get("/v1/audit", Accept="text/csv").text))
    )
    assert len(table) == sum(max(1, len(entry["changes"])) for entry in pages)
    assert {"after", "change_count"} <= table[0].keys()
    assert '{"purpose":"answering"}' in {row["after"] for row in table}
    assert {row["id"] for row in table} == {entry["id"] for entry in pages}


def test_refused_change_leaves_no_entry(admin):
    before = entries(admin)

    admin.post("/v1/people/nobody/codes", {"purpose": "answering"})
    admin.post("/v1/clients", {"name": "x", "scopes": ["roster"], "team_ids": ["0"]})

    assert entries(admin) == before


def test_stored_actions_are_those_of_the_list(admin):
    assert entries(admin)
    with read_transaction(Door.POLL_BOOK) as session:
        for entry in session.scalars(select(AuditEntry)):
            assert entry.action in set(AuditAction)
            assert entry.change_count >= len(entry.changes)
