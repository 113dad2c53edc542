"""The database: one transaction a use case, each behind its own door."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

from flask_sqlalchemy import SQLAlchemy
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    TypeDecorator,
    event,
    inspect,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.schema import SchemaItem

from rapport_service.core.grants import Door
from rapport_service.core.sqlite_authorizer import make_authorizer
from rapport_service.core.write_lock import (
    WRITE_LOCK_TIMEOUT_SECONDS,
    WriteLockTimeoutError,
    to_file_error,
    write_lock,
)

__all__ = [
    "BUSY_TIMEOUT_SECONDS",
    "Base",
    "Door",
    "Instant",
    "create_database_file",
    "database_file",
    "db",
    "engine_write_lock",
    "insert_missing",
    "insert_new",
    "is_lock_conflict",
    "prepare_engine",
    "read_transaction",
    "transaction",
    "without_rowid",
]

LOCK_TIMEOUT_SECONDS, STATEMENT_TIMEOUT_SECONDS = 5, 30
BUSY_TIMEOUT_SECONDS = 10


class Instant(TypeDecorator[datetime]):
    """A point in time, always aware and in UTC, on engines that forget zones too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Stores UTC; a naive datetime is a bug of ours."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Returns UTC; SQLite gives back what was stored without its zone."""
        del dialect
        if value is None:
            return None
        return (
            value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        )


class Base(DeclarativeBase):
    """Parent of every model; holds the naming of constraints."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(referred_table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[type, Any]] = {
        datetime: Instant,
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            length=16,
            values_callable=lambda choices: [choice.value for choice in choices],
        ),
    }


def without_rowid(*constraints: SchemaItem) -> tuple[Any, ...]:
    """Table arguments of a table without row ids: on disk, rows lie in key order.

    Keys are random or chosen by agencies, so no insertion order exists to be read.
    """
    return (*constraints, {"sqlite_with_rowid": False})


db = SQLAlchemy(metadata=Base.metadata)


@contextmanager
def transaction(door: Door) -> Iterator[Session]:
    """One use case that may write, under the door's role; commits on success.

    Rolls back on any exception. Nothing may be reported before this block ends.
    """
    engine = db.engine.execution_options(writes=True)
    with (
        engine_write_lock(engine),
        Session(engine, expire_on_commit=False) as session,
        session.begin(),
        _assume_door_role(door, session),
    ):
        yield session
        session.flush()  # here, while the door's role still holds


@contextmanager
def read_transaction(door: Door) -> Iterator[Session]:
    """One use case that only reads, under the door's role, from one snapshot.

    A write in here is refused by the database on both engines.
    """
    with Session(db.engine, expire_on_commit=False) as session, session.begin():
        if db.engine.dialect.name == "postgresql":
            session.connection().exec_driver_sql(
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
            )
        with _assume_door_role(door, session, writes=False):
            yield session


@contextmanager
def _assume_door_role(
    door: Door, session: Session, *, writes: bool = True
) -> Iterator[None]:
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            f"SET LOCAL ROLE {door.value}; {_timeout_statements(door)}"
        )
        yield
        # An exception skips this: the rollback that follows ends the role as well.
        connection.exec_driver_sql("SET LOCAL ROLE NONE")
        return
    raw = _sqlite_connection(connection)
    # Setting it also expires the statements that were prepared earlier.
    raw.set_authorizer(make_authorizer(door, writes=writes))
    try:
        yield
    finally:
        raw.set_authorizer(None)


def _timeout_statements(door: Door) -> str:
    """How long PostgreSQL lets a transaction wait, compute, or do nothing.

    A statement that takes longer fails, and its caller retries later: a transaction
    that hangs must not hang its worker, and one whose worker is gone must not hold its
    locks. Sealing alone thinks between its statements.
    """
    limits = {
        "lock_timeout": LOCK_TIMEOUT_SECONDS,
        "statement_timeout": STATEMENT_TIMEOUT_SECONDS,
    }
    if door is not Door.SEAL:
        limits["idle_in_transaction_session_timeout"] = STATEMENT_TIMEOUT_SECONDS
    return "; ".join(
        f"SET LOCAL {name} = '{seconds}s'" for name, seconds in limits.items()
    )


def _sqlite_connection(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection):
        raise TypeError(f"unsupported database: {connection.dialect.name}")
    return raw


def engine_write_lock(engine: Engine) -> AbstractContextManager[None]:
    """On SQLite, one lock around each write transaction, across processes.

    Take it before the connection: two processes that open a new file at once would fail
    over its journal mode.
    """
    file = database_file(engine)
    return write_lock(file, WRITE_LOCK_TIMEOUT_SECONDS) if file else nullcontext()


def is_lock_conflict(error: Exception) -> bool:
    """Whether a transaction failed only because another one held what it needed."""
    return isinstance(error, WriteLockTimeoutError) or (
        isinstance(error, DBAPIError)
        and isinstance(error.orig, (DeadlockDetected, LockNotAvailable))
    )


def database_file(engine: Engine) -> Path | None:
    """The file of an SQLite database; None on PostgreSQL."""
    is_sqlite = engine.dialect.name == "sqlite"
    return Path(engine.url.database or "") if is_sqlite else None


def create_database_file(engine: Engine) -> None:
    """Makes the file of an SQLite database where there is none yet.

    Raises:
        DatabaseFileError: it cannot be made.
    """
    file = database_file(engine)
    if file is None:
        return
    try:
        if not file.exists():
            file.touch(mode=0o600)  # its log and index files take its mode
    except OSError as error:
        raise to_file_error(error, file) from error


def prepare_engine(engine: Engine) -> None:
    """Sets up connections: durability and foreign keys on SQLite, nothing elsewhere."""
    file = database_file(engine)
    if file is None:
        return

    @event.listens_for(engine, "do_connect")
    def open_existing(
        _dialect: Dialect,
        _record: object,
        args: list[str],
        options: dict[str, Any],
    ) -> None:
        args[0], options["uri"] = f"{file.absolute().as_uri()}?mode=rw", True

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # deleted content is overwritten, not forgotten
            "temp_store=MEMORY",  # no large sort in the system's temporary folder
            f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def insert_new(
    session: Session, table: type[Base], rows: list[dict[str, Any]]
) -> set[tuple[Any, ...]]:
    """Inserts the rows whose key is not there yet, in one statement.

    Insert first, look later: two that race for one key find one winner in the index,
    never in our code.

    Returns:
        The primary key of every row that was inserted.
    """
    if not rows:
        return set()
    key = inspect(table).primary_key
    statement = _insert(session, table).on_conflict_do_nothing().returning(*key)
    return {tuple(row) for row in session.execute(statement, rows)}


def insert_missing(
    session: Session, table: type[Base], rows: list[dict[str, Any]]
) -> None:
    """Inserts the rows whose key is not there yet, without returning which.

    Asked to return them, SQLite looks into every table that refers to this one, and a
    door need not have all of those.
    """
    if rows:
        session.execute(_insert(session, table).on_conflict_do_nothing(), rows)


def _insert(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    postgres = session.get_bind().dialect.name == "postgresql"
    return postgresql.insert(table) if postgres else sqlite.insert(table)
