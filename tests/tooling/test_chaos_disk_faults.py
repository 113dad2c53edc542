import multiprocessing
import os
import sqlite3

import pytest

from tools.chaos.disk_faults import DiskFault, Injection, can_inject

ROWS = 10

pytestmark = pytest.mark.skipif(
    not can_inject(), reason="no strace here that may attach to a process"
)


def insert_rows(path, go, acknowledged):
    """Writes row after row, and reports of each whether it is on disk."""
    os.read(go, 1)
    rows = sqlite3.connect(path, isolation_level=None)
    for number in range(ROWS):
        try:
            rows.execute("INSERT INTO rows VALUES (?)", (number,))
        except sqlite3.OperationalError:
            acknowledged.send(None)
        else:
            acknowledged.send(number)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "outbox.db"
    with sqlite3.connect(path) as rows:
        rows.execute("PRAGMA journal_mode = WAL")
        rows.execute("PRAGMA synchronous = FULL")
        rows.execute("CREATE TABLE rows (number)")
    rows.close()
    return path


def strike_writer(path, fault, n):
    """Injects the fault; the rows that were acknowledged, and the stored ones."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    go, started = os.pipe()
    writer = multiprocessing.get_context("fork").Process(
        target=insert_rows, args=(path, go, sender)
    )
    writer.start()
    injection = Injection.attach(writer.pid, path, fault, n)
    os.write(started, b"!")
    writer.join()
    assert injection.has_struck()
    acknowledged = []
    while receiver.poll():
        acknowledged.append(receiver.recv())
    with sqlite3.connect(path) as rows:
        stored = [number for (number,) in rows.execute("SELECT number FROM rows")]
    return [number for number in acknowledged if number is not None], stored


@pytest.mark.parametrize("fault", [DiskFault.DEATH, DiskFault.FULL])
@pytest.mark.parametrize("n", [2, 5, 8])
def test_acknowledged_rows_are_on_disk(file, fault, n):
    acknowledged, stored = strike_writer(file, fault, n)

    assert acknowledged == stored
    assert len(acknowledged) < ROWS


def test_injection_that_never_struck_is_not_counted(file):
    with pytest.raises(AssertionError):
        strike_writer(file, DiskFault.DEATH, 10_000)
