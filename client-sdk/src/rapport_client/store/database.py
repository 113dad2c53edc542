"""The outbox file: opened safely, written one transaction at a time."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rapport_client.errors import OutboxUnusable
from rapport_client.store.lock import FileLock

SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE attempts (          -- committed before a code is presented
    code    TEXT PRIMARY KEY,
    device  BLOB NOT NULL
);
CREATE TABLE enrolment (         -- at most one row
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    code           TEXT NOT NULL,
    access_token   TEXT NOT NULL,
    refresh_token  TEXT NOT NULL,
    obtained_at    INTEGER NOT NULL,
    expires_in     INTEGER NOT NULL
);
CREATE TABLE documents (         -- what was fetched and passed its checks
    path  TEXT PRIMARY KEY,
    etag  TEXT,
    body  BLOB NOT NULL
);
CREATE TABLE draws (             -- committed before a signature is asked for
    wave     TEXT PRIMARY KEY,
    team     TEXT NOT NULL,
    kid      TEXT NOT NULL,
    charter  TEXT NOT NULL,
    epoch    TEXT NOT NULL,
    r        BLOB NOT NULL,
    salt     BLOB NOT NULL,
    factor   BLOB NOT NULL,
    blinded  BLOB NOT NULL
);
CREATE TABLE ballots (           -- a draw becomes a ballot; its blinding is erased
    wave       TEXT PRIMARY KEY,
    team       TEXT NOT NULL,
    kid        TEXT NOT NULL,
    charter    TEXT NOT NULL,
    epoch      TEXT NOT NULL,
    r          BLOB NOT NULL,
    ballot     TEXT NOT NULL,
    form       INTEGER,
    cancelled  TEXT
);
CREATE TABLE outbox (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,   -- a counter that never goes back
    wave     TEXT NOT NULL UNIQUE,
    ballot   TEXT NOT NULL,
    hash     TEXT NOT NULL,
    content  BLOB NOT NULL,
    digest   TEXT NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('queued', 'in_flight', 'settled', 'dead')),
    status   TEXT,
    reason   TEXT
);
"""


class Database:
    """The file and its writer lock.

    Every write is on disk when it returns (WAL with ``synchronous=FULL``). What is
    deleted is overwritten (``secure_delete``). Only the owner may read the file.

    Args:
        path: of the file; made if missing. Side files are named after it.

    Raises:
        OutboxUnusable: the file cannot be opened, is no outbox, or was written by a
            newer version.
    """

    def __init__(self, path: Path) -> None:
        try:
            _make_private(path)
        except OSError as error:
            raise OutboxUnusable(f"cannot open {path}: {error.strerror}") from error
        self._writer = FileLock(path.with_name(path.name + ".lock"))
        try:
            self._connection = sqlite3.connect(path, isolation_level=None)
        except sqlite3.Error as error:
            self._writer.close()
            raise OutboxUnusable(f"cannot open {path}: {error}") from error
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        with _reported(), self._writer:
            for pragma in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "secure_delete = ON",
            ):
                self._connection.execute(f"PRAGMA {pragma}")
            ((version,),) = self._connection.execute("PRAGMA user_version")
            if version == 0:
                self._connection.executescript(
                    f"BEGIN; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
                )
            elif version != SCHEMA_VERSION:
                raise OutboxUnusable(f"the outbox is of schema version {version}")

    def close(self) -> None:
        """Closes the file; nothing is waiting to be written."""
        self._connection.close()
        self._writer.close()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: durable when the block ends, undone when it raises.

        Raises:
            OutboxUnusable: the file could not be written; nothing was changed.
        """
        with _reported(), self._writer:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # A COMMIT that failed for want of room may have rolled back already.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a query; the schema fixes the types of their values.

        Raises:
            OutboxUnusable: the file could not be read.
        """
        with _reported():
            return self._connection.execute(query, values).fetchall()


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise OutboxUnusable(str(error)) from error


def _make_private(path: Path) -> None:
    """Creates the file for its owner alone, or takes the others' access away.

    SQLite gives its own side files the mode of the database. An existing file is not
    opened here: closing it would drop the locks of its other connections (POSIX).
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        path.chmod(0o600)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
