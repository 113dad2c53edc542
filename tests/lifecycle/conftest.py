"""A service with a database of its own: a tick visits every organization."""

import itertools
from datetime import timedelta
from functools import partial

import pytest

from rapport_service.cli.database import database
from rapport_service.cli.doctor import doctor
from rapport_service.cli.tick import tick
from rapport_service.cli.waves import list_waves
from rapport_service.core.db import Door, transaction
from rapport_service.waves.planning import create_pulse
from tests.cli.command_runner import run_command, run_command_json
from tests.support.audit import TEST_ACTOR
from tests.support.service import start_service

NUMBERS = itertools.count(1)


@pytest.fixture
def service(engine_name, request, tmp_path, ballot_keys):
    """The service at noon of the first day, on a database of this test alone."""
    url = f"sqlite:///{tmp_path}/rapport.db"
    if engine_name == "postgresql":
        server = request.getfixturevalue("postgresql")
        url = server.create_database(f"tick{next(NUMBERS)}")
    with start_service(url, ballot_keys) as own:
        run_command(database, "upgrade")  # binds it to its secret, for the doctor
        yield own


@pytest.fixture
def agency(service):
    """An agency of a team of eight, and a director who reads its score."""
    return service.agency({"a": 8}, supervises={"director": ["agency"]})


@pytest.fixture
def tick_at(service):
    """Runs ``rapport tick`` with the clock so long after noon of the first day."""
    noon = service.clock()

    def run(*options, **later):
        service.clock.now = noon + timedelta(**later)
        return run_command(tick, *options)

    return run


@pytest.fixture
def listed(agency):
    """Lists the waves of the agency as ``rapport wave list`` does."""

    def run():
        waves = run_command_json(list_waves, agency.id)["waves"]
        return sorted(waves, key=lambda wave: wave["opens_at"])

    return run


@pytest.fixture
def failed_checks():
    """Runs ``rapport doctor``; the detail of each check that failed."""

    def run(*, status=1):
        lines = run_command(doctor, status=status).splitlines()
        return dict(
            line.removeprefix("FAIL\t").split("\t")
            for line in lines
            if line.startswith("FAIL\t")
        )

    return run


@pytest.fixture
def pulse(agency):
    """Creates a pulse of weeks; returns its id."""

    def create(first_opens, **lengths):
        lengths = {
            "every_weeks": 2,
            "open_days": 7,
            "announce_days": 1,
            "grace_days": 7,
        } | lengths
        now = agency.service.clock()
        with transaction(Door.POLL_BOOK) as session:
            made = partial(create_pulse, session, agency.id)(
                first_opens.replace(tzinfo=None), now, TEST_ACTOR, **lengths
            )
        return str(made.pulse_id)

    return create
