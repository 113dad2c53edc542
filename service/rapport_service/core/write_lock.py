"""Cross-process write lock for SQLite, with a timeout.

SQLite takes one writer at a time.
"""

import fcntl
import os
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock, Thread
from time import monotonic
from typing import TextIO


class WriteLockTimeoutError(Exception):
    """Other writers held the lock until the timeout."""


_thread_locks: dict[Path, Lock] = defaultdict(Lock)
"""Per lock file, which of this process's threads waits in the kernel's queue."""


@contextmanager
def write_lock(path: Path, timeout: float) -> Iterator[None]:
    """Holds the lock of a file, against all threads of all processes.

    SQLite's own busy polling makes unlucky writers wait for seconds; a lock that the
    kernel queues keeps the wait at tens of milliseconds.

    Raises:
        WriteLockTimeoutError: other writers held it for so many seconds.
    """
    until = monotonic() + timeout
    gate = _thread_locks[path]
    if not gate.acquire(timeout=timeout):
        raise WriteLockTimeoutError
    with ExitStack() as held:
        held.callback(gate.release)
        # Its owner's alone: who can read a file can lock it, and stop every writer.
        opened = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        file = held.enter_context(os.fdopen(opened, "w"))
        if not _lock(file, until - monotonic(), held):
            raise WriteLockTimeoutError
        yield


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
