"""Diagnosis of database errors: what is wrong, and what to do about it."""

import errno
import os
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from stat import S_ISDIR

import psycopg
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from rapport_service.core.write_lock import DatabaseFileError, WriteLockTimeoutError

MIN_FREE_BYTES = 64 * 1024
"""Bytes free below which a disk is full: the index of a log alone takes half of it."""

_PRIMARY_CODE_MASK = 0xFF
"""The bits of an SQLite error code that are its kind."""


class DatabaseFault(Enum):
    """A way in which a database cannot be used; the value says what to do about it."""

    FOLDER_MISSING = (
        "The folder of {file} does not exist. Create it, or correct "
        "RAPPORT_DATABASE_URL."
    )
    FILE_MISSING = (
        "{file} does not exist. Run `rapport db upgrade`, or correct "
        "RAPPORT_DATABASE_URL."
    )
    DATABASE_MISSING = (
        "The PostgreSQL server has no database of that name. Create the database, or "
        "correct RAPPORT_DATABASE_URL."
    )
    CONNECTION_REFUSED = (
        "No PostgreSQL server listens at that address. Start it, or correct "
        "RAPPORT_DATABASE_URL."
    )
    HOST_UNKNOWN = (
        "The name of the database server is unknown. Correct RAPPORT_DATABASE_URL, or "
        "look at the name service."
    )
    LOGIN_REFUSED = (
        "The PostgreSQL server refused the login. Correct user and password in "
        "RAPPORT_DATABASE_URL, or let the server admit this login."
    )
    NO_REPLY = (
        "The database server does not answer, or broke off. Look at the server, and "
        "at RAPPORT_DATABASE_URL."
    )
    NOT_A_DATABASE = "{file} is not a database. Correct RAPPORT_DATABASE_URL."
    DAMAGED = "{file} is damaged. Restore a backup."
    REPLACED = (
        "{file} was moved or replaced while it was in use. Start the service again."
    )
    NOT_UPGRADED = (
        "The schema of the database is not the one of this version. Run `rapport db "
        "upgrade`."
    )
    WRONG_ENCODING = (
        "The database is not in UTF-8. Create one with ENCODING 'UTF8', and set "
        "RAPPORT_DATABASE_URL to it."
    )
    DISK_FULL = "The disk of the database is full. Make room on it, and try again."
    DISK_FAILED = "The disk of the database fails. See that it is there and sound."
    FILE_FORBIDDEN = (
        "This user may not write {file}. Give it to the user who runs the service, and "
        "run commands as that user."
    )
    UNLOCKABLE = (
        "The disk of the database has no file locks. Move the database to a disk of "
        "this machine."
    )
    RIGHT_MISSING = (
        "The database login lacks a right. Make it the owner of the database, and run "
        "`rapport db roles`."
    )
    READ_ONLY = (
        "The database server takes no changes now. Make it writable, or set "
        "RAPPORT_DATABASE_URL to one that is."
    )
    BUSY = "The database is busy with other programs. Try again in a moment."
    UNKNOWN = "The database failed{error}. Look at it and its log."
    STATEMENT_REFUSED = (
        "The database refused a statement{error}. This is a fault of Rapport: please "
        "report it."
    )


@dataclass(frozen=True)
class Diagnosis:
    """A fault of the database, with the file and the error that it shows by.

    Attributes:
        fault: one of the known ways.
        file: the file that it is about, if it is about a file.
        error: what the system or the driver calls it; never the text of an exception,
            which can quote what was sent.
    """

    fault: DatabaseFault
    file: Path | None
    error: str

    def __str__(self) -> str:
        """The fault and its remedy in a sentence, for operators."""
        return self._describe(file=str(self.file), error=f" ({self.error})")

    @property
    def public(self) -> str:
        """The same for anybody, without the name of a file or an exception."""
        return self._describe(file="the database file", error="")

    def _describe(self, **names: str) -> str:
        text = self.fault.value.format(**names)
        return text[0].upper() + text[1:]


