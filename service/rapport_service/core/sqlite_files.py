"""Rewriting and copying of an SQLite file, with temporary files in its own folder."""

import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from rapport_service.core import sqlite_program
from rapport_service.core.write_lock import to_file_error

FOLDER_SUFFIX = "-vacuum"
COPY_FOLDER_SUFFIX = "-copy"
"""Another one: a vacuum holds the write lock, and must not wait for a copy."""


def vacuum_file(file: Path, busy_timeout: float, checkpoint_timeout: float) -> bool:
    """Rewrites a database file; hold its write lock meanwhile.

    Args:
        file: the database.
        busy_timeout: seconds to wait for other writers.
        checkpoint_timeout: seconds to wait for readers, before the log is emptied.

    Returns:
        Whether the log is empty; else a reader still needed it.
    """
    with _private_folder(file, FOLDER_SUFFIX) as folder:
        timeouts = (
            str(int(seconds * 1000)) for seconds in (busy_timeout, checkpoint_timeout)
        )
        return not _run(folder, "vacuum", str(file), *timeouts)["blocked"]


def copy_file(file: Path, emptied: Iterable[str], stream: BinaryIO) -> None:
    """Writes a copy of a database to a stream, without the rows of some tables."""
    with _private_folder(file, COPY_FOLDER_SUFFIX) as folder:
        scratch, copy = folder / "whole", folder / "copy"
        _run(folder, "copy", str(file), str(scratch), str(copy), *emptied)
        with copy.open("rb") as source:
            shutil.copyfileobj(source, stream)


@contextmanager
def _private_folder(file: Path, suffix: str) -> Iterator[Path]:
    """A folder next to the database for its user and this process; removed at the end.

    A process that was killed leaves it; then it is taken over.
    """
    folder = Path(f"{file}{suffix}")
    try:
        lock = _lock_folder(folder)
    except OSError as error:
        raise to_file_error(error, folder) from error
    try:
        for left in folder.iterdir():
            left.unlink()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _lock_folder(folder: Path) -> int:
    """Locks a folder, made if need be; who had it before may remove it meanwhile."""
    while True:
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
        with suppress(FileNotFoundError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:
                return descriptor
            os.close(descriptor)


def _run(folder: Path, action: str, *arguments: str) -> dict[str, Any]:
    """Runs the program with its temporary files in a folder.

    Raises:
        sqlite3.OperationalError: SQLite failed, with its code.
    """
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("RAPPORT_")},
        **dict.fromkeys(("SQLITE_TMPDIR", "TMPDIR"), str(folder)),
    }
    program = [sys.executable, "-I", "-S", sqlite_program.__file__]
    done = subprocess.run(  # noqa: S603 - our own program, no shell
        [*program, action, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=False,
    )
    result: dict[str, Any] = (
        json.loads(done.stdout)
        if done.returncode == 0
        else {"error": f"ended with {done.returncode}", "code": None}
    )
    if "error" in result:
        error = sqlite3.OperationalError(result["error"])
        if result["code"] is not None:
            error.sqlite_errorcode = result["code"]
        raise error
    return result
