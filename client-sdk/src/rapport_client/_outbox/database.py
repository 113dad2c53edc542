"""Outbox file: its tables, its lock, and one transaction at a time."""

import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from rapport_client._outbox import sqlite_errors
from rapport_client._outbox.keys import KEY_ADVICE, KeyFile, KeyStore, Vault
from rapport_client.errors import (
    OutboxDamaged,
    OutboxFull,
    OutboxLocked,
    OutboxUnusable,
)

if sys.platform != "win32":  # a program that only reads scores needs no lock
    import fcntl

DISK_CAP = 256 * 1024 * 1024
"""How large the file may grow, in bytes, before it takes no more answers."""

_KEY_CHECK = (b"vault", b"proof")

SCHEMA_VERSION = 5

# Each value that identifies a person or answers is sealed; see ``keys.Vault``.
_TABLES = (
    """
    CREATE TABLE vault (             -- one row: opens with the right key alone
        one    INTEGER PRIMARY KEY CHECK (one = 1),
        proof  BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE people (            -- one row for each namespace
        person  BLOB PRIMARY KEY,    -- a keyed hash of the name
        name    BLOB NOT NULL        -- sealed
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE records (           -- enrolment, draws, ballots, documents, clock
        kind    TEXT NOT NULL,
        person  BLOB NOT NULL,       -- empty where the whole file shares a record
        name    BLOB NOT NULL,       -- a keyed hash
        value   BLOB NOT NULL,       -- sealed
        PRIMARY KEY (kind, person, name)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE outbox (
        seq       INTEGER PRIMARY KEY AUTOINCREMENT,  -- a counter that never goes back
        person    BLOB NOT NULL,
        wave      BLOB NOT NULL,     -- a keyed hash of the person and the wave
        op        TEXT NOT NULL CHECK (op IN ('submit', 'withdraw')),
        state     TEXT NOT NULL
            CHECK (state IN ('queued', 'in_flight', 'settled', 'dead')),
        position  INTEGER,           -- in the queue; behind all others once set
        failures  INTEGER NOT NULL DEFAULT 0,
        item      BLOB NOT NULL,     -- sealed: the frozen item
        settlement BLOB,             -- sealed
        UNIQUE (wave, op)
    )
    """,
    "CREATE INDEX queue ON outbox (state, position, seq)",
)


