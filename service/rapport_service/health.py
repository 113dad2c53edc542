"""Readiness check of the service, for ``/readyz`` and ``rapport db check``."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from rapport_service.core.data_keys import (
    DataKeys,
    DataKeysMissingError,
    SecretMismatchError,
)
from rapport_service.core.database_errors import (
    DATABASE_ERRORS,
    DatabaseFault,
    diagnose,
    has_room,
)
from rapport_service.core.db import (
    Door,
    database_file,
    db,
    read_transaction,
    transaction,
)
from rapport_service.core.installation import probe_write
from rapport_service.core.write_lock import DatabaseFileError
from rapport_service.migrate import UnknownSchemaError, is_up_to_date


class NotReadyError(Exception):
    """The service cannot do its work yet; the message says why and what to do.

    Attributes:
        detail: the same for anybody, without the names of files.
    """

    def __init__(self, message: str, detail: str | None = None) -> None:
        super().__init__(message)
        self.detail = detail or message


def check(data_keys: DataKeys) -> None:
    """Looks at the schema, opens every door, begins a write, and looks at the secret.

    Raises:
        NotReadyError: the database does not answer or is not in UTF-8, the schema is
            older or newer than this code, a door's role cannot be taken, no write can
            begin, or the secret is another one.
    """
    with _requiring_database():
        up_to_date = is_up_to_date(db.engine)
    if not up_to_date:
        raise NotReadyError(DatabaseFault.NOT_UPGRADED.value)
    with _requiring_database():
        for door in Door:
            with read_transaction(door) as session:
                session.scalar(select(1))
        check_write()
    with _requiring_database():
        try:
            data_keys.load()
        except (SecretMismatchError, DataKeysMissingError) as error:
            raise NotReadyError(str(error)) from error


@contextmanager
def _requiring_database() -> Iterator[None]:
    try:
        yield
    except UnknownSchemaError as error:
        raise NotReadyError(str(error)) from error
    except DATABASE_ERRORS as error:
        diagnosis = diagnose(error, db.engine.url)
        raise NotReadyError(str(diagnosis), diagnosis.public) from error


def check_write() -> None:
    """Writes as every use case does, behind the write lock, but changes no row.

    That needs no room on the disk, so the room is looked at as well.

    Raises:
        DatabaseFileError: the lock or the disk of an SQLite file takes no write.
        WriteLockTimeoutError: others write all the time.
        SQLAlchemyError: the database takes no write.
    """
    with transaction(Door.SEAL) as session:
        probe_write(session)
    file = database_file(db.engine)
    if file is not None and not has_room(file):
        raise DatabaseFileError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))


def check_secret(data_keys: DataKeys) -> None:
    """Looks at the secret alone, before anything is done with it.

    A database that cannot be asked, since it does not answer or has no keys yet, is
    let pass: the next use of it will fail and say so.

    Raises:
        SecretMismatchError: the database is kept under another secret.
    """
    with suppress(SQLAlchemyError, DataKeysMissingError):
        data_keys.load()
