"""Rows, bytes on disk and log lines, as the holder of a stolen copy reads them."""

import io
import json
import logging
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from rapport_service.core.db import Base, db
from rapport_service.core.logging_config import JsonFormatter
from tests.support.service import Agency

Row = TypeVar("Row", bound=Base)


def rows_of(table: type[Row], agency: Agency) -> list[Row]:
    """An organization's rows of a table in key order, through no door."""
    keys = table.__table__.primary_key.columns
    with Session(db.engine) as session:
        return list(
            session.scalars(
                select(table)
                .where(table.__table__.columns["organization_id"] == agency.id)
                .order_by(*keys)
            )
        )


def values_by_column(
    tables: Iterable[str], organization_id: str
) -> dict[str, set[object]]:
    """Every value that an organization's rows hold, by column name; no small ones.

    Booleans, small numbers and nulls say nothing by being equal.
    """
    values: dict[str, set[object]] = {}
    with db.engine.connect() as connection:
        for name in tables:
            table = Base.metadata.tables[name]
            if "organization_id" not in table.c:
                continue
            rows = connection.execute(
                select(table).where(table.c.organization_id == organization_id)
            )
            for row in rows.mappings():
                for column, value in row.items():
                    if not isinstance(value, bool | int | None):
                        whole = isinstance(value, Hashable)
                        seen = value if whole else json.dumps(value)
                        values.setdefault(column, set()).add(seen)
    return values


def stored_order(table: type[Base], organization_id: str) -> list[tuple[object, ...]]:
    """The keys of a table's rows in the order in which they lie on the disk.

    SQLite keeps the tables that have no row ids in key order, and a full scan walks
    them; PostgreSQL names each row's place.
    """
    keys = ", ".join(column.name for column in inspect(table).primary_key)
    place = "ORDER BY ctid" if db.engine.dialect.name == "postgresql" else ""
    query = (
        f"SELECT {keys} FROM {table.__tablename__} "
        f"WHERE organization_id = :organization {place}"
    )
    with db.engine.connect() as connection:
        rows = connection.execute(text(query), {"organization": organization_id})
        return [tuple(row) for row in rows]


def find_on_disk(traces: set[bytes]) -> set[bytes]:
    """The traces that some file of the database holds."""
    contents = _read_files()
    return {trace for trace in traces if any(trace in content for content in contents)}


def _read_files() -> list[bytes]:
    """The files that hold the tables, as they are now.

    On SQLite the database and its log; on PostgreSQL all of its tables and indexes,
    but not its own log, which it writes for crashes and backups and then recycles.
    """
    if db.engine.dialect.name == "sqlite":
        path = db.engine.url.database or ""
        paths = [Path(path), Path(path + "-wal")]
    else:
        with db.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("CHECKPOINT"))
            folder = connection.scalar(text("SHOW data_directory"))
        paths = [
            path for path in Path(str(folder), "base").rglob("*") if path.is_file()
        ]
    return [path.read_bytes() for path in paths if path.exists()]


class LogRecords(list[dict[str, Any]]):
    """Log lines, parsed; ``text`` is the whole text as it was written."""

    text: str = ""


@contextmanager
def capture_logs() -> Iterator[LogRecords]:
    """Captures every logger of the process: ours, and the libraries' warnings."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root, ours = logging.getLogger(), logging.getLogger("rapport_service")
    before = ours.level, ours.propagate, ours.handlers
    ours.setLevel(logging.INFO)
    ours.propagate, ours.handlers = True, []
    root.addHandler(handler)
    records = LogRecords()
    try:
        yield records
    finally:
        root.removeHandler(handler)
        ours.level, ours.propagate, ours.handlers = before
        records.text = stream.getvalue()
        records += [json.loads(line) for line in records.text.splitlines()]
