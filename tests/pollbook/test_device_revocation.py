"""Revocation of a person's devices by an administrator; drawn ballots stay valid."""

import unicodedata
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from rapport_schemas.enums import Purpose
from rapport_service.agency.models import AuditEntry
from rapport_service.cli.audit import audit
from rapport_service.cli.enrolment import device
from rapport_service.pollbook.models import EnrolmentCode
from tests.cli.command_runner import run_command, run_command_json
from tests.pollbook.poll_book_requests import (
    bearer,
    enrol,
    log_in,
    new_device,
    outcome,
    refresh,
)
from tests.support.admin import AdminClient, audit_entries, code_of
from tests.support.concurrency import run_concurrently
from tests.support.http_phone import Phone, content, item, submit
from tests.support.rows import rows_of


@pytest.fixture
def agency(service):
    return service.agency({"a": 8}, supervises={"chief": ["a"]})


@pytest.fixture
def admin(agency):
    return AdminClient(agency)


def revoke(admin, person):
    return admin.post(f"/v1/people/{person}/devices/revoke")


def teams(service, access_token):
    return outcome(service.http.get("/v1/teams", headers=bearer(access_token)))


def test_a_phone_that_is_revoked_draws_no_more_and_what_it_drew_still_counts(
    agency, admin
):
    wave = agency.announce()
    phone = agency.phone("a-1")
    ballot = phone.draw(wave)

    assert revoke(admin, "a-1").status_code == 204

    synced = phone.sync()
    assert (synced["directives"], synced["waves"]) == (["revoked"], [])
    assert outcome(phone.refresh()) == (400, "grant-invalid")
    waiting, http = item(ballot, content()), agency.service.http
    assert submit(http, waiting)[0]["status"] == "accepted"
    agency.seal()
    assert submit(http, waiting)[0]["status"] == "duplicate"  # counted, that is


def test_a_reader_who_is_revoked_reads_no_more_although_the_token_runs(
    service, agency, admin
):
    tokens = enrol(service, agency.code("chief", Purpose.READING)).get_json()
    assert teams(service, tokens["access_token"]) == (200, None)

    revoke(admin, "chief")

    assert teams(service, tokens["access_token"]) == (403, "device-revoked")
    assert outcome(refresh(service, tokens["refresh_token"])) == (400, "grant-invalid")


def test_a_lost_reply_that_is_asked_for_again_opens_nothing(service, agency, admin):
    code, own = agency.code("chief", Purpose.READING), new_device()
    enrol(service, code, own)

    revoke(admin, "chief")

    again = enrol(service, code, own).get_json()
    assert teams(service, again["access_token"]) == (403, "device-revoked")


def test_reading_uses_up_the_code_as_answering_does(service, agency):
    code, own = agency.code("chief", Purpose.READING), new_device()
    teams(service, enrol(service, code, own).get_json()["access_token"])

    assert outcome(enrol(service, code, own)) == (409, "code-used")


def test_unused_codes_end_with_the_devices(service, agency, admin):
    unused = agency.code("a-1")
    others = agency.code("a-2")

    revoke(admin, "a-1")

    assert outcome(enrol(service, unused)) == (410, "code-expired")
    assert outcome(enrol(service, others)) == (200, None)
    assert outcome(enrol(service, agency.code("a-1"))) == (200, None)


def test_a_device_that_enrols_meanwhile_is_out_one_way_or_the_other(
    service, agency, admin
):
    for _ in range(6):
        code = agency.code("a-1")
        replies = run_concurrently(
            service, lambda c=code: enrol(service, c), lambda: revoke(admin, "a-1")
        )
        (enrolled,) = [r for r in replies if r.get_json(silent=True)]

        if enrolled.status_code == 200:
            access = enrolled.get_json()["access_token"]
            assert teams(service, access) in {(403, "device-revoked"), (200, None)}
        assert all(
            row.device_id is not None or row.expires_at <= service.clock()
            for row in rows_of(EnrolmentCode, agency)
        )


def test_reply_is_the_same_with_and_without_a_device(agency, admin):
    agency.phone("a-1")

    had, had_none = revoke(admin, "a-1"), revoke(admin, "a-2")

    for reply in (had, had_none):
        reply.headers.pop("X-Request-Id")
    assert (had.status_code, had.data) == (had_none.status_code, had_none.data)
    assert [*had.headers] == [*had_none.headers]
    assert sorted(audit_entries(agency)) == [
        ("admin", "devices_revoked", person) for person in ("a-1", "a-2")
    ]


def test_a_person_who_has_left_can_be_revoked_and_a_stranger_cannot(agency, admin):
    agency.phone("a-8")
    agency.put({"a": 7}, {}, {})

    assert revoke(admin, "a-8").status_code == 204
    assert code_of(revoke(admin, "nobody")) == "person-not-found"


def test_revocation_is_on_record_under_the_id_of_the_roster_however_it_is_typed(
    service,
):
    """An accent in two characters is sent; the filters find both ways of typing it."""
    agency = service.agency({"a": 8}, supervises={"Jos\u00e9": ["a"]})
    typed = unicodedata.normalize("NFD", "Jos\u00e9")

    assert revoke(AdminClient(agency), quote(typed)).status_code == 204

    assert ("admin", "devices_revoked", "Jos\u00e9") in audit_entries(agency)
    for name in (typed, "Jos\u00e9"):
        entries = run_command_json(audit, agency.id, "--subject", name)["entries"]
        assert [entry["action"] for entry in entries] == ["devices_revoked"]
    assert run_command_json(audit, agency.id, "--actor", typed)["entries"] == []


def test_an_administrator_cannot_reach_another_agencys_people(service, admin):
    theirs = service.agency({"b": 1})
    phone = theirs.phone("b-1")

    assert code_of(revoke(admin, "b-1")) == "person-not-found"
    assert phone.sync()["directives"] == []


def test_a_program_that_is_revoked_reads_no_more_although_its_token_runs(
    service, agency, admin
):
    client_id, secret = agency.client()
    access = log_in(service, client_id, secret).get_json()["access_token"]
    assert teams(service, access) == (200, None)

    admin.post(f"/v1/clients/{client_id}/revoke")

    assert teams(service, access) == (401, "unauthenticated")
    assert outcome(log_in(service, client_id, secret)) == (401, "client-invalid")


def test_command_line_revokes_the_devices_of_people(service, agency):
    phone = Phone(service.http)
    phone.enrol(agency.code("a-1"))

    output = run_command(device, "revoke", agency.id, "a-1", "a-2")

    assert output == "devices: revoked, if there were any\n"

    assert phone.sync()["directives"] == ["revoked"]
    assert ("command_line", "devices_revoked", "a-1") in audit_entries(agency)


def test_devices_of_all_named_people_are_revoked_or_none(agency):
    phone = agency.phone("a-1")

    output = run_command(device, "revoke", agency.id, "a-1", "nobody", status=1)

    assert "there is no person nobody in the roster" in output
    assert phone.sync()["directives"] == []
    assert [e for e in rows_of(AuditEntry, agency) if "devices" in e.action] == []


def test_revocation_without_people_is_a_usage_error():
    assert CliRunner().invoke(device, ["revoke", "acme"]).exit_code == 2