class DatabaseEncodingError(Exception):
    """A PostgreSQL database in another encoding than UTF-8."""


DATABASE_ERRORS = (
    DBAPIError,
    PoolTimeoutError,
    sqlite3.Error,
    psycopg.Error,
    DatabaseEncodingError,
    DatabaseFileError,
    WriteLockTimeoutError,
)
"""Every exception by which a database says that it cannot be used."""

_OPERATIONAL_ERRORS = (
    OperationalError,
    InternalError,
    sqlite3.OperationalError,
    psycopg.OperationalError,
    OSError,
)


def diagnose(error: Exception, url: URL) -> Diagnosis:
    """The diagnosis of an error of the database.

    Args:
        error: one of ``DATABASE_ERRORS``.
        url: of the database.
    """
    cause = (error.orig or error) if isinstance(error, DBAPIError) else error
    file = Path(url.database) if url.drivername == "sqlite" and url.database else None
    match cause:
        case WriteLockTimeoutError() | PoolTimeoutError():
            fault: DatabaseFault | None = DatabaseFault.BUSY
        case DatabaseEncodingError():
            fault = DatabaseFault.WRONG_ENCODING
        case DatabaseFileError():
            file = Path(cause.filename)
            fault = _diagnose_file(cause, file)
        case sqlite3.Error() if file is not None:
            fault = _diagnose_sqlite(cause, file)
        case psycopg.Error():
            fault = _diagnose_postgresql(cause, getattr(error, "statement", None))
        case _:
            fault = None
    if fault is None:
        is_operational = isinstance(error, _OPERATIONAL_ERRORS)
        fault = (
            DatabaseFault.UNKNOWN if is_operational else DatabaseFault.STATEMENT_REFUSED
        )
    if fault is DatabaseFault.FILE_FORBIDDEN and file is not None:
        file = _find_forbidden(file)
    name = getattr(cause, "strerror", None) or type(cause).__name__
    return Diagnosis(fault, file, name)


def has_room(path: Path) -> bool:
    """Whether the disk of a file has room for a small transaction."""
    try:
        disk = os.statvfs(path)
    except OSError:
        return True  # what failed has another cause
    return disk.f_bavail * disk.f_frsize >= MIN_FREE_BYTES


_FAULTS_BY_ERRNO: Mapping[int | None, DatabaseFault] = {
    errno.ENOSPC: DatabaseFault.DISK_FULL,
    errno.EDQUOT: DatabaseFault.DISK_FULL,
    errno.EIO: DatabaseFault.DISK_FAILED,
    errno.EACCES: DatabaseFault.FILE_FORBIDDEN,
    errno.EPERM: DatabaseFault.FILE_FORBIDDEN,
    errno.EROFS: DatabaseFault.FILE_FORBIDDEN,
    errno.ENOLCK: DatabaseFault.UNLOCKABLE,
}


def _diagnose_file(error: OSError, file: Path) -> DatabaseFault | None:
    if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.EISDIR}:
        return _diagnose_unopened(file)
    return _FAULTS_BY_ERRNO.get(error.errno)


def _diagnose_unopened(file: Path) -> DatabaseFault:
    """The reason why a file cannot be opened; SQLite says only that it cannot."""
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        if file.parent.is_dir():
            return DatabaseFault.FILE_MISSING
        return DatabaseFault.FOLDER_MISSING
    except NotADirectoryError:
        return DatabaseFault.FOLDER_MISSING
    except OSError:
        return DatabaseFault.FILE_FORBIDDEN
    return (
        DatabaseFault.NOT_A_DATABASE if S_ISDIR(mode) else DatabaseFault.FILE_FORBIDDEN
    )


def _find_forbidden(file: Path) -> Path:
    """The forbidden path: the file, its log, the log's index, or their folder."""
    for path in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        if os.access(path, os.F_OK) and not os.access(path, os.R_OK | os.W_OK):
            return path
    return file.parent


