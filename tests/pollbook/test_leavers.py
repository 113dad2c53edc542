"""Leavers: a roster ends the devices, codes and rights of everybody it leaves out."""

import pytest

from rapport_schemas.enums import Purpose
from rapport_service.agency.administrators import Right, grant_right
from rapport_service.agency.roster import load_roster
from rapport_service.agency.roster_rules import roster_document
from rapport_service.core.db import Door, read_transaction, transaction
from tests.pollbook.poll_book_requests import bearer, enrol, outcome, refresh
from tests.support.admin import AdminClient, program_headers

ENDED = (400, "grant-invalid")


@pytest.fixture
def agency(service):
    return service.agency({"a": 8}, supervises={"chief": ["a"], "second": ["a"]})


@pytest.fixture
def roster(agency):
    with read_transaction(Door.POLL_BOOK) as session:
        return roster_document(load_roster(session, agency.id))


@pytest.fixture
def put(service, agency):
    """Puts a roster as the agency's own program does."""
    headers = program_headers(service, *agency.client())

    def put(document):
        reply = service.http.put("/v1/roster", json=document, headers=headers)
        assert reply.status_code == 200, reply.text

    return put


def without(roster, *names):
    people = [p for p in roster["people"] if p["external_id"] not in names]
    return {**roster, "people": people}


def read_teams(service, tokens):
    return outcome(
        service.http.get("/v1/teams", headers=bearer(tokens["access_token"]))
    )


@pytest.mark.parametrize("purpose", list(Purpose))
def test_device_of_a_leaver_ends_and_stays_ended_when_the_number_comes_back(
    service, agency, roster, put, purpose
):
    tokens = enrol(service, agency.code("chief", purpose)).get_json()

    put(without(roster, "chief"))

    assert read_teams(service, tokens) == (403, "device-revoked")
    assert outcome(refresh(service, tokens["refresh_token"])) == ENDED
    put(roster)
    assert read_teams(service, tokens) == (403, "device-revoked")
    assert outcome(refresh(service, tokens["refresh_token"])) == ENDED


def test_person_who_comes_back_enrols_again(service, agency, roster, put):
    enrol(service, agency.code("chief", Purpose.READING))
    put(without(roster, "chief"))
    put(roster)

    tokens = enrol(service, agency.code("chief", Purpose.READING)).get_json()

    assert tokens["scope"] == "supervisor"
    assert read_teams(service, tokens) == (200, None)
    assert outcome(refresh(service, tokens["refresh_token"])) == (200, None)


def test_unused_code_of_a_leaver_is_of_no_use_later(service, agency, roster, put):
    unused = agency.code("chief", Purpose.READING)

    put(without(roster, "chief"))
    put(roster)

    assert outcome(enrol(service, unused)) == (410, "code-expired")


def test_device_of_a_person_who_stays_or_moves_goes_on(service, agency, roster, put):
    moved = enrol(service, agency.code("a-1")).get_json()
    stayed = enrol(service, agency.code("a-2")).get_json()
    people = [
        {**person, "team": "agency"} if person["external_id"] == "a-1" else person
        for person in without(roster, "a-8")["people"]
    ]

    put({**roster, "people": people})

    for tokens in (moved, stayed):
        assert outcome(refresh(service, tokens["refresh_token"])) == (200, None)


def test_leaver_is_no_administrator(service, agency, roster, put):
    """Neither the device, nor a code made before, nor a return makes them one."""
    with transaction(Door.POLL_BOOK) as session:
        grant_right(session, agency.id, "chief", Right.ADMIN)
    tokens = enrol(service, agency.code("chief", Purpose.READING)).get_json()
    assert tokens["scope"] == "admin supervisor"

    put(without(roster, "chief"))

    minted = service.http.post(
        "/v1/people/a-1/codes",
        json={"purpose": "answering"},
        headers=bearer(tokens["access_token"]),
    )
    assert outcome(minted) == (403, "device-revoked")
    admin = AdminClient(agency)
    for_leaver = admin.post("/v1/people/chief/codes", {"purpose": "reading"})
    assert outcome(for_leaver) == (404, "person-not-found")
    put(roster)
    again = enrol(service, agency.code("chief", Purpose.READING)).get_json()
    assert again["scope"] == "supervisor"


def test_dry_run_ends_nothing(service, agency, roster):
    tokens = enrol(service, agency.code("chief", Purpose.READING)).get_json()

    AdminClient(agency).put("/v1/roster?dry_run=true", without(roster, "chief"))

    assert read_teams(service, tokens) == (200, None)
    assert outcome(refresh(service, tokens["refresh_token"])) == (200, None)
