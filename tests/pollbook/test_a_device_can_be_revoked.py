"""An administrator ends somebody's devices; what they drew stays good."""

import pytest
from click.testing import CliRunner

from rapport_service.agency.models import AuditEntry
from rapport_service.cli.devices import device
from rapport_service.pollbook.models import EnrolmentCode, Purpose
from tests.at_once import at_once
from tests.cli.commands import run
from tests.integrators.as_admin import Admin, audited, code_of
from tests.phone import Phone, content, item, submit
from tests.pollbook.wire import bearer, enrol, log_in, new_device, outcome, refresh
from tests.stored import rows_of


@pytest.fixture
def agency(house):
    return house.agency({"a": 8}, supervises={"chief": ["a"]})


@pytest.fixture
def admin(agency):
    return Admin(agency)


def revoke(admin, person):
    return admin.post(f"/v1/people/{person}/devices/revoke")


def teams(house, access_token):
    return outcome(house.http.get("/v1/teams", headers=bearer(access_token)))


def test_a_phone_that_is_revoked_draws_no_more_and_what_it_drew_still_counts(
    agency, admin
):
    wave = agency.announce()
    phone = agency.phone("a-1")
    ballot = phone.draw(wave)

    assert revoke(admin, "a-1").status_code == 204

    told = phone.sync()
    assert (told["directives"], told["waves"]) == (["revoked"], [])
    assert outcome(phone.refresh()) == (400, "grant-invalid")
    waiting, http = item(ballot, content()), agency.house.http
    assert submit(http, waiting)[0]["status"] == "accepted"
    agency.seal()
    assert submit(http, waiting)[0]["status"] == "duplicate"  # counted, that is


def test_a_reader_who_is_revoked_reads_no_more_although_the_token_runs(
    house, agency, admin
):
    tokens = enrol(house, agency.code("chief", Purpose.READING)).get_json()
    assert teams(house, tokens["access_token"]) == (200, None)

    revoke(admin, "chief")

    assert teams(house, tokens["access_token"]) == (403, "device-revoked")
    assert outcome(refresh(house, tokens["refresh_token"])) == (400, "grant-invalid")


def test_a_lost_reply_that_is_asked_for_again_opens_nothing(house, agency, admin):
    code, own = agency.code("chief", Purpose.READING), new_device()
    enrol(house, code, own)

    revoke(admin, "chief")

    again = enrol(house, code, own).get_json()
    assert teams(house, again["access_token"]) == (403, "device-revoked")


def test_reading_uses_up_the_code_as_answering_does(house, agency):
    code, own = agency.code("chief", Purpose.READING), new_device()
    teams(house, enrol(house, code, own).get_json()["access_token"])

    assert outcome(enrol(house, code, own)) == (409, "code-used")


def test_codes_that_nobody_has_used_end_with_the_devices(house, agency, admin):
    unused = agency.code("a-1")
    others = agency.code("a-2")

    revoke(admin, "a-1")

    assert outcome(enrol(house, unused)) == (404, "code-unknown")
    assert outcome(enrol(house, others)) == (200, None)
    assert outcome(enrol(house, agency.code("a-1"))) == (200, None)


def test_a_device_that_enrols_meanwhile_is_out_one_way_or_the_other(
    house, agency, admin
):
    for _ in range(6):
        code = agency.code("a-1")
        replies = at_once(
            house, lambda c=code: enrol(house, c), lambda: revoke(admin, "a-1")
        )
        (enrolled,) = [r for r in replies if r.get_json(silent=True)]

        if enrolled.status_code == 200:
            access = enrolled.get_json()["access_token"]
            assert teams(house, access) in {(403, "device-revoked"), (200, None)}
        assert [
            row for row in rows_of(EnrolmentCode, agency) if row.device_id is None
        ] == []


def test_nothing_tells_whether_there_was_a_device(agency, admin):
    agency.phone("a-1")

    had, had_none = revoke(admin, "a-1"), revoke(admin, "a-2")

    for reply in (had, had_none):
        reply.headers.pop("X-Request-Id")
    assert (had.status_code, had.data) == (had_none.status_code, had_none.data)
    assert [*had.headers] == [*had_none.headers]
    assert sorted(audited(agency)) == [
        ("admin", "revoked the devices of", person) for person in ("a-1", "a-2")
    ]


def test_whoever_has_left_can_be_revoked_and_a_stranger_cannot(agency, admin):
    agency.phone("a-8")
    agency.put({"a": 7}, {}, {})

    assert revoke(admin, "a-8").status_code == 204
    assert code_of(revoke(admin, "nobody")) == "person-not-found"


def test_nobody_reaches_another_agencys_people(house, admin):
    theirs = house.agency({"b": 1})
    phone = theirs.phone("b-1")

    assert code_of(revoke(admin, "b-1")) == "person-not-found"
    assert phone.sync()["directives"] == []


def test_a_program_that_is_revoked_reads_no_more_although_its_token_runs(
    house, agency, admin
):
    client_id, secret = agency.client()
    access = log_in(house, client_id, secret).get_json()["access_token"]
    assert teams(house, access) == (200, None)

    admin.post(f"/v1/clients/{client_id}/revoke")

    assert teams(house, access) == (401, "unauthenticated")
    assert outcome(log_in(house, client_id, secret)) == (401, "client-invalid")


def test_from_the_command_line(house, agency):
    phone = Phone(house.http)
    phone.enrol(agency.code("a-1"))

    told = run(device, "revoke", agency.id, "a-1", "a-2")

    assert told == "devices: revoked, if there were any\n"

    assert phone.sync()["directives"] == ["revoked"]
    assert ("command line", "revoked the devices of", "a-1") in audited(agency)


def test_of_several_people_all_are_revoked_or_none(agency):
    phone = agency.phone("a-1")

    said = run(device, "revoke", agency.id, "a-1", "nobody", status=1)

    assert "no such person in the roster: nobody" in said
    assert phone.sync()["directives"] == []
    assert [e for e in rows_of(AuditEntry, agency) if "devices" in e.action] == []


def test_no_people_at_all_is_a_mistake():
    assert CliRunner().invoke(device, ["revoke", "acme"]).exit_code == 2
