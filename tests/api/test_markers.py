"""Markers: declared and retracted by administrators, seen by whom they concern."""

from datetime import date
from uuid import uuid4

import pytest

from rapport_schemas.enums import MarkerKind, words
from rapport_service.agency.audit import COMMAND_LINE
from rapport_service.core.db import Door, transaction
from rapport_service.registry.markers import declare_marker
from rapport_service.registry.models import Marker
from tests.pollbook.poll_book_requests import bearer
from tests.support.admin import (
    AdminClient,
    audit_entries,
    code_of,
    fields_of,
    program_headers,
)
from tests.support.rows import rows_of
from tools.openapi.conformance import load_published_document

STORM = {
    "kind": "crisis_start",
    "team_id": None,
    "effective_on": "2027-02-20",
    "confirmed": True,
    "label": "The storm",
}


@pytest.fixture
def agency(service):
    return service.agency({"a": 2, "a1": 2, "b": 2}, {"a1": "a"})


def declared_markers(admin, **change):
    reply = admin.post("/v1/markers", STORM | change)
    assert reply.status_code == 201, reply.text
    return reply.get_json()


def labels(reply):
    return [marker["label"] for marker in reply.get_json()["markers"]]


def test_a_marker_tells_an_administrator_when_and_by_whom_it_was_declared(admin):
    marker = declared_markers(admin)

    assert marker == STORM | {
        "id": marker["id"],
        "declared_at": "2027-03-01T12:00:00Z",
        "declared_by": {"kind": "person", "id": "admin"},
        "retracted_at": None,
    }
    assert admin.get("/v1/markers").get_json() == {"markers": [marker], "next": None}


def test_declarer_is_null_for_readers_without_the_audit(service):
    agency = service.agency({"a": 2}, supervises={"lead": ["a"]})
    admin = AdminClient(agency)
    marker = declared_markers(admin)

    for headers in (
        bearer(agency.phone("a-1").tokens["access_token"]),
        bearer(agency.reader_token("lead")),
        program_headers(service, *agency.client()),
    ):
        reply = service.http.get("/v1/markers", headers=headers)

        assert reply.get_json() == {
            "markers": [marker | {"declared_by": None}],
            "next": None,
        }
        assert "Authorization" in reply.headers["Vary"]
    assert "Authorization" in admin.get("/v1/markers").headers["Vary"]


def test_marker_of_the_command_line_names_no_person(agency, admin):
    with transaction(Door.POLL_BOOK) as session:
        declare_marker(
            *(session, agency.id, MarkerKind.POLICY_CHANGE, None),
            *(date(2027, 2, 20), "New policy", agency.service.clock(), COMMAND_LINE),
            confirmed=True,
        )

    (marker,) = admin.get("/v1/markers").get_json()["markers"]
    assert marker["declared_by"] == {"kind": "command_line", "id": None}


def test_only_the_audit_stores_who_declared_a_marker(agency, admin):
    declared_markers(admin)

    (stored,) = rows_of(Marker, agency)
    values = [getattr(stored, column.name) for column in Marker.__table__.columns]
    assert [value for value in values if "admin" in str(value)] == []


def test_no_frozen_document_may_name_a_declarer():
    schemas = load_published_document().document["components"]["schemas"]

    assert [
        name
        for name, shape in schemas.items()
        if "declared_by" in shape.get("properties", {})
    ] == ["Marker"]


@pytest.mark.parametrize("kind", words(MarkerKind))
def test_every_kind_of_the_closed_list_can_be_declared(admin, kind):
    assert declared_markers(admin, kind=kind, confirmed=False)["kind"] == MarkerKind(
        kind
    )


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "birthday"},
        {"team_id": str(uuid4())},
        {"team_id": "a"},
        {"effective_on": "2027-02-30"},
        {"effective_on": "2027-02-20T09:00"},
        {"confirmed": "yes"},
        {"confirmed": None},
        {"label": ""},
        {"label": "x" * 81},
        {"label": "two\nlines"},
        {"label": "\u202eback"},
    ],
)
def test_a_marker_that_breaks_a_rule_is_not_declared(agency, admin, change):
    assert fields_of(admin.post("/v1/markers", STORM | change)) == [*change]
    assert rows_of(Marker, agency) == []


def test_a_retracted_marker_stays_on_record(service, agency, admin):
    marker = declared_markers(admin)
    path = f"/v1/markers/{marker['id']}/retract"
    service.clock.advance(minutes=1)

    replies = [admin.post(path), admin.post(path)]

    assert [reply.status_code for reply in replies] == [200, 200]
    (listed,) = admin.get("/v1/markers").get_json()["markers"]
    assert listed == marker | {"retracted_at": "2027-03-01T12:01:00Z"}
    assert audit_entries(agency) == [
        ("admin", "marker_declared", marker["id"]),
        ("admin", "marker_retracted", marker["id"]),
    ]


def test_readers_see_the_markers_that_concern_their_teams(service, agency, admin):
    declared_markers(admin, label="all", effective_on="2027-01-01")
    for day, team in enumerate(("a", "a1", "b"), 2):
        declared_markers(
            admin,
            label=team,
            team_id=str(agency.team_id(team)),
            effective_on=f"2027-01-0{day}",
        )

    def seen(headers):
        return labels(service.http.get("/v1/markers", headers=headers))

    member = bearer(agency.phone("a1-1").tokens["access_token"])
    assert seen(member) == ["all", "a", "a1"]
    assert seen(program_headers(service, *agency.client("b"))) == ["all", "b"]
    assert seen(program_headers(service, *agency.client())) == ["all", "a", "a1", "b"]
    assert labels(admin.get("/v1/markers")) == ["all", "a", "a1", "b"]


def test_an_administrator_sees_the_markers_of_teams_that_are_gone(
    service, agency, admin
):
    declared_markers(admin, label="b", team_id=str(agency.team_id("b")))
    agency.put({"a": 2}, {}, {})

    assert labels(admin.get("/v1/markers")) == ["b"]
    reader = program_headers(service, *agency.client())
    assert labels(service.http.get("/v1/markers", headers=reader)) == []


def test_markers_of_another_agency_are_out_of_reach(service, admin):
    theirs = AdminClient(service.agency({"a": 1}))
    marker = declared_markers(theirs)["id"]

    assert labels(admin.get("/v1/markers")) == []
    for named in (marker, uuid4()):
        refused = admin.post(f"/v1/markers/{named}/retract")
        assert code_of(refused) == "marker-not-found"
    assert labels(theirs.get("/v1/markers")) == ["The storm"]


def test_only_administrators_declare_and_retract(service, agency, admin):
    marker = declared_markers(admin)["id"]
    headers = program_headers(service, *agency.client())

    for path in ("/v1/markers", f"/v1/markers/{marker}/retract"):
        refused = service.http.post(path, json=STORM, headers=headers)
        assert code_of(refused) == "scope-missing"