class FileLock:
    """Cross-process lock: an exclusive ``flock`` on a side file.

    The system releases it when its process ends, however that ends. Not re-entrant. It
    belongs to the thread that made it: two threads with one open file would release
    each other's lock.

    Args:
        path: the side file; made if missing, for its owner alone.

    Raises:
        OutboxUnusable: the side file cannot be opened, or the system has no ``flock``.
    """

    def __init__(self, path: Path) -> None:
        if sys.platform == "win32":
            raise OutboxUnusable(
                "an outbox needs a system with flock, which Windows is not: use the"
                " Windows Subsystem for Linux, or another computer. Reading scores"
                " (Client) works on Windows"
            )
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise OutboxUnusable(f"cannot open {path}: {error.strerror}") from error
        self._thread = threading.get_ident()
        self._open = True

    def assert_usable(self) -> None:
        """Refuses another thread, and any use after ``close``.

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
                "only the thread that opened an outbox may use it;"
                " open the same file again in another thread"
            )

    def __enter__(self) -> Self:
        self.assert_usable()
        fcntl.flock(self._file, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_: object) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)

    @contextmanager
    def try_acquire(self) -> Iterator[bool]:
        """Takes the lock if it is free; yields whether it was."""
        self.assert_usable()
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        with self:
            yield True

    def close(self) -> None:
        """Closes the side file, and releases the lock if it was taken."""
        self._open = False
        os.close(self._file)


class Database:
    """The outbox file, its key and its write lock.

    Every write is on disk when it returns (WAL with ``synchronous=FULL``). Deleted
    values are overwritten (``secure_delete``). Only the owner may read the file. An
    object belongs to the thread that made it, and refuses any other.

    Args:
        path: of the file; made if missing. Side files are named after it.
        key: where the file's key is kept; a file next to it if None.
        disk_cap: bytes from which on nothing is added any more.

    Raises:
        OutboxLocked: the key is missing, or is not the one that the file needs.
        OutboxFull: the disk has no room to open it.
        OutboxUnusable: the file cannot be opened, is no outbox, or was written by
            another version.
    """

    def __init__(
        self, path: Path, key: KeyStore | None = None, disk_cap: int = DISK_CAP
    ) -> None:
        self._path = path
        self._cap = disk_cap
        if path.exists() and not path.is_file():
            raise OutboxUnusable(f"{path} is not a file; name the outbox's own file")
        self._write_lock = FileLock(path.with_name(path.name + ".lock"))
        try:
            _make_private(path)
            self._connection = sqlite3.connect(path, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            self._write_lock.close()
            reason = error.strerror if isinstance(error, OSError) else error
            raise OutboxUnusable(f"cannot open {path}: {reason}") from error
        try:
            self.vault: Vault = self._prepare(
                key or KeyFile(path.with_name(path.name + ".key"))
            )
        except BaseException:
            self.close()
            raise

    def _prepare(self, keys: KeyStore) -> Vault:
        with self._translating_errors(), self._write_lock:
            for pragma in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "secure_delete = ON",
            ):
                self._connection.execute(f"PRAGMA {pragma}")
            ((version,),) = self._connection.execute("PRAGMA user_version")
            if version == 0:
                return self._begin(keys)
            if version == SCHEMA_VERSION:
                return self._unlock(keys)
            if version < SCHEMA_VERSION:
                raise OutboxUnusable(
                    f"an earlier version wrote this outbox (schema version {version}),"
                    " and this one cannot read it; nothing was changed; move the file"
                    " away, ask for a new enrolment code, and enrol with a new outbox"
                )
            raise OutboxUnusable(
                f"a newer version wrote this outbox (schema version {version});"
                " update rapport-client"
            )

    def _begin(self, keys: KeyStore) -> Vault:
        """Makes the tables; the key is stored before a value is sealed with it."""
        vault = Vault(keys.load() or keys.create())
        self._connection.execute("BEGIN IMMEDIATE")
        for statement in _TABLES:
            self._connection.execute(statement)
        self._connection.execute(
            "INSERT INTO vault VALUES (1, ?)", (vault.seal(b"", *_KEY_CHECK),)
        )
        self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        self._connection.execute("COMMIT")
        return vault

    def _unlock(self, keys: KeyStore) -> Vault:
        key = keys.load()
        if key is None:
            where = f", {keys.path}," if isinstance(keys, KeyFile) else ""
            raise OutboxLocked(
                f"the key of this outbox{where} is missing; nothing was changed;"
                f" {KEY_ADVICE}. If it is lost, nobody can read the outbox:"
                " move it away and ask for a new enrolment code"
            )
        vault = Vault(key)
        ((proof,),) = self._connection.execute("SELECT proof FROM vault")
        try:
            vault.open(proof, *_KEY_CHECK)
        except OutboxDamaged as error:
            raise OutboxLocked(
                "the key is not the one of this outbox; nothing was changed;"
                f" {KEY_ADVICE}"
            ) from error
        return vault

    def close(self) -> None:
        """Closes the file; every write is on disk already."""
        self._connection.close()
        self._write_lock.close()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: durable when the block ends, undone when it raises.

        Raises:
            OutboxFull: the disk has no room; nothing was changed.
            OutboxUnusable: the file could not be written; nothing was changed.
        """
        with self._translating_errors(), self._write_lock:
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
        with self._translating_errors():
            return self._connection.execute(query, values).fetchall()

    def assert_has_room(self) -> None:
        """Refuses to add to a file that has reached its cap.

        Only new items are refused: waiting ones can still be sent and settled.

        Raises:
            OutboxFull: it has.
        """
        (size, pages, free) = (
            self.read(f"PRAGMA {name}")[0][0]
            for name in ("page_size", "page_count", "freelist_count")
        )
        used = size * (pages - free)
        if used >= self._cap:
            raise OutboxFull(
                f"{self._path} holds {used} bytes and may hold {self._cap} (disk_cap);"
                f" {self._full_advice()}"
            )

    def truncate_wal(self) -> None:
        """Empties the write-ahead log, which may still contain erased values.

        Raises:
            OutboxFull: the disk has no room; the log stays until the next time.
        """
        with self._translating_errors(), self._write_lock:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def _translating_errors(self) -> Iterator[None]:
        self._write_lock.assert_usable()
        try:
            yield
        except sqlite3.Error as error:
            raise sqlite_errors.to_outbox_error(error, self._path) from error

    def _full_advice(self) -> str:
        waiting = self.read(
            "SELECT 1 FROM outbox WHERE state IN ('queued', 'in_flight') LIMIT 1"
        )
        if waiting:
            return "send the answers that wait in it first"
        return "open it with a larger disk_cap: nothing waits that you could send"


def _make_private(path: Path) -> None:
    """Creates the file for its owner alone, or removes the access of others.

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
