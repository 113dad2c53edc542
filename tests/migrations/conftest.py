import itertools

import pytest

from tests.migrations.databases import house_on

_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """A database on each engine that nobody has touched."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    server = request.getfixturevalue("postgresql")
    return server.create_database(f"empty{next(_numbers)}")


@pytest.fixture
def make_key(ballot_keys):
    """Hands out keys that were made before."""
    keys = itertools.cycle(ballot_keys)
    return lambda: next(keys)


@pytest.fixture
def unmigrated(empty_url, make_key):
    """The service on that database."""
    with house_on(empty_url, make_key) as house:
        yield house
