"""Codes and client secrets of a repeated creation: made afresh while unused.

Nobody keeps them, so a reply that was lost cannot be given again.
"""

from functools import partial
from uuid import uuid4

import pytest

from rapport_schemas.enums import Purpose
from rapport_service.agency.service import get_person
from rapport_service.core.db import Door
from rapport_service.pollbook.clients import create_client
from rapport_service.pollbook.enrolment import mint_code
from tests.api.creations import BODIES, create, send
from tests.pollbook.poll_book_requests import enrol, log_in, outcome
from tests.support.admin import AdminClient, audit_entries, code_of
from tests.support.audit import TEST_ACTOR
from tests.support.concurrency import open_transaction, run_concurrently


@pytest.fixture
def agency(service):
    return service.agency({"a": 3, "b": 2})


def test_code_is_made_afresh_in_place_of_the_unused_one(service, agency, admin):
    new_id = uuid4()
    first = create(admin, "people/a-1/codes", new_id)
    service.clock.advance(minutes=10)

    again = create(admin, "people/a-1/codes", new_id)

    assert again["id"] == first["id"] == str(new_id)
    assert again["code"] != first["code"]
    assert again["expires_at"] == "2027-03-31T12:10:00Z"
    assert outcome(enrol(service, first["code"])) == (404, "code-unknown")
    assert enrol(service, again["code"]).status_code == 200
    assert audit_entries(agency) == 2 * [("admin", "code_created", "a-1")]


@pytest.mark.parametrize("is_used", [True, False])
@pytest.mark.parametrize("after", [{"minutes": 11}, {"days": 31}], ids=str)
def test_later_refusals_are_alike_for_used_and_unused_codes(
    service, agency, is_used, after
):
    new_id = uuid4()
    made = create(AdminClient(agency), "people/a-1/codes", new_id)
    if is_used:
        assert enrol(service, made["code"]).status_code == 200
    service.clock.advance(**after)

    refused = send(AdminClient(agency), "people/a-1/codes", new_id)

    assert (refused.status_code, code_of(refused)) == (409, "id-used")


def test_code_that_was_ended_does_not_come_back(service, admin):
    new_id = uuid4()
    made = create(admin, "people/a-1/codes", new_id)
    admin.post("/v1/people/a-1/devices/revoke")

    refused = send(admin, "people/a-1/codes", new_id)

    assert (refused.status_code, code_of(refused)) == (409, "id-used")
    assert outcome(enrol(service, made["code"])) == (410, "code-expired")


def test_revoked_client_gets_no_secret(admin):
    new_id = uuid4()
    made = create(admin, "clients", new_id)
    admin.post(f"/v1/clients/{made['id']}/revoke")

    refused = send(admin, "clients", new_id)

    assert (refused.status_code, code_of(refused)) == (409, "client-revoked")


def test_code_that_was_used_is_not_made_afresh(service, agency, admin):
    new_id = uuid4()
    made = create(admin, "people/a-1/codes", new_id)
    assert enrol(service, made["code"]).status_code == 200
    entries = audit_entries(agency)

    refused = send(admin, "people/a-1/codes", new_id)

    assert (refused.status_code, code_of(refused)) == (409, "id-used")
    assert audit_entries(agency) == entries


def test_code_that_is_being_used_is_not_made_afresh(service, admin):
    for _ in range(4):
        new_id = uuid4()
        made = create(admin, "people/a-1/codes", new_id)

        enrolled, again = run_concurrently(
            service,
            partial(enrol, service, made["code"]),
            partial(send, admin, "people/a-1/codes", new_id),
        )

        assert (outcome(enrolled), again.status_code) in [
            ((200, None), 409),
            ((404, "code-unknown"), 201),
        ]


def test_secret_is_made_afresh_in_place_of_the_unused_one(service, agency, admin):
    new_id = uuid4()
    first = create(admin, "clients", new_id)
    service.clock.advance(minutes=10)

    again = create(admin, "clients", new_id)

    assert again == first | {"secret": again["secret"]}
    assert outcome(log_in(service, first["id"], first["secret"])) == (
        *(401, "client-invalid"),
    )
    assert log_in(service, first["id"], again["secret"]).status_code == 200
    assert [entry[1:] for entry in audit_entries(agency)] == [
        ("client_created", first["id"]),
        ("client_secret_replaced", first["id"]),
    ]


def test_secret_that_was_used_is_not_made_afresh(service, admin):
    new_id = uuid4()
    made = create(admin, "clients", new_id)
    assert log_in(service, made["id"], made["secret"]).status_code == 200

    refused = send(admin, "clients", new_id)

    assert (refused.status_code, code_of(refused)) == (409, "id-used")
    assert log_in(service, made["id"], made["secret"]).status_code == 200


def test_secret_of_a_client_that_was_rotated_is_not_made_afresh(service, admin):
    new_id = uuid4()
    made = create(admin, "clients", new_id)
    rotated = admin.post(f"/v1/clients/{made['id']}/rotate").get_json()

    assert code_of(send(admin, "clients", new_id)) == "id-used"
    for secret in (made["secret"], rotated["secret"]):
        assert log_in(service, made["id"], secret).status_code == 200


def test_secret_that_is_being_used_is_not_made_afresh(service, admin):
    for _ in range(4):
        new_id = uuid4()
        made = create(admin, "clients", new_id)

        entered, again = run_concurrently(
            service,
            partial(log_in, service, made["id"], made["secret"]),
            partial(send, admin, "clients", new_id),
        )

        assert (outcome(entered), again.status_code) in [
            ((200, None), 409),
            ((401, "client-invalid"), 201),
        ]


def test_login_waits_for_a_secret_that_is_being_replaced(service, agency, admin):
    new_id = uuid4()
    made = create(admin, "clients", new_id)
    keyring = service.dependencies.keyring

    def replace(session):
        return create_client(
            *(session, keyring, agency.id),
            *(BODIES["clients"]["name"], BODIES["clients"]["scopes"], []),
            *(service.clock(), TEST_ACTOR, new_id),
        )

    with open_transaction(service, Door.POLL_BOOK, replace) as replacing:
        waited, entered, issued = replacing.run_meanwhile(
            partial(log_in, service, made["id"], made["secret"])
        )

    assert waited
    assert outcome(entered) == (401, "client-invalid")
    assert log_in(service, made["id"], issued.secret).status_code == 200


def test_enrolment_waits_for_a_code_that_is_being_replaced(service, agency, admin):
    new_id = uuid4()
    made = create(admin, "people/a-1/codes", new_id)
    keyring = service.dependencies.keyring

    def replace(session):
        person = get_person(session, agency.id, "a-1")
        now = service.clock()
        return mint_code(
            session, keyring, person, Purpose.ANSWERING, now, TEST_ACTOR, new_id
        )

    with open_transaction(service, Door.POLL_BOOK, replace) as replacing:
        waited, enrolled, code = replacing.run_meanwhile(
            partial(enrol, service, made["code"])
        )

    assert waited
    assert outcome(enrolled) == (404, "code-unknown")
    assert enrol(service, code).status_code == 200
