"""Vacuum: rewrites tables, so that the disk keeps no order and no deleted rows."""

import logging
from collections.abc import Iterable
from functools import cache

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from rapport_service.core.db import (
    BUSY_TIMEOUT_SECONDS,
    Base,
    database_file,
    db,
    engine_write_lock,
)
from rapport_service.core.sqlite_files import vacuum_file

log = logging.getLogger(__name__)

VACUUM_TIMEOUT_SECONDS = 2
"""How long a vacuum waits for a table; other writers wait behind it meanwhile."""

WAL_RIGHTS = {
    "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {login}": """
        SELECT has_function_privilege('pg_switch_wal()', 'EXECUTE')""",
    "GRANT pg_checkpoint TO {login}": """
        SELECT rolsuper OR EXISTS (
            SELECT FROM pg_roles WHERE rolname = 'pg_checkpoint'
            AND pg_has_role(oid, 'USAGE')
        ) FROM pg_roles WHERE rolname = current_user""",
}
"""How an administrator lets the login discard PostgreSQL's log; if it may already."""


class VacuumBlockedError(Exception):
    """Another session reads the whole database, as a backup does: no vacuum now."""


def vacuum(tables: Iterable[str]) -> None:
    """Rewrites tables so that neither order nor deleted rows stay on the disk.

    PostgreSQL keeps rows in the order of arrival and old versions until they are
    rewritten: each table is written anew in key order. Every row also names the
    transactions that wrote and last locked it, by a number that all tables count
    together; rewriting keeps that number, so each row is first written again by one
    transaction. The order is also in the server's write-ahead log: a new file of it is
    begun, and a checkpoint drops the others. SQLite stores by key and overwrites what
    it deletes, but copies may be left where pages were balanced, cells lie on a page in
    the order of arrival, and its log has all of it: the one is rewritten and the other
    emptied.

    Runs as the login, outside of any door; no row is read.

    Raises:
        VacuumBlockedError: another session reads all of it meanwhile.
    """
    file = database_file(db.engine)
    if file is not None:
        with engine_write_lock(db.engine):
            done = vacuum_file(file, BUSY_TIMEOUT_SECONDS, VACUUM_TIMEOUT_SECONDS)
        if not done:
            raise VacuumBlockedError
        return
    try:
        for table in tables:
            _rewrite(table)
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise VacuumBlockedError from error
        raise
    _discard_wal(db.engine)


def missing_wal_rights(connection: Connection) -> list[str]:
    """The SQL that lets this login discard PostgreSQL's write-ahead log."""
    login = connection.scalar(text("SELECT quote_ident(session_user)"))
    return [
        grant.format(login=login)
        for grant, question in WAL_RIGHTS.items()
        if not connection.scalar(text(question))
    ]


def _rewrite(table: str) -> None:
    rows = Base.metadata.tables[table]
    key = next(iter(rows.primary_key))
    set_timeout = f"SET LOCAL lock_timeout = '{VACUUM_TIMEOUT_SECONDS}s'"
    with db.engine.begin() as raw:
        raw.exec_driver_sql(set_timeout)
        # Running writers end first and later ones wait: no deadlock over single rows.
        raw.exec_driver_sql(f'LOCK TABLE "{table}" IN EXCLUSIVE MODE')
        raw.execute(rows.update().values({key: key}))
    with db.engine.begin() as raw:
        raw.exec_driver_sql(set_timeout)
        raw.exec_driver_sql(f'CLUSTER "{table}" USING "pk_{table}"')


def _discard_wal(engine: Engine) -> None:
    """Begins a new file of the log, and lets a checkpoint drop those before it.

    The checkpoint also drops the files of the tables as they were before.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as raw:
        missing = missing_wal_rights(raw)
        if missing:
            _warn_once(tuple(missing))
            return
        raw.execute(text("SELECT pg_switch_wal()"))
        raw.execute(text("CHECKPOINT"))


@cache
def _warn_once(missing: tuple[str, ...]) -> None:
    log.warning(
        "PostgreSQL's log keeps the order of arrival for longer: the login may not "
        "switch it or make a checkpoint. `rapport doctor` says what to grant.",
        extra={"missing": list(missing)},
    )
