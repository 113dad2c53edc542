"""Administrators and auditors: added and removed by command, never the last one."""

import json
from functools import partial

import pytest

from rapport_schemas.enums import Purpose
from rapport_service.agency.administrators import (
    LastAdministratorError,
    Right,
    list_holders,
    withdraw_right,
)
from rapport_service.agency.roster import load_roster
from rapport_service.agency.roster_rules import roster_document
from rapport_service.cli.enrolment import codes, device
from rapport_service.cli.organizations import organization, roster
from rapport_service.core.db import Door, read_transaction, transaction
from tests.cli.command_runner import run_command, run_command_json
from tests.pollbook.poll_book_requests import bearer, enrol, outcome, refresh
from tests.support.admin import AdminClient, audit_entries
from tests.support.concurrency import run_concurrently

COMMANDS = {Right.ADMIN: "admin", Right.AUDITOR: "auditor"}
READS = {Right.ADMIN: "/v1/clients", Right.AUDITOR: "/v1/audit"}


@pytest.fixture
def agency(service):
    agency = service.agency({"a": 8}, supervises={"chief": ["a"]})
    run_command(organization, "admin", agency.id, "first")
    return agency


def holders(agency, right):
    with read_transaction(Door.POLL_BOOK) as session:
        return list_holders(session, agency.id, right)


def add(agency, person, right):
    """The tokens of a person who was given a right and enrolled with the code."""
    code = run_command(organization, COMMANDS[right], agency.id, "--add", person)
    return agency.enrol_with_code(code.splitlines()[0])


def remove(agency, person, right, status=0):
    return run_command(
        organization, COMMANDS[right], agency.id, "--remove", person, status=status
    )


def get(agency, path, tokens):
    return outcome(
        agency.service.http.get(path, headers=bearer(tokens["access_token"]))
    )


@pytest.mark.parametrize("right", Right)
def test_right_is_given_listed_and_taken_at_once(agency, right):
    tokens = add(agency, "guest", right)
    assert get(agency, READS[right], tokens) == (200, None)
    listed = run_command_json(organization, COMMANDS[right], agency.id, "--list")
    assert {"external_id": "guest"} in listed["people"]

    assert remove(agency, "guest", right) == f"{right.noun}: removed\n"

    assert get(agency, READS[right], tokens) == (403, "device-revoked")
    refreshed = refresh(agency.service, tokens["refresh_token"])
    assert outcome(refreshed) == (400, "grant-invalid")
    assert "guest" not in holders(agency, right)
    assert {(f"{right.noun}_{deed}", "guest") for deed in ("added", "removed")} <= {
        entry[1:] for entry in audit_entries(agency)
    }


@pytest.mark.parametrize("right", Right)
def test_supervisor_who_loses_a_right_goes_on_reading_scores(agency, right):
    tokens = add(agency, "chief", right)
    assert get(agency, READS[right], tokens) == (200, None)

    remove(agency, "chief", right)

    assert get(agency, READS[right], tokens) == (403, "scope-missing")
    assert get(agency, "/v1/teams", tokens) == (200, None)
    again = refresh(agency.service, tokens["refresh_token"]).get_json()
    assert again["scope"] == "supervisor"


def test_auditor_reads_the_audit_and_nothing_else(agency):
    tokens = add(agency, "guest", Right.AUDITOR)

    assert tokens["scope"] == "audit"
    assert get(agency, "/v1/audit", tokens) == (200, None)
    for path in ("/v1/clients", "/v1/teams", "/v1/roster", "/v1/waves", "/v1/people"):
        assert get(agency, path, tokens) == (403, "scope-missing")


def test_last_administrator_stays(agency):
    assert "is the last administrator" in remove(agency, "first", Right.ADMIN, status=1)

    add(agency, "second", Right.ADMIN)
    remove(agency, "first", Right.ADMIN)

    assert holders(agency, Right.ADMIN) == ["second"]
    assert "is the last" in remove(agency, "second", Right.ADMIN, status=1)


def test_two_removals_at_once_leave_one_administrator(service, agency):
    add(agency, "second", Right.ADMIN)

    def withdraw(person):
        try:
            with transaction(Door.POLL_BOOK) as session:
                withdraw_right(session, agency.id, person, Right.ADMIN)
        except LastAdministratorError:
            return False
        return True

    done = run_concurrently(
        service, partial(withdraw, "first"), partial(withdraw, "second")
    )

    assert sorted(done) == [False, True]
    assert len(holders(agency, Right.ADMIN)) == 1


