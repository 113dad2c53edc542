import itertools

import pytest
from sqlalchemy import create_engine

from tests.migrations.databases import open_service
from tests.migrations.server import Server
from tests.support.postgres import PostgreSQL

_numbers = itertools.count(1)


@pytest.fixture
def empty_url(engine_name, request, tmp_path):
    """An empty database on each engine."""
    if engine_name == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    server = request.getfixturevalue("postgresql")
    return server.create_database(f"empty{next(_numbers)}")


@pytest.fixture
def make_key(ballot_keys):
    """A maker that returns keys made before."""
    keys = itertools.cycle(ballot_keys)
    return lambda: next(keys)


@pytest.fixture
def unmigrated(empty_url, make_key):
    """The service on that database."""
    with open_service(empty_url, make_key) as service:
        yield service


@pytest.fixture(scope="session")
def own_server():
    with PostgreSQL() as running:
        yield Server(running)


@pytest.fixture
def server(own_server):
    """The server without any role of ours, before and after."""
    assert own_server.roles() == set()
    yield own_server
    own_server.run("DROP DATABASE production")
    own_server.run(*(f'DROP ROLE "{role}"' for role in own_server.roles()))


@pytest.fixture
def engine(server):  # noqa: ARG001 - closed before the server takes their database
    """Engines that a test opens, closed at its end."""
    opened = []

    def connect(url):
        opened.append(create_engine(url))
        return opened[-1]

    yield connect
    for connected in opened:
        connected.dispose()
