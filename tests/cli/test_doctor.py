"""``rapport doctor``."""

import itertools
from datetime import datetime, timedelta

import pytest

from rapport_schemas.enums import WaveState
from rapport_service import migrate
from rapport_service.app import create_app
from rapport_service.cli.database import database
from rapport_service.cli.doctor import doctor
from rapport_service.cli.wave_checks import overdue_at
from rapport_service.core.db import (
    Door,
    create_database_file,
    db,
    transaction,
)
from rapport_service.core.settings import Settings
from rapport_service.registry.models import Wave
from rapport_service.waves.planning import create_pulse
from tests.cli.command_runner import run_command, run_command_json
from tests.support.audit import TEST_ACTOR
from tests.support.gunicorn import SECRET
from tests.support.service import NOON, ManualClock, ServiceHarness

NUMBERS = itertools.count(1)


@pytest.fixture
def empty(tmp_path):
    """A service whose database has nothing in it."""
    url = f"sqlite:///{tmp_path}/empty.db"
    app = create_app(Settings(secret=SECRET, database_url=url))
    with app.app_context():
        yield app
        db.engine.dispose()


@pytest.fixture
def own_url(engine_name, request, tmp_path):
    """A database that no other test has used, on each engine."""
    if engine_name == "sqlite":
        return f"sqlite:///{tmp_path}/own.db"
    server = request.getfixturevalue("postgresql")
    return server.create_database(f"doctor{next(NUMBERS)}")


@pytest.fixture
def noted(own_url):
    """The service with its secret on record, as ``rapport db upgrade`` leaves it."""
    app = create_app(Settings(secret=SECRET, database_url=own_url))
    with app.app_context():
        run_command(database, "upgrade")
        yield ServiceHarness(app, ManualClock())
        db.engine.dispose()


@pytest.mark.usefixtures("noted")
def test_another_secret_is_noticed_by_the_doctor_and_by_readiness(own_url):
    other = create_app(Settings(secret=bytes(33), database_url=own_url))
    with other.app_context():
        first = run_command(doctor, status=1)
        refused = run_command(database, "check", status=1)
        reply = other.test_client().get("/readyz")
        run_command(database, "upgrade", status=1)  # does not make it the right one
        again = run_command(doctor, status=1)
        db.engine.dispose()

    assert "FAIL\tsecret\tRAPPORT_SECRET is not the secret" in first
    assert "RAPPORT_SECRET" in refused
    assert (reply.status_code, reply.get_json()["code"]) == (503, "not-ready")
    assert again == first
    assert "ok\tsecret\t" in run_command(doctor)


@pytest.mark.usefixtures("noted")
def test_a_service_in_good_order_passes(engine_name):
    lines = run_command(doctor).splitlines()
    server = ["wal", "archiving", "replication", "statements", "commit-times"]

    assert {line.partition("\t")[0] for line in lines} == {"ok"}
    assert [check["check"] for check in run_command_json(doctor)["checks"]] == [
        "database",
        "roles",
        "schema",
        *(server if engine_name == "postgresql" else []),
        "write",
        "secret",
        "people",
        "time zones",
        "clock",
        "waves",
        "pulses",
        "sealing folder",
        "seals",
    ]


@pytest.mark.usefixtures("noted")
def test_each_line_says_in_a_sentence_what_is_in_order():
    for check in run_command_json(doctor)["checks"]:
        assert len(check["detail"].split()) >= 4, check


@pytest.mark.usefixtures("empty")
def test_a_database_without_schema_is_named_with_its_remedy():
    create_database_file(db.engine)

    output = run_command(doctor, status=1)

    assert "FAIL\tschema\tthe database has no schema yet" in output
    assert "rapport db upgrade" in output
    assert "waves" not in output


@pytest.mark.usefixtures("empty")
def test_a_secret_that_is_not_noted_yet_is_named_with_its_remedy():
    migrate.upgrade(db.engine)

    assert "FAIL\tsecret\tthe database has no keys yet" in run_command(doctor, status=1)


def test_a_server_that_does_not_answer_is_named_without_its_address():
    url = "postgresql+psycopg://u:s3cret@127.0.0.1:9/s3cret"
    with create_app(Settings(secret=SECRET, database_url=url)).app_context():
        output = run_command(doctor, status=1)

    assert output.startswith("FAIL\tdatabase\tNo PostgreSQL server listens")
    assert "s3cret" not in output


def test_a_late_wave_is_named(service):
    wave = service.agency({"a": 8}).plan()
    service.clock.advance(minutes=11)

    output = run_command(doctor, status=1)

    assert "FAIL\twaves\tlate: " in output
    assert wave in output


def test_a_wave_that_was_to_open_unannounced_is_late_at_once():
    opens = NOON + timedelta(minutes=1)

    wave = Wave(state=WaveState.PLANNED, announces_at=NOON, opens_at=opens)

    assert overdue_at(wave, NOON) == opens


@pytest.mark.parametrize("people", [0, 7])
def test_an_agency_too_small_for_what_it_plans_is_named_with_what_it_takes(
    service, people
):
    agency = service.agency({"a": people})
    agency.plan()

    output = run_command(doctor, status=1)

    assert f"{agency.id} has {people} people who can answer and needs 8" in output
    assert "rapport roster put" in output


def test_an_agency_too_small_for_its_pulse_is_named_before_any_wave(noted):
    agency = noted.agency({"a": 7})
    with transaction(Door.POLL_BOOK) as session:
        create_pulse(
            *(session, agency.id, datetime.fromisoformat("2030-01-07T09:00"), NOON),
            TEST_ACTOR,
            every_weeks=2,
            open_days=7,
            announce_days=7,
            grace_days=7,
        )

    assert "FAIL\tpeople\t" in run_command(doctor, status=1)

    agency.put({"a": 8}, {}, {})
    assert "ok\tpeople\t" in run_command(doctor)


def test_teams_that_are_too_small_are_listed_for_agencies_that_ask(noted):
    """That is no failure: the agency may want them to answer together."""
    agency = noted.agency({"a": 4, "b": 5, "c": 9})
    assert "sizes" not in run_command(doctor)
    agency.plan()

    checks = run_command_json(doctor)["checks"]

    listed = [check for check in checks if check["check"] == "sizes"]
    assert [check["ok"] for check in listed] == [True, True]
    assert listed[0]["detail"].startswith("Team a has 4 people who can answer.")