def test_last_auditor_may_go(agency):
    add(agency, "guest", Right.AUDITOR)

    remove(agency, "guest", Right.AUDITOR)

    assert holders(agency, Right.AUDITOR) == []


@pytest.mark.parametrize("right", Right)
def test_person_without_the_right_cannot_lose_it(agency, right):
    message = remove(agency, "a-1", right, status=1)

    assert f"a-1 is no {right.noun}" in message
    assert "there is no person nobody" in remove(agency, "nobody", right, status=1)


@pytest.mark.parametrize("person", ["e-1000\n", "e-1000\u200b", "e-1000 ", ""])
@pytest.mark.parametrize("right", Right)
def test_id_as_pasted_makes_no_administrator(agency, right, person):
    """Refused as the roster refuses it, so that no unseen administrator is left."""
    before = holders(agency, right)

    run_command(organization, COMMANDS[right], agency.id, person, status=1)

    assert holders(agency, right) == before


def test_devices_of_every_administrator_can_be_ended(agency):
    tokens = add(agency, "guest", Right.ADMIN)

    run_command(device, "revoke", agency.id, "guest")

    assert get(agency, "/v1/clients", tokens) == (403, "device-revoked")


def test_roster_person_with_the_name_of_the_first_administrator_is_refused(service):
    agency = service.agency({"a": 8})
    admin = AdminClient(agency)  # who is called admin
    with read_transaction(Door.POLL_BOOK) as session:
        document = roster_document(load_roster(session, agency.id))
    document["people"].append({"external_id": "admin", "team": "a", "supervises": []})

    reply = admin.put("/v1/roster", document)

    assert reply.status_code == 422
    assert "admin" not in {p["external_id"] for p in read_people(admin)}


def read_people(admin):
    return admin.get("/v1/people").get_json()["people"]


def test_dry_run_says_who_is_and_who_would_no_longer_be_one(agency, tmp_path):
    add(agency, "chief", Right.ADMIN)
    add(agency, "a-1", Right.AUDITOR)
    with read_transaction(Door.POLL_BOOK) as session:
        document = roster_document(load_roster(session, agency.id))
    people = [p for p in document["people"] if p["external_id"] != "chief"]
    moved = next(p for p in people if p["external_id"] == "a-1")
    moved["team"] = "agency"
    file = tmp_path / "roster.json"
    file.write_text(json.dumps({**document, "people": people}))

    printed = run_command(roster, "put", agency.id, str(file), "--dry-run")

    assert "auditors among these people: a-1" in " ".join(printed.split())
    assert (
        "no longer administrators, because they are not in this file: chief"
        in " ".join(printed.split())
    )


def test_dry_run_of_the_api_names_administrators_and_auditors_that_change(agency):
    for person, right in (("chief", Right.ADMIN), ("a-1", Right.AUDITOR)):
        add(agency, person, right)
    admin = AdminClient(agency)
    with read_transaction(Door.POLL_BOOK) as session:
        document = roster_document(load_roster(session, agency.id))
    people = [
        person
        for person in document["people"]
        if person["external_id"] not in {"chief", "a-1", "a-2"}
    ]

    reply = admin.put("/v1/roster?dry_run=true", {**document, "people": people})

    difference = reply.get_json()["diff"]
    assert difference["administrators"] == ["chief"]
    assert difference["auditors"] == ["a-1"]


def test_codes_for_reading_say_who_is_an_administrator(agency):
    add(agency, "chief", Right.ADMIN)

    printed = run_command(codes, "mint", agency.id, "chief", "a-1", "--reading")

    assert "administrators among these people: chief" in " ".join(printed.split())


def test_code_for_reading_of_an_auditor_is_of_use(agency):
    add(agency, "guest", Right.AUDITOR)

    again = enrol(agency.service, agency.code("guest", Purpose.READING)).get_json()

    assert again["scope"] == "audit"
    printed = run_command(codes, "mint", agency.id, "guest", "--reading")
    assert "cannot read any score" not in printed
