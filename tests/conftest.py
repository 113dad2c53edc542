"""Fixtures of every test: the service on both engines, agencies, waves, ballots."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis

from rapport_service.blindsign.keys import make_key
from tests.support.ballots import BallotFactory, combine_keys
from tests.support.postgres import PostgreSQL
from tests.support.service import Agency, ServiceHarness, start_service

hypothesis.register_profile("rapport", deadline=None, derandomize=bool(os.getenv("CI")))
hypothesis.load_profile("rapport")

ENGINES = ("sqlite", "postgresql")

GENERATED_KEYS = 11
"""Keys with 22 primes, which make 231 pairs."""

BALLOT_KEYS = 60
"""Ballot keys made once and reused: an organization needs distinct ones."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test with a database on both engines, or on those of its markers."""
    if "engine_name" in metafunc.fixturenames:
        marked = [
            name for name in ENGINES if metafunc.definition.get_closest_marker(name)
        ]
        metafunc.parametrize(
            "engine_name", marked or ENGINES, indirect=True, scope="session"
        )


@pytest.fixture(scope="session")
def engine_name(request: pytest.FixtureRequest) -> str:
    """The database engine of this test: ``sqlite`` or ``postgresql``."""
    return str(request.param)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server of this test run."""
    # The server's own vacuum holds a table when it likes, and ours is deferred then.
    with PostgreSQL("autovacuum=off") as server:
        yield server


@pytest.fixture(scope="session")
def ballot_keys():
    """Throw-away ballot keys, so that making them does not slow every test."""
    return combine_keys([make_key() for _ in range(GENERATED_KEYS)], BALLOT_KEYS)


@pytest.fixture(scope="session")
def ballot_factory(ballot_keys) -> BallotFactory:
    """Makes good ballots without a phone."""
    return BallotFactory(ballot_keys)


@pytest.fixture(scope="session")
def database_url(
    engine_name: str,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """An empty database."""
    if engine_name == "sqlite":
        folder: Path = tmp_path_factory.mktemp("database")
        return f"sqlite:///{folder}/rapport.db"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.create_database("rapport")


@pytest.fixture(scope="session")
def service_session(database_url, ballot_keys) -> Iterator[ServiceHarness]:
    """The service, migrated, on both engines; shared by all tests of a run."""
    with start_service(database_url, ballot_keys) as service:
        yield service


@pytest.fixture
def service(service_session: ServiceHarness) -> Iterator[ServiceHarness]:
    """The service at noon of the first day; each test makes organizations of its own.

    All tests share a database, as agencies do. The rows that a test leaves are those
    of another organization, and no code may read across.
    """
    service_session.clock.reset()
    with service_session.app.app_context():
        yield service_session


@pytest.fixture
def agency(service: ServiceHarness) -> Agency:
    """One team of eight, the smallest that is asked; files may override it."""
    return service.agency({"a": 8})


@pytest.fixture
def wave(agency: Agency) -> str:
    """A wave that was announced today and opens tomorrow."""
    return agency.announce()


@pytest.fixture
def ballot(ballot_factory: BallotFactory, agency: Agency, wave: str) -> str:
    """A ballot of a person of team ``a``."""
    (ballot,) = ballot_factory.ballots(agency, wave, "a", 1)
    return ballot
