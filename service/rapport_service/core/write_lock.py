"""Cross-process write lock for SQLite, with a timeout.

SQLite takes one writer at a time.
"""

import fcntl
import os
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Lock, Thread
from time import monotonic
from typing import TextIO

WRITE_LOCK_TIMEOUT_SECONDS = 10
"""How long a write of the service waits for its turn, before it is refused."""


class WriteLockTimeoutError(Exception):
    """Other writers held the lock until the timeout."""


class DatabaseFileError(OSError):
    """A file of the database cannot be used; ``filename`` names it."""


_thread_locks: dict[Path, Lock] = defaultdict(Lock)
"""Per lock file, which of this process's threads waits in the kernel's queue."""


@contextmanager
def write_lock(database: Path, timeout: float) -> Iterator[None]:
    """Holds the lock of a database file, against all threads of all processes.

    SQLite's own busy polling makes unlucky writers wait for seconds; a lock that the
    kernel queues keeps the wait at tens of milliseconds.

    Raises:
        WriteLockTimeoutError: other writers held it for so many seconds.
        DatabaseFileError: there is no such database, or its lock cannot be used.
    """
    until = monotonic() + timeout
    path = Path(f"{database}.lock")
    gate = _thread_locks[path]
    if not gate.acquire(timeout=timeout):
        raise WriteLockTimeoutError
    with ExitStack() as held:
        held.callback(gate.release)
        try:
            file = held.enter_context(os.fdopen(_open(path, database), "w"))
            is_locked = _lock(file, until - monotonic(), held)
        except OSError as error:
            raise to_file_error(error, path) from error
        if not is_locked:
            raise WriteLockTimeoutError
        yield


def to_file_error(error: OSError, path: Path) -> DatabaseFileError:
    """The error of a file of the database, which names it."""
    return DatabaseFileError(error.errno, error.strerror, error.filename or str(path))


def _open(path: Path, database: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY)
    except FileNotFoundError:
        with suppress(FileExistsError):  # another writer was first
            return _create(path, database.stat())
        return os.open(path, os.O_WRONLY)


def _create(path: Path, database: os.stat_result) -> int:
    """Makes the lock file for exactly the users who may write the database.

    A user who can open a file can lock it, and stop every writer. One that root makes
    would stop every other user, so it gets the owner of the database, as SQLite's log
    does.
    """
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    writers = database.st_mode & 0o222
    try:
        os.fchmod(opened, 0o600 | writers | writers << 1)
        if os.geteuid() == 0:
            os.fchown(opened, database.st_uid, database.st_gid)
    except OSError:
        os.close(opened)
        path.unlink()
        raise
    return opened


def _lock(file: TextIO, timeout: float, held: ExitStack) -> bool:
    """Locks a file within a time; else leaves the lock to the waiting thread.

    The kernel's queue has no timeout, so a thread waits in it, one a process.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pass
    else:
        return True
    turn: Future[None] = Future()
    left: Future[ExitStack] = Future()

    def wait() -> None:
        fcntl.flock(file, fcntl.LOCK_EX)
        if turn.set_running_or_notify_cancel():
            turn.set_result(None)
        else:
            left.result().close()

    Thread(target=wait, daemon=True).start()
    try:
        turn.result(max(timeout, 0))
    except TimeoutError:
        if turn.cancel():
            left.set_result(held.pop_all())
            return False
    return True
