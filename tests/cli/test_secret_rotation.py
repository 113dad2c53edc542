"""``rapport secret rotate``: phones, programs and codes notice nothing, or all end."""

import itertools
import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.orm import Session

from rapport_schemas.enums import Purpose, WaveState
from rapport_service.charter.clock_leap import TickTimes
from rapport_service.cli.doctor import doctor
from rapport_service.cli.secret import secret
from rapport_service.core import vacuum as vacuum_module
from rapport_service.core.data_keys import (
    MAX_AGE,
    DataKeys,
    Secrets,
    list_data_keys,
)
from rapport_service.core.db import Door, db, read_transaction, transaction
from rapport_service.core.dependencies import EXTENSION
from rapport_service.lifecycle.organization import advance_organization
from rapport_service.lifecycle.sealing import run_sealing_job
from rapport_service.lifecycle.vacuum import vacuum_if_due
from rapport_service.pollbook import announcement
from rapport_service.pollbook.models import PrivateKey
from rapport_service.pollbook.secrets import renew_keys
from rapport_service.pollbook.service import close_wave
from tests.cli.command_runner import run_command
from tests.pollbook.poll_book_requests import enrol, log_in, outcome, refresh
from tests.support.admin import AdminClient, audit_entries
from tests.support.audit import TEST_ACTOR
from tests.support.concurrency import open_transaction
from tests.support.gunicorn import SECRET
from tests.support.rows import find_on_disk, rows_of
from tests.support.service import start_service

NEW = bytes(range(1, 33))
NEWER = bytes(range(2, 34))
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
    assert "Look through `rapport audit` for programs, codes" in printed
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


@pytest.fixture
def prepared(service, agency):
    """A planned wave that has all of its keys and could be announced."""
    wave = agency.plan()
    deps, now = service.dependencies, service.clock()
    advance_organization(deps, agency.id, TickTimes(now), now)
    assert run_sealing_job(deps, organization_id=agency.id)
    assert agency.wave(wave).state == WaveState.PLANNED
    return wave


@pytest.fixture
def renew(service, restart):
    """Renews the keys in a given session, under another secret."""
    restart(NEW, SECRET)
    secrets = Secrets(NEW, SECRET)
    return lambda session: renew_keys(session, secrets, service.clock(), TEST_ACTOR)


def acting(service, act):
    """An action in a transaction of its own."""

    def action():
        with service.app.app_context(), transaction(Door.POLL_BOOK) as session:
            return act(session)

    return action


def test_renewal_waits_for_an_announcement_and_leaves_the_wave_its_keys(
    service, agency, prepared, renew
):
    def announce(session):
        return announcement.announce(session, keyring, agency.wave(prepared))

    keyring = service.dependencies.keyring
    with open_transaction(service, Door.POLL_BOOK, announce) as announcing:
        waited, renewal, _ = announcing.run_meanwhile(acting(service, renew))
    service.clock.now += 2 * MAX_AGE

    assert waited
    assert [wave.public_id for wave in renewal.waves_at_risk] == [prepared]
    assert agency.phone("a-1").draw(prepared)


def test_announcement_waits_for_a_renewal_and_then_for_new_keys(
    service, agency, prepared, renew
):
    keyring = service.dependencies.keyring

    def announce(session):
        return announcement.announce(session, keyring, agency.wave(prepared))

    with open_transaction(service, Door.POLL_BOOK, renew) as renewal:
        waited, is_announced, _ = renewal.run_meanwhile(acting(service, announce))
    before = agency.wave(prepared).state, rows_of(PrivateKey, agency)
    service.clock.now += 2 * MAX_AGE
    agency.tick()

    assert waited
    assert not is_announced
    assert before == (WaveState.PLANNED, [])
    assert agency.phone("a-1").draw(prepared)


def test_renewal_waits_for_a_close_and_needs_none_of_the_keys_that_are_gone(
    service, agency, renew
):
    wave = agency.announce()
    agency.tick(days=2)

    def close(session):
        close_wave(session, agency.wave(wave))

    with open_transaction(service, Door.POLL_BOOK, close) as closing:
        waited, renewal, _ = closing.run_meanwhile(acting(service, renew))

    assert waited
    assert renewal.waves_at_risk == []
    assert agency.wave(wave).state == WaveState.CLOSED
    assert rows_of(PrivateKey, agency) == []


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
    restart(NEWER, NEW)
    rotate("--compromised")
    service.app.extensions[EXTENSION] = old
    service.clock.now += 2 * MAX_AGE

    assert outcome(phone.refresh()) == (503, "not-ready")


def test_rotation_under_a_stranger_to_the_database_is_refused(restart):
    restart(NEW)

    message = run_command(secret, "rotate", status=1)

    assert "RAPPORT_SECRET is not the secret of this database" in message


@pytest.mark.parametrize("is_rotated", [False, True])
def test_renewal_under_the_secret_that_leaked_is_refused(
    service, agency, restart, is_rotated
):
    phone = agency.phone("a-1")
    if is_rotated:
        restart(NEW, SECRET)
        rotate()

    message = run_command(secret, "rotate", "--compromised", status=1)
    service.clock.now += 2 * MAX_AGE

    assert "Make a new secret" in message
    assert "RAPPORT_SECRET_PREVIOUS to the old one" in message
    assert phone.refresh().status_code == 200  # nothing has ended
    restart(NEWER, NEW if is_rotated else SECRET)
    assert "access tokens\tended" in rotate("--compromised")


@pytest.mark.usefixtures("agency")
def test_replaced_keys_leave_the_disk_when_a_backup_that_held_them_has_ended(
    service, restart, monkeypatch
):
    def wrapped():
        with read_transaction(Door.POLL_BOOK) as session:
            return {row.wrapped for row in list_data_keys(session)}

    monkeypatch.setattr(vacuum_module, "VACUUM_TIMEOUT_SECONDS", 1)
    before = wrapped()
    restart(NEW, SECRET)
    with Session(db.engine) as backup:
        backup.execute(text("SELECT count(*) FROM data_keys"))
        rotate("--compromised")
        left = find_on_disk(before)

    service.clock.advance(minutes=3)
    vacuum_if_due(service.clock)

    assert left
    assert find_on_disk(before) == set()
    assert find_on_disk(wrapped()) == wrapped()
