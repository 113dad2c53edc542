"""``rapport secret rotate``: phones, programs and codes notice nothing, or all end."""

import itertools
import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from rapport_schemas.enums import Purpose
from rapport_service.cli.doctor import doctor
from rapport_service.cli.secret import secret
from rapport_service.core.data_keys import MAX_AGE, DataKeys, Secrets
from rapport_service.core.dependencies import EXTENSION
from rapport_service.pollbook.models import PrivateKey
from tests.cli.command_runner import run_command
from tests.pollbook.poll_book_requests import enrol, log_in, outcome, refresh
from tests.support.admin import AdminClient, audit_entries
from tests.support.gunicorn import SECRET
from tests.support.rows import rows_of
from tests.support.service import start_service

NEW = bytes(range(1, 33))
NUMBERS = itertools.count(1)


@pytest.fixture
def service(engine_name, request, tmp_path, ballot_keys):
    """A service with a database of its own, whose keys tests replace."""
    if engine_name == "sqlite":
        url = f"sqlite:///{tmp_path}/own.db"
    else:
        server = request.getfixturevalue("postgresql")
        url = server.create_database(f"secret{next(NUMBERS)}")
    with start_service(url, ballot_keys) as service:
        yield service


@pytest.fixture
def agency(service):
    return service.agency({"a": 8}, supervises={"chief": ["a"]})


@pytest.fixture
def restart(service):
    """Restarts the workers of this process with other secrets."""

    def restart(current, previous=None):
        extensions = service.app.extensions
        data_keys = DataKeys(Secrets(current, previous), service.clock)
        extensions[EXTENSION] = replace(extensions[EXTENSION], data_keys=data_keys)

    return restart


def rotate(*options):
    return run_command(secret, "rotate", *options)


def test_phones_programs_and_codes_notice_nothing_of_a_rotation(
    service, agency, restart
):
    wave = agency.announce()
    phone = agency.phone("a-1")
    code = agency.code("a-2")
    client_id, client_secret = agency.client()
    admin = AdminClient(agency)
    cursor = admin.get("/v1/people?limit=1").get_json()["next"]

    restart(NEW, SECRET)
    assert phone.draw(wave)  # a new worker, before the rotation
    assert "secret: rotated" in rotate()
    service.clock.now += 2 * MAX_AGE
    restart(NEW)

    assert phone.refresh().status_code == 200
    assert phone.sync()["waves"]
    assert agency.phone("a-3").draw(wave)  # the private ballot keys still open
    assert enrol(service, code).status_code == 200
    assert log_in(service, client_id, client_secret).status_code == 200
    assert admin.get(f"/v1/people?after={cursor}").status_code == 200
    assert ("command_line", "secret_rotated") in {
        entry[:2] for entry in audit_entries(agency)
    }


def test_rotation_twice_says_that_it_was_done(agency, restart):
    restart(NEW, SECRET)
    rotate()

    assert "is the one of this database already" in rotate()

    done = [e for e in audit_entries(agency) if e[1] == "secret_rotated"]
    assert len(done) == 1


def test_doctor_says_what_to_do_next(service, restart):
    def check():
        printed = CliRunner().invoke(doctor, ["--json"]).stdout  # others may fail
        lines = json.loads(printed)["checks"]
        return next(line["detail"] for line in lines if line["check"] == "secret")

    assert check() == "RAPPORT_SECRET belongs to this database"
    restart(NEW, SECRET)
    assert "Run `rapport secret rotate`" in check()
    rotate()
    assert "RAPPORT_SECRET_PREVIOUS is not needed any more" in check()
    restart(NEW)
    assert check() == "RAPPORT_SECRET belongs to this database"
    del service


def test_renewal_ends_what_it_says_and_nothing_else(service, agency, restart):
    wave = agency.announce()
    phone, waiting = agency.phone("a-1"), agency.phone("a-2")
    ballot = waiting.draw(wave)
    reader = enrol(service, agency.code("chief", Purpose.READING)).get_json()
    code = agency.code("a-3")
    client_id, client_secret = agency.client()
    restart(NEW, SECRET)

    printed = rotate("--compromised")
    service.clock.now += 2 * MAX_AGE
    restart(NEW)

    for thing in ("access tokens", "refresh tokens", "enrolment codes", "list cursors"):
        assert f"{thing}\tended" in printed
    assert wave in printed
    assert outcome(phone.refresh()) == (400, "grant-invalid")
    assert outcome(refresh(service, reader["refresh_token"])) == (400, "grant-invalid")
    unauthenticated = service.http.get("/v1/sync", headers=phone.authorization)
    assert outcome(unauthenticated) == (401, "unauthenticated")
    assert outcome(enrol(service, code)) == (404, "code-unknown")
    assert log_in(service, client_id, client_secret).status_code == 200
    agency.phones.clear()
    assert agency.phone("a-4").draw(wave)  # its private keys were encrypted anew
    assert ballot  # what was drawn is no matter of these keys
    assert ("command_line", "data_keys_renewed") in {
        entry[:2] for entry in audit_entries(agency)
    }


def test_planned_wave_gets_new_ballot_keys_after_a_renewal(service, agency, restart):
    now = service.clock()
    planned = agency.plan(opens_in=20)
    before = {row.kid for row in rows_of(PrivateKey, agency)}
    del planned, now
    restart(NEW, SECRET)

    rotate("--compromised")
    service.clock.now += 2 * MAX_AGE

    assert before.isdisjoint(row.kid for row in rows_of(PrivateKey, agency))


def test_old_worker_answers_503_after_a_renewal_and_goes_on_after_a_rotation(
    service, agency, restart
):
    phone = agency.phone("a-1")
    old = service.app.extensions[EXTENSION]

    restart(NEW, SECRET)
    rotate()
    new = service.app.extensions[EXTENSION]
    service.app.extensions[EXTENSION] = old
    service.clock.now += 2 * MAX_AGE
    assert phone.refresh().status_code == 200

    service.app.extensions[EXTENSION] = new
    rotate("--compromised")
    service.app.extensions[EXTENSION] = old
    service.clock.now += 2 * MAX_AGE

    assert outcome(phone.refresh()) == (503, "not-ready")


def test_rotation_under_a_stranger_to_the_database_is_refused(restart):
    restart(NEW)

    message = run_command(secret, "rotate", status=1)

    assert "RAPPORT_SECRET is not the secret of this database" in message