_FAULTS_BY_SQLITE_CODE: Mapping[int, DatabaseFault] = {
    sqlite3.SQLITE_FULL: DatabaseFault.DISK_FULL,
    sqlite3.SQLITE_IOERR: DatabaseFault.DISK_FAILED,
    sqlite3.SQLITE_NOTADB: DatabaseFault.NOT_A_DATABASE,
    sqlite3.SQLITE_CORRUPT: DatabaseFault.DAMAGED,
    sqlite3.SQLITE_READONLY_DBMOVED: DatabaseFault.REPLACED,
    sqlite3.SQLITE_READONLY: DatabaseFault.FILE_FORBIDDEN,
    sqlite3.SQLITE_PERM: DatabaseFault.FILE_FORBIDDEN,
    sqlite3.SQLITE_BUSY: DatabaseFault.BUSY,
    sqlite3.SQLITE_LOCKED: DatabaseFault.BUSY,
}


def _diagnose_sqlite(error: sqlite3.Error, file: Path) -> DatabaseFault | None:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    kind = code & _PRIMARY_CODE_MASK
    if kind in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN} and not has_room(file):
        return DatabaseFault.DISK_FULL  # its log and index did not fit
    if kind == sqlite3.SQLITE_CANTOPEN:
        return _diagnose_unopened(file)
    if kind == sqlite3.SQLITE_ERROR and str(error).startswith("no such "):
        return DatabaseFault.NOT_UPGRADED
    return _FAULTS_BY_SQLITE_CODE.get(code) or _FAULTS_BY_SQLITE_CODE.get(kind)


_FAULTS_BY_SQLSTATE: Mapping[str, DatabaseFault] = {
    "08": DatabaseFault.NO_REPLY,
    "22P05": DatabaseFault.WRONG_ENCODING,
    "25006": DatabaseFault.READ_ONLY,
    "25P03": DatabaseFault.NO_REPLY,
    "28": DatabaseFault.LOGIN_REFUSED,
    "3D000": DatabaseFault.DATABASE_MISSING,
    "3F000": DatabaseFault.NOT_UPGRADED,
    "40": DatabaseFault.BUSY,
    "42501": DatabaseFault.RIGHT_MISSING,
    "42703": DatabaseFault.NOT_UPGRADED,
    "42P01": DatabaseFault.NOT_UPGRADED,
    "53100": DatabaseFault.DISK_FULL,
    "53300": DatabaseFault.BUSY,
    "55P03": DatabaseFault.BUSY,
    "57014": DatabaseFault.BUSY,
    "57P": DatabaseFault.NO_REPLY,
    "58030": DatabaseFault.DISK_FAILED,
}
"""Faults by SQLSTATE, or by the beginning of one."""

_FAULTS_BY_CONNECTION_TEXT = (
    (r"Connection refused|No such file or directory", DatabaseFault.CONNECTION_REFUSED),
    (r"resolve host|translate host name", DatabaseFault.HOST_UNKNOWN),
    (r'database ".*" does not exist', DatabaseFault.DATABASE_MISSING),
    (
        r"authentication failed|password supplied|pg_hba\.conf|permission denied|"
        r'role ".*" (does not exist|is not permitted)',
        DatabaseFault.LOGIN_REFUSED,
    ),
    (r"too many (clients|connections)|connection slots", DatabaseFault.BUSY),
)
"""Faults by what the client library says when it cannot connect: there is no code."""


def _diagnose_postgresql(
    error: psycopg.Error, statement: str | None
) -> DatabaseFault | None:
    state = error.sqlstate or ""
    if not state and isinstance(error, psycopg.OperationalError):
        for pattern, fault in _FAULTS_BY_CONNECTION_TEXT:
            if re.search(pattern, str(error)):
                return fault
        return DatabaseFault.NO_REPLY
    if state == "22023" and (statement or "").startswith("SET LOCAL ROLE"):
        return DatabaseFault.RIGHT_MISSING  # the role is not there
    faults = (_FAULTS_BY_SQLSTATE.get(state[:length]) for length in (5, 3, 2))
    return next(filter(None, faults), None)
