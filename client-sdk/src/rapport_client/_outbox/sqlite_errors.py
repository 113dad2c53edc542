"""SQLite errors as exceptions of the package, with advice for people."""

import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from rapport_client.errors import OutboxFull, OutboxUnusable

_MIN_FREE_BYTES = 64 * 1024
"""Bytes free below which a disk is full: a log's index alone takes half of it."""

_PRIMARY_CODE_MASK = 0xFF
"""The bits of an error code that are its kind."""

_FULL_MESSAGE = (
    "the disk has no room for {}; nothing was changed, and all answers in it are safe;"
    " make room and try again"
)
_DEFAULT_MESSAGE = (
    "{} cannot be used; nothing was changed; try again, or quote this for help"
)
_NOT_WRITABLE_MESSAGE = (
    "{} cannot be opened for writing; nothing was changed; check that this"
    " user may write the file, its folder and the files next to it"
)
_LOCKED_MESSAGE = (
    "{} is in use by another program; nothing was changed; try again in a moment"
)
_MESSAGES: Mapping[int, str] = {
    sqlite3.SQLITE_IOERR: (
        "the disk with {} fails; nothing was changed; check the disk and try again"
    ),
    sqlite3.SQLITE_NOTADB: (
        "{} is not an outbox, or was overwritten; nothing was changed; name the"
        " outbox's own file. If this was it, keep it and enrol with a new outbox"
    ),
    sqlite3.SQLITE_CORRUPT: (
        "{} is damaged; nothing was changed; keep it with its key for a person who can"
        " repair it, and enrol with a new outbox"
    ),
    sqlite3.SQLITE_CANTOPEN: _NOT_WRITABLE_MESSAGE,
    sqlite3.SQLITE_READONLY: _NOT_WRITABLE_MESSAGE,
    sqlite3.SQLITE_PERM: _NOT_WRITABLE_MESSAGE,
    sqlite3.SQLITE_BUSY: _LOCKED_MESSAGE,
    sqlite3.SQLITE_LOCKED: _LOCKED_MESSAGE,
}


def to_outbox_error(error: sqlite3.Error, path: Path) -> OutboxUnusable:
    """The exception for an error of SQLite, whose own message is in parentheses.

    Args:
        error: as SQLite raised it.
        path: of the outbox file.

    Returns:
        ``OutboxFull`` where the disk has no room, which SQLite does not always report.
    """
    kind = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY_CODE_MASK
    failed = kind == sqlite3.SQLITE_IOERR
    if kind == sqlite3.SQLITE_FULL or (failed and not _has_room(path)):
        return OutboxFull(f"{_FULL_MESSAGE.format(path)} ({error})")
    return OutboxUnusable(
        f"{_MESSAGES.get(kind, _DEFAULT_MESSAGE).format(path)} ({error})"
    )


def _has_room(path: Path) -> bool:
    try:
        disk = os.statvfs(path)
    except OSError:
        return True  # the error has another cause
    return disk.f_bavail * disk.f_frsize >= _MIN_FREE_BYTES
