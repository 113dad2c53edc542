"""Vacuum of the tables whose storage could tell; deferred while a backup holds them."""

import logging
from collections.abc import Iterable
from datetime import timedelta

from rapport_service.core.clock import Clock
from rapport_service.core.db import Door, transaction
from rapport_service.core.installation import claim_vacuum, request_vacuum
from rapport_service.core.vacuum import VacuumBlockedError, vacuum

log = logging.getLogger(__name__)

ORDER_SENSITIVE_TABLES = (
    *("devices", "draws", "submissions"),
    *("ballot_keys", "waves"),
)
"""Tables whose rows must not tell in which order they came.

A submission locks its wave and its key in share mode; on PostgreSQL the row keeps the
number of the last transaction that did, which another door's rows may lie beside.
"""

PRIVATE_KEY_TABLES = ("private_keys",)
"""Tables of secrets: a row destroyed here must be gone from the disk as well."""

VACUUM_INTERVAL = timedelta(hours=1)

VACUUM_RETRY_INTERVAL = timedelta(minutes=2)
"""Each attempt holds writers up for seconds, so it is not made at every tick."""


def vacuum_if_due(clock: Clock) -> None:
    """Vacuums every such table, at most once an interval."""
    with transaction(Door.SEAL) as session:
        due = claim_vacuum(session, clock(), VACUUM_INTERVAL)
    if due:
        vacuum_or_defer(clock, ORDER_SENSITIVE_TABLES + PRIVATE_KEY_TABLES)


def vacuum_or_defer(clock: Clock, tables: Iterable[str]) -> None:
    """Vacuums tables now; if a backup holds them, a later tick does, minutes apart."""
    try:
        vacuum(tables)
    except VacuumBlockedError:
        log.warning("vacuum deferred: other sessions hold the tables, as a backup does")
        with transaction(Door.SEAL) as session:
            request_vacuum(session, clock() - VACUUM_INTERVAL + VACUUM_RETRY_INTERVAL)
