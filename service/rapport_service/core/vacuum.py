"""Vacuum: rewrites tables, so that the disk keeps no order and no deleted rows."""

from collections.abc import Iterable
from contextlib import closing

from psycopg.errors import LockNotAvailable
from sqlalchemy.exc import OperationalError

from rapport_service.core.db import BUSY_TIMEOUT_SECONDS, Base, db, engine_write_lock

VACUUM_TIMEOUT_SECONDS = 2
"""How long a vacuum waits for a table; other writers wait behind it meanwhile."""


class VacuumBlockedError(Exception):
    """Another session reads the whole database, as a backup does: no vacuum now."""


def vacuum(tables: Iterable[str]) -> None:
    """Rewrites tables so that neither order nor deleted rows stay on the disk.

    PostgreSQL keeps rows in the order of arrival and old versions until they are
    rewritten: each table is written anew in key order. Every row also names the
    transaction that wrote it, by a number that all tables count together; rewriting
    keeps that number, so each row is first written again by one transaction. SQLite
    stores by key and overwrites what it deletes, but copies may be left where pages
    were balanced, and in its log, until the one is rewritten and the other emptied.

    Runs as the login, outside of any door; no row is read.

    Raises:
        VacuumBlockedError: another session reads all of it meanwhile.
    """
    if db.engine.dialect.name == "postgresql":
        try:
            for table in tables:
                _rewrite(table)
        except OperationalError as error:
            if isinstance(error.orig, LockNotAvailable):
                raise VacuumBlockedError from error
            raise
        return
    with engine_write_lock(db.engine), closing(db.engine.raw_connection()) as raw:
        raw.cursor().execute("VACUUM")
        raw.cursor().execute(f"PRAGMA busy_timeout={VACUUM_TIMEOUT_SECONDS * 1000}")
        checkpoint = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        is_blocked, _, _ = checkpoint.fetchone()
        raw.cursor().execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}")
    if is_blocked:
        raise VacuumBlockedError


def _rewrite(table: str) -> None:
    rows = Base.metadata.tables[table]
    set_timeout = f"SET LOCAL lock_timeout = '{VACUUM_TIMEOUT_SECONDS}s'"
    with db.engine.begin() as raw:
        raw.exec_driver_sql(set_timeout)
        # Running writers end first and later ones wait: no deadlock over single rows.
        raw.exec_driver_sql(f'LOCK TABLE "{table}" IN EXCLUSIVE MODE')
        raw.execute(rows.update().values(organization_id=rows.c.organization_id))
    with db.engine.begin() as raw:
        raw.exec_driver_sql(set_timeout)
        raw.exec_driver_sql(f'CLUSTER "{table}" USING "pk_{table}"')
