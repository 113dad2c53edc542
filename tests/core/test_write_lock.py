"""Write lock of SQLite: one writer at a time, and a wait that ends."""

import threading

import pytest

from rapport_service.core.write_lock import WriteLockTimeoutError, write_lock
from tests.support.concurrency import (
    TIMEOUT_SECONDS,
    foreign_write_lock,
    run_concurrently,
)


@pytest.fixture
def held(tmp_path):
    """A lock file that another process holds; call it to make that let go."""
    path = tmp_path / "rapport.db.lock"
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
    path = tmp_path / "nowhere/rapport.db.lock"
    for _ in range(2):
        with pytest.raises(FileNotFoundError), write_lock(path, 0.05):
            pass


def test_writers_of_one_process_exclude_each_other(service, tmp_path):
    path, inside, seen = tmp_path / "lock", [], []

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
