"""Append-only files of JSON lines: what somebody did or was told, in their own words.

Every process writes files of its own, or whole lines to a shared one, so that a process
that is killed tears nobody's line.
"""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Journal:
    """One file that only grows.

    Args:
        path: made if missing.
        durable: whether each line is on disk when it has been noted.
    """

    def __init__(self, path: Path, *, durable: bool = False) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._durable = durable

    def note(self, event: str, **facts: object) -> None:
        """Writes a line: what happened, by which process and when, and the facts."""
        stamp = {"event": event, "by": os.getpid(), "at": time.monotonic()}
        line = stamp | facts
        os.write(self._file, json.dumps(line).encode() + b"\n")
        if self._durable:
            os.fsync(self._file)

    def close(self) -> None:
        """Closes the file."""
        os.close(self._file)


class Tail:
    """Reads on where it stopped the last time.

    Args:
        path: may not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def read_new(self) -> list[Entry]:
        """The whole lines that have come since."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._read)
            whole, end, _ = file.read().rpartition(b"\n")
        self._read += len(whole) + len(end)
        return [json.loads(line) for line in whole.splitlines()]


def read_entries(path: Path) -> Iterator[Entry]:
    """Every line of a journal, in the order of writing; none if there is no file."""
    if path.exists():
        with path.open() as lines:
            yield from map(json.loads, lines)
