import shutil
from functools import partial

import pytest

from tests.cli.command_runner import environment_for, run_main


@pytest.fixture(autouse=True)
def no_columns(monkeypatch):
    """Output of no width, also where a worker of xdist has the width of its parent."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """An SQLite file with the schema and nothing in it."""
    path = tmp_path_factory.mktemp("migrated") / "rapport.db"
    done = run_main("db", "upgrade", environ=environment_for(f"sqlite:///{path}"))
    assert done.exit_code == 0, done.output
    return path


@pytest.fixture
def rapport(migrated, tmp_path):
    """Runner of ``rapport`` on a database of this test."""
    path = tmp_path / "rapport.db"
    shutil.copy(migrated, path)
    return partial(run_main, environ=environment_for(f"sqlite:///{path}"))


@pytest.fixture
def acme(rapport):
    """The same runner, on a database with an agency called acme."""
    done = rapport(
        "organization", "create", "acme", "--name", "Acme", "--time-zone", "UTC"
    )
    assert done.exit_code == 0, done.output
    return rapport


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    """A home of the test's own, where sealing keys lie if no folder is named."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    return folder
