"""A lock between processes, as long as the operating system keeps a file open."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from rapport_client.errors import OutboxUnusable

if sys.platform != "win32":  # whoever only reads scores needs no lock
    import fcntl


class FileLock:
    """One at a time, by an exclusive ``flock`` on a side file; a killed holder lets go.

    Not re-entrant. It belongs to the thread that made it: two that held one file open
    would let go of each other's lock.

    Args:
        path: the side file; made if missing, for its owner alone.

    Raises:
        OutboxUnusable: the side file cannot be opened, or the system has no ``flock``.
    """

    def __init__(self, path: Path) -> None:
        if sys.platform == "win32":
            raise OutboxUnusable(
                "an outbox needs a system with flock, which Windows is not"
            )
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise OutboxUnusable(f"cannot open {path}: {error.strerror}") from error
        self._thread = threading.get_ident()
        self._open = True

    def assert_usable(self) -> None:
        """Refuses another thread, and any use after the end.

        Raises:
            OutboxUnusable: says which it is.
        """
        self.assert_owner_thread()
        if not self._open:
            raise OutboxUnusable("this outbox is closed; open the file again")

    def assert_owner_thread(self) -> None:
        """Refuses another thread.

        Raises:
            OutboxUnusable: the file has to be opened anew there.
        """
        if threading.get_ident() != self._thread:
            raise OutboxUnusable(
                "an outbox is used by the thread that opened it;"
                " open the same file once more in any other"
            )

    def __enter__(self) -> Self:
        self.assert_usable()
        fcntl.flock(self._file, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_: object) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)

    @contextmanager
    def try_acquire(self) -> Iterator[bool]:
        """Takes the lock if nobody holds it; yields whether it was taken."""
        self.assert_usable()
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        with self:
            yield True

    def close(self) -> None:
        """Closes the side file, and lets go of the lock if it was held."""
        self._open = False
        os.close(self._file)
