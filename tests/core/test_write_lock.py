"""Write lock of SQLite: one writer at a time, a wait that ends, and who may take it."""

import os
import threading
from stat import S_IMODE

import pytest

from rapport_service.core.write_lock import (
    DatabaseFileError,
    WriteLockTimeoutError,
    write_lock,
)
from tests.support.concurrency import (
    TIMEOUT_SECONDS,
    foreign_write_lock,
    run_concurrently,
)

LOCK_MODES_BY_DATABASE_MODE = {
    0o600: 0o600,
    0o640: 0o600,
    0o644: 0o600,
    0o660: 0o660,
    0o664: 0o660,
    0o666: 0o666,
    0o400: 0o600,
}


@pytest.fixture
def held(tmp_path):
    """A database whose lock another process holds; call it to make that let go."""
    path = tmp_path / "rapport.db"
    path.touch()
    with foreign_write_lock(path) as release:
        yield path, release


def test_writer_that_waits_gets_the_lock_when_it_is_free(held):
    path, release = held
    threading.Timer(0.1, release).start()

    with write_lock(path, TIMEOUT_SECONDS):
        assert not is_unlocked(path)

    assert is_unlocked(path)


def test_writer_that_timed_out_leaves_no_lock(held):
    path, release = held
    with pytest.raises(WriteLockTimeoutError), write_lock(path, 0.05):
        pass
    with pytest.raises(WriteLockTimeoutError), write_lock(path, 0.05):
        pass  # the first one's thread still stands in the line

    release()

    with write_lock(path, TIMEOUT_SECONDS):
        pass
    assert is_unlocked(path)


def test_lock_file_that_cannot_be_made_blocks_no_writer(tmp_path):
    path = tmp_path / "nowhere/rapport.db"
    for _ in range(2):
        with pytest.raises(DatabaseFileError), write_lock(path, 0.05):
            pass


def test_writers_of_one_process_exclude_each_other(service, tmp_path):
    path, inside, seen = tmp_path / "rapport.db", [], []
    path.touch()

    def write():
        for _ in range(50):
            with write_lock(path, TIMEOUT_SECONDS):
                inside.append(True)
                seen.append(len(inside))
                inside.pop()

    run_concurrently(service, *[write] * 4)

    assert seen == [1] * 200


def is_unlocked(path):
    """Whether no process holds the lock."""
    try:
        with write_lock(path, 0):
            return True
    except WriteLockTimeoutError:
        return False


@pytest.mark.parametrize(
    ("mode", "lock_mode"), LOCK_MODES_BY_DATABASE_MODE.items(), ids=oct
)
def test_lock_is_for_those_who_may_write_the_database(tmp_path, mode, lock_mode):
    """A user who may open the lock can hold it, and stop every writer."""
    database, lock = tmp_path / "rapport.db", tmp_path / "rapport.db.lock"
    database.touch()
    database.chmod(mode)
    before = os.umask(0o077)

    with write_lock(database, timeout=1):
        os.umask(before)

    assert S_IMODE(lock.stat().st_mode) == lock_mode


def test_lock_that_is_there_keeps_its_mode(tmp_path):
    database, lock = tmp_path / "rapport.db", tmp_path / "rapport.db.lock"
    database.touch(mode=0o600)
    lock.touch(mode=0o600)
    database.chmod(0o666)

    with write_lock(database, timeout=1):
        pass

    assert S_IMODE(lock.stat().st_mode) == 0o600


def test_no_lock_is_made_for_a_missing_database(tmp_path):
    with (
        pytest.raises(DatabaseFileError) as caught,
        write_lock(tmp_path / "rapport.db", timeout=1),
    ):
        pass

    assert caught.value.filename == str(tmp_path / "rapport.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files for other users")
def test_lock_that_cannot_be_given_away_is_not_left_behind(tmp_path, monkeypatch):
    database = tmp_path / "rapport.db"
    database.touch()

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refuse)
    with pytest.raises(DatabaseFileError), write_lock(database, timeout=1):
        pass

    assert list(tmp_path.iterdir()) == [database]
