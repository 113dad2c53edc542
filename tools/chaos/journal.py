"""Journals: append-only files of JSON lines.

Every process writes files of its own, or whole lines to a shared one, so that a process
that is killed tears no line of another.
"""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Journal:
    """Append-only file of entries.

    Args:
        path: created if missing.
        durable: whether each line is synced to disk at once.
    """

    def __init__(self, path: Path, *, durable: bool = False) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._durable = durable

    def note(self, event: str, **facts: object) -> None:
        """Appends an entry: the event, its process, its time and the facts."""
        stamp = {"event": event, "pid": os.getpid(), "at": time.monotonic()}
        entry = stamp | facts
        os.write(self._file, json.dumps(entry).encode() + b"\n")
        if self._durable:
            os.fsync(self._file)

    def close(self) -> None:
        """Closes the file."""
        os.close(self._file)


class Tail:
    """Incremental reader of a journal.

    Args:
        path: may not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read_new(self) -> list[Entry]:
        """Reads the complete entries since the last call."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._offset)
            whole, end, _ = file.read().rpartition(b"\n")
        self._offset += len(whole) + len(end)
        return [json.loads(line) for line in whole.splitlines()]


def read_entries(path: Path) -> Iterator[Entry]:
    """Every line of a journal, in the order of writing; none if there is no file."""
    if path.exists():
        with path.open() as lines:
            yield from map(json.loads, lines)
