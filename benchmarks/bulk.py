"""Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy.orm import Session

Row = Sequence[object]


def insert(
    session: Session, table: str, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    """Inserts rows in the session's transaction, behind its door."""
    raw = session.connection().connection.dbapi_connection
    if isinstance(raw, psycopg.Connection):
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), names
        )
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    elif isinstance(raw, sqlite3.Connection):
        places = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608  # our own names
        raw.executemany(statement, _as_stored(rows))


def _as_stored(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows as SQLAlchemy writes them on SQLite."""
    for row in rows:
        yield [cell.hex if isinstance(cell, UUID) else cell for cell in row]
