"""SQLite authorizer: the counterpart of a database role, from a door's grants."""

import sqlite3
from collections.abc import Callable

from rapport_service.core.grants import GRANTS, Door

_VERBS = {
    sqlite3.SQLITE_INSERT: "INSERT",
    sqlite3.SQLITE_UPDATE: "UPDATE",
    sqlite3.SQLITE_DELETE: "DELETE",
}
_HARMLESS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_TRANSACTION,
    sqlite3.SQLITE_SAVEPOINT,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}


def make_authorizer(
    door: Door, *, writes: bool
) -> Callable[[int, str | None, str | None, str | None, str | None], int]:
    """The authorizer of a connection behind a door, asked per table and column.

    Args:
        door: whose grants hold.
        writes: whether the use case may write at all.
    """
    grants = GRANTS[door]

    def authorize(
        action: int,
        table: str | None,
        column: str | None,
        _database: str | None,
        _trigger: str | None,
    ) -> int:
        if action in _HARMLESS:
            return sqlite3.SQLITE_OK
        grant = grants.get(table or "")
        if grant is None:
            return sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_READ:
            allowed = "SELECT" in grant.verbs and column not in grant.hidden
        else:
            allowed = writes and _VERBS.get(action) in grant.verbs
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    return authorize
