"""The diagnosis of each error of a driver, and its sentence."""

import errno
import os
import sqlite3

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import make_url
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from rapport_service.core.database_errors import DatabaseFault, Diagnosis, diagnose
from rapport_service.core.write_lock import DatabaseFileError

POSTGRESQL = make_url("postgresql+psycopg://u:s3cret@h/n")
ROOM, NO_ROOM = 10**9, 0


def sqlite_error(code: int, text: str = "its own words") -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "text", "room", "fault"),
    [
        (sqlite3.SQLITE_FULL, "", ROOM, DatabaseFault.DISK_FULL),
        (sqlite3.SQLITE_IOERR_SHMSIZE, "", NO_ROOM, DatabaseFault.DISK_FULL),
        (sqlite3.SQLITE_CANTOPEN, "", NO_ROOM, DatabaseFault.DISK_FULL),
        (sqlite3.SQLITE_IOERR_WRITE, "", ROOM, DatabaseFault.DISK_FAILED),
        (sqlite3.SQLITE_CORRUPT_INDEX, "", ROOM, DatabaseFault.DAMAGED),
        (sqlite3.SQLITE_READONLY_DBMOVED, "", ROOM, DatabaseFault.REPLACED),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "", ROOM, DatabaseFault.FILE_FORBIDDEN),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "", ROOM, DatabaseFault.BUSY),
        (sqlite3.SQLITE_LOCKED, "", ROOM, DatabaseFault.BUSY),
        (sqlite3.SQLITE_ERROR, "no such table: x", ROOM, DatabaseFault.NOT_UPGRADED),
        (sqlite3.SQLITE_ERROR, "no such column: x", ROOM, DatabaseFault.NOT_UPGRADED),
        (sqlite3.SQLITE_ERROR, "syntax error", ROOM, DatabaseFault.UNKNOWN),
    ],
)
def test_error_of_sqlite_is_diagnosed(tmp_path, monkeypatch, code, text, room, fault):
    disk = os.statvfs_result((1, 1, room, room, room, 0, 0, 0, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _: disk)
    error = sqlite_error(code, text)
    url = make_url(f"sqlite:///{tmp_path}/rapport.db")

    for raised in (error, OperationalError("SELECT", {}, error)):
        assert diagnose(raised, url).fault is fault


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (errors.DiskFull(), DatabaseFault.DISK_FULL),
        (errors.IoError(), DatabaseFault.DISK_FAILED),
        (errors.UndefinedTable(), DatabaseFault.NOT_UPGRADED),
        (errors.UndefinedColumn(), DatabaseFault.NOT_UPGRADED),
        (errors.InsufficientPrivilege(), DatabaseFault.RIGHT_MISSING),
        (errors.UntranslatableCharacter(), DatabaseFault.WRONG_ENCODING),
        (errors.ReadOnlySqlTransaction(), DatabaseFault.READ_ONLY),
        (errors.LockNotAvailable(), DatabaseFault.BUSY),
        (errors.DeadlockDetected(), DatabaseFault.BUSY),
        (errors.SerializationFailure(), DatabaseFault.BUSY),
        (errors.QueryCanceled(), DatabaseFault.BUSY),
        (errors.TooManyConnections(), DatabaseFault.BUSY),
        (errors.AdminShutdown(), DatabaseFault.NO_REPLY),
        (errors.CannotConnectNow(), DatabaseFault.NO_REPLY),
        (errors.ConnectionTimeout(), DatabaseFault.NO_REPLY),
        (errors.OutOfMemory(), DatabaseFault.UNKNOWN),
    ],
    ids=lambda value: type(value).__name__,
)
def test_error_of_postgresql_is_diagnosed(error, fault):
    for raised in (error, OperationalError("SELECT", {}, error)):
        assert diagnose(raised, POSTGRESQL).fault is fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("port 9 failed: Connection refused", DatabaseFault.CONNECTION_REFUSED),
        ("failed to resolve host 'db': [Errno -2]", DatabaseFault.HOST_UNKNOWN),
        ('could not translate host name "db"', DatabaseFault.HOST_UNKNOWN),
        ('FATAL:  database "n" does not exist', DatabaseFault.DATABASE_MISSING),
        ('password authentication failed for user "u"', DatabaseFault.LOGIN_REFUSED),
        ("fe_sendauth: no password supplied", DatabaseFault.LOGIN_REFUSED),
        ('no pg_hba.conf entry for host "h"', DatabaseFault.LOGIN_REFUSED),
        ('permission denied for database "n"', DatabaseFault.LOGIN_REFUSED),
        ("FATAL:  sorry, too many clients already", DatabaseFault.BUSY),
        ("server closed the connection unexpectedly", DatabaseFault.NO_REPLY),
        ("received invalid response to SSL negotiation: H", DatabaseFault.NO_REPLY),
    ],
)
def test_connection_that_fails_is_diagnosed_by_its_text(text, fault):
    error = OperationalError(None, None, psycopg.OperationalError(text))

    diagnosis = diagnose(error, POSTGRESQL)

    assert diagnosis.fault is fault
    assert text not in str(diagnosis)


def test_role_that_is_not_there_is_a_missing_right():
    error = errors.InvalidParameterValue()

    as_role = diagnose(DataError("SET LOCAL ROLE rapport_seal", {}, error), POSTGRESQL)
    as_value = diagnose(DataError("INSERT", {}, error), POSTGRESQL)

    assert as_role.fault is DatabaseFault.RIGHT_MISSING
    assert as_value.fault is DatabaseFault.STATEMENT_REFUSED


@pytest.mark.parametrize("url", [POSTGRESQL, make_url("sqlite:////x/rapport.db")])
def test_refused_statement_is_a_fault_of_rapport(url):
    for cause in (errors.UniqueViolation(), sqlite3.IntegrityError("UNIQUE: e-1001")):
        diagnosis = diagnose(IntegrityError("INSERT", {}, cause), url)

        assert diagnosis.fault is DatabaseFault.STATEMENT_REFUSED
        assert type(cause).__name__ in str(diagnosis)
        assert "e-1001" not in str(diagnosis)


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (errno.ENOSPC, DatabaseFault.DISK_FULL),
        (errno.EDQUOT, DatabaseFault.DISK_FULL),
        (errno.EIO, DatabaseFault.DISK_FAILED),
        (errno.EACCES, DatabaseFault.FILE_FORBIDDEN),
        (errno.EROFS, DatabaseFault.FILE_FORBIDDEN),
        (errno.ENOLCK, DatabaseFault.UNLOCKABLE),
        (errno.ENOENT, DatabaseFault.FILE_MISSING),
        (errno.EMFILE, DatabaseFault.UNKNOWN),
    ],
)
def test_error_of_a_file_is_diagnosed(tmp_path, number, fault):
    lock = tmp_path / "rapport.db.lock"
    error = DatabaseFileError(number, os.strerror(number), str(lock))

    assert diagnose(error, make_url(f"sqlite:///{tmp_path}/rapport.db")).fault is fault


@pytest.mark.parametrize("fault", DatabaseFault)
def test_sentence_says_what_to_do_and_in_public_no_name(tmp_path, fault):
    diagnosis = Diagnosis(fault, tmp_path / "rapport.db", "PlantedError")

    for text in (str(diagnosis), diagnosis.public):
        assert text[0] == "/" or text[0].isupper()
        assert text.endswith(".")
        assert text.count(". ") == 1 or fault is DatabaseFault.STATEMENT_REFUSED
        assert "{" not in text
    assert str(tmp_path) not in diagnosis.public
    assert "Planted" not in diagnosis.public
