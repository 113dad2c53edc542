"""``rapport doctor``."""

import pytest

from rapport_service import migrate
from rapport_service.app import create_app
from rapport_service.cli.doctor import doctor
from rapport_service.db import db
from rapport_service.settings import Settings
from tests.cli.commands import run, run_json
from tests.conftest import SECRET


@pytest.fixture
def empty(tmp_path):
    """A service whose database has nothing in it."""
    url = f"sqlite:///{tmp_path}/empty.db"
    app = create_app(Settings(secret=SECRET, database_url=url))
    with app.app_context():
        yield app
        db.engine.dispose()


@pytest.fixture
def punctual(house):
    """The service at a time before any wave of any test."""
    house.clock.turn(days=-365)
    return house


@pytest.mark.usefixtures("punctual")
def test_a_service_in_good_order_passes():
    lines = run(doctor).splitlines()

    assert [line[:4] for line in lines] == ["ok  "] * 4
    assert [one["check"] for one in run_json(doctor)["checks"]] == [
        "database",
        "roles",
        "schema",
        "waves",
    ]


@pytest.mark.usefixtures("empty")
def test_a_database_without_schema_is_named_with_its_remedy():
    told = run(doctor, status=1)

    assert "FAIL schema: is at None" in told
    assert "rapport db upgrade" in told
    assert "waves" not in told


@pytest.mark.usefixtures("empty")
def test_a_schema_that_is_behind_is_named():
    migrate.upgrade(db.engine, "0001")

    assert "FAIL schema: is at 0001, not at 0002" in run(doctor, status=1)


def test_a_database_that_does_not_answer_is_named_without_its_address(tmp_path):
    url = f"sqlite:///{tmp_path}/s3cret-folder/none.db"
    with create_app(Settings(secret=SECRET, database_url=url)).app_context():
        told = run(doctor, status=1)

    assert told.startswith("FAIL database: does not answer")
    assert "s3cret" not in told


def test_a_wave_that_nobody_moves_on_is_named(house):
    wave = house.agency({"a": 8}).plan()
    house.clock.turn(minutes=11)

    told = run(doctor, status=1)

    assert "FAIL waves: late: " in told
    assert wave in told
