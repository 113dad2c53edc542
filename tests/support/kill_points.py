"""Death of a process at any of its writes, played in this process."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from rapport_service.core.db import db


class Killed(BaseException):
    """The process is dead: nothing that it does from here on has an effect."""


class KillPoints:
    """Counts the writes to disk and database; dies before one of them, and stays dead.

    Args:
        at: the number of the write before which the process dies; None to count only.
    """

    def __init__(self, at: int | None) -> None:
        self.count = 0
        self._at = at

    def reach(self, *, half_written: Path | None = None) -> None:
        """One more write; raises where the process is dead."""
        if self._at is not None and self.count >= self._at:
            if half_written is not None and self.count == self._at:
                os.truncate(half_written, half_written.stat().st_size // 2)
            self.count += 1
            raise Killed
        self.count += 1


@contextmanager
def kill_before_write(at: int | None) -> Iterator[KillPoints]:
    """Lets this process die before its n-th write: open, fsync, unlink or commit.

    A file whose fsync is not reached is left with half of its bytes.
    """
    points = KillPoints(at)
    original_open, original_fsync, original_unlink = os.open, os.fsync, Path.unlink

    def open_file(path: Any, flags: int, *args: Any, **options: Any) -> int:
        if flags & os.O_CREAT and flags & os.O_EXCL:
            points.reach()
        return original_open(path, flags, *args, **options)

    def fsync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        points.reach(half_written=path if path.is_file() else None)
        original_fsync(descriptor)

    def unlink(path: Path, **options: bool) -> None:
        points.reach()
        original_unlink(path, **options)

    def commit(_connection: Connection) -> None:
        points.reach()

    patches: list[tuple[Any, str, Callable[..., Any]]] = [
        (os, "open", open_file),
        (os, "fsync", fsync),
        (Path, "unlink", unlink),
    ]
    event.listen(db.engine, "commit", commit)
    try:
        with pytest.MonkeyPatch.context() as patch:
            for place, name, replacement in patches:
                patch.setattr(place, name, replacement)
            yield points
    finally:
        event.remove(db.engine, "commit", commit)
