"""Vacuum of the tables whose storage could tell; deferred while a backup holds them."""

import logging
from collections.abc import Iterable
from datetime import timedelta

from rapport_service.core.clock import Clock
from rapport_service.core.db import Door, database_file, db, transaction
from rapport_service.core.installation import (
    VacuumScope,
    claim_vacuum,
    defer_vacuum,
    finish_vacuum,
)
from rapport_service.core.vacuum import VacuumBlockedError, vacuum

log = logging.getLogger(__name__)

ARRIVAL_TABLES = (
    *("enrolment_codes", "devices", "people"),
    *("draws", "electorate"),
    *("submissions", "ballot_keys", "waves"),
)
"""Tables whose rows must not tell in which order phones came.

Some are only locked: an enrolment locks its person, a draw its row of the electorate, a
submission its wave and its key. On PostgreSQL a row keeps the number of the last
transaction that locked it, which another door's rows may lie beside.
"""

ORDER_SENSITIVE_TABLES = (*ARRIVAL_TABLES, "spent_ballots", "answers")
"""The same, and the tables that only a seal or a retirement changes."""

PRIVATE_KEY_TABLES = ("private_keys", "data_keys")
"""Tables of secrets: what was destroyed or replaced must be gone from the disk too."""

VACUUM_INTERVAL = timedelta(hours=1)
SQLITE_VACUUM_INTERVAL = timedelta(minutes=10)
"""Its log holds all that came since, in order; its files are smaller."""

VACUUM_RETRY_INTERVAL = timedelta(minutes=2)
"""Each attempt holds writers up for seconds, so it is not made at every tick."""


def vacuum_if_due(clock: Clock) -> None:
    """Vacuums where rows arrived, once an interval, and all after a destruction."""
    now = clock()
    with transaction(Door.SEAL) as session:
        scope = claim_vacuum(session, now, _interval())
    if scope is None:
        return
    is_all = scope is VacuumScope.EVERYTHING
    tables = ORDER_SENSITIVE_TABLES if is_all else ARRIVAL_TABLES
    if vacuum_or_defer(clock, tables + PRIVATE_KEY_TABLES) and is_all:
        with transaction(Door.SEAL) as session:
            finish_vacuum(session, now)


def vacuum_before_seal(clock: Clock) -> None:
    """On SQLite, rewrites what arrived, so that a seal reads and frees no order of it.

    On PostgreSQL the login of the sealing job could not, and the tick does it hourly.
    """
    if database_file(db.engine) is not None:
        vacuum_or_defer(clock, ARRIVAL_TABLES)


def vacuum_or_defer(clock: Clock, tables: Iterable[str]) -> bool:
    """Vacuums tables now; if a backup holds them, a later tick does, minutes apart.

    Returns:
        Whether they were vacuumed now.
    """
    tables = tuple(tables)
    try:
        vacuum(tables)
    except VacuumBlockedError:
        log.warning("vacuum deferred: other sessions hold the tables, as a backup does")
        arrived = set(tables) <= {*ARRIVAL_TABLES, *PRIVATE_KEY_TABLES}
        scope = VacuumScope.ARRIVALS if arrived else VacuumScope.EVERYTHING
        with transaction(Door.SEAL) as session:
            defer_vacuum(session, clock() - _interval() + VACUUM_RETRY_INTERVAL, scope)
        return False
    return True


def _interval() -> timedelta:
    is_sqlite = database_file(db.engine) is not None
    return SQLITE_VACUUM_INTERVAL if is_sqlite else VACUUM_INTERVAL
