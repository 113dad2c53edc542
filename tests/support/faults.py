"""Commits that fail, as a full disk or a lost connection makes them fail."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, event

from rapport_service.core.db import db


@contextmanager
def failing_commits(failure: Exception) -> Iterator[list[bool]]:
    """Every commit inside raises this; yields a list that grows with each one tried."""
    tried: list[bool] = []

    def fail(_connection: Connection) -> None:
        tried.append(True)
        raise failure

    event.listen(db.engine, "commit", fail)
    try:
        yield tried
    finally:
        event.remove(db.engine, "commit", fail)
