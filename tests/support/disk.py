"""What lies on the disk: bytes in files, rows in the order of their storage."""

from pathlib import Path

from sqlalchemy import inspect, text

from rapport_service.core.db import Base, db


def _files() -> list[bytes]:
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


def find_on_disk(traces: set[bytes]) -> set[bytes]:
    """Those traces that some file holds."""
    everything = _files()
    return {trace for trace in traces if any(trace in held for held in everything)}


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
