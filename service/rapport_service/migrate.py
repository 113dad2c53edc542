"""The schema: door roles, migrations, and where the two come from."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from rapport_service.core.database_errors import DatabaseEncodingError
from rapport_service.core.db import create_database_file, engine_write_lock
from rapport_service.core.grants import Door

# Any number will do, as long as every migrating process takes the same lock.
ADVISORY_LOCK = 7_276_709_911

FIRST_VERSION_REVISIONS = frozenset(f"{number:04}" for number in range(1, 10))
"""The revisions of version 0.1; later ones have a name behind the number."""


class RolesMissingError(Exception):
    """The login may not create roles; ``sql`` is what an administrator has to run."""

    def __init__(self, sql: str) -> None:
        super().__init__("door roles are missing")
        self.sql = sql


class UnknownSchemaError(Exception):
    """The schema was made by a version of Rapport whose migrations are not ours."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            "Version 0.1 made this database, and this version cannot upgrade it. Set"
            " RAPPORT_DATABASE_URL to a new, empty database."
            if revision in FIRST_VERSION_REVISIONS
            else "A newer version of Rapport made this database (its schema is"
            f" {revision}). Run that version."
        )


def ensure_roles(engine: Engine) -> None:
    """Makes the door roles that are missing, without login, granted to this login.

    Nothing to do on SQLite, where an authorizer replaces the roles.

    Raises:
        RolesMissingError: the login may not; nothing was changed.
    """
    if engine.dialect.name != "postgresql":
        return
    with _exclusive_transaction(engine) as connection:
        statements = _missing_role_statements(connection)
        try:
            for statement in statements:
                connection.exec_driver_sql(statement)
        except ProgrammingError as error:
            if not isinstance(error.orig, InsufficientPrivilege):
                raise
            sql = "\n".join(f"{line};" for line in statements)
            raise RolesMissingError(sql) from error


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Makes the door roles and brings the schema to a revision.

    Raises:
        DatabaseEncodingError: the database is not in UTF-8; nothing was changed.
        UnknownSchemaError: another version made the schema; nothing was changed.
        RolesMissingError: the login may not make roles; nothing was changed.
    """
    create_database_file(engine)
    with _exclusive_transaction(engine) as connection:
        _require_utf8(connection)
        require_own_revision(_current_revision(connection))
    ensure_roles(engine)
    with _exclusive_transaction(engine) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Takes the schema back to a revision; ``base`` leaves nothing."""
    with _exclusive_transaction(engine) as connection:
        command.downgrade(_config(connection), revision)


def revisions(engine: Engine) -> tuple[str | None, str | None]:
    """The schema's revision (None: there is no schema yet) and the newest one.

    Raises:
        DatabaseEncodingError: the database is not in UTF-8.
    """
    with engine.connect() as connection:
        _require_utf8(connection)
        return _current_revision(connection), _newest()


def is_up_to_date(engine: Engine) -> bool:
    """Whether the schema is the one that this code expects; changes nothing.

    Raises:
        UnknownSchemaError: another version made the schema.
    """
    current, newest = revisions(engine)
    require_own_revision(current)
    return current == newest


def require_own_revision(current: str | None) -> None:
    """Refuses a revision that is none of this version's migrations.

    Raises:
        UnknownSchemaError: another version made the schema.
    """
    own = {script.revision for script in _script_directory().walk_revisions()}
    if current is not None and current not in own:
        raise UnknownSchemaError(current)


def _current_revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@cache
def _newest() -> str | None:
    return _script_directory().get_current_head()


def missing_roles(engine: Engine) -> list[str]:
    """The SQL that this login still needs before it can take every door's role."""
    if engine.dialect.name != "postgresql":
        return []
    with engine.connect() as connection:
        return _missing_role_statements(connection)


def _require_utf8(connection: Connection) -> None:
    """Refuses a database that could not store every name."""
    if connection.dialect.name == "postgresql":
        encoding = connection.scalar(text("SHOW server_encoding"))
        if encoding != "UTF8":
            raise DatabaseEncodingError(encoding)


@contextmanager
def _exclusive_transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction that excludes other migrations of this database."""
    writing = engine.execution_options(writes=True)
    with engine_write_lock(engine), writing.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
        yield connection


def _missing_role_statements(connection: Connection) -> list[str]:
    """The SQL that lets the login take every door's role."""
    login = connection.scalar(text("SELECT quote_ident(session_user)"))
    there = set(connection.scalars(text("SELECT rolname FROM pg_roles")))
    statements = [
        f"CREATE ROLE {door.value} NOLOGIN" for door in Door if door.value not in there
    ]
    statements += [
        f"GRANT {door.value} TO {login}"
        for door in Door
        if door.value not in there or not _can_assume_role(connection, door)
    ]
    return statements


def _can_assume_role(connection: Connection, door: Door) -> bool:
    """Whether the login can take the role: no member can where SET is FALSE."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"SET LOCAL ROLE {door.value}")
            connection.exec_driver_sql("SET LOCAL ROLE NONE")
    except DBAPIError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        return False
    return True


def _script_directory() -> ScriptDirectory:
    return ScriptDirectory.from_config(_base_config())


def _config(connection: Connection) -> Config:
    config = _base_config()
    config.attributes["connection"] = connection
    return config


def _base_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_folder()))
    return config


def _folder() -> Path:
    """The folder of migrations: in an installed package, or next to the sources."""
    packaged = Path(__file__).with_name("migrations")
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "migrations"
