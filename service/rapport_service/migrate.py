"""The schema: door roles, migrations, and where the two come from."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from rapport_service.doors import Door

# Any number will do, as long as every migrating process takes the same lock.
ADVISORY_LOCK = 7_276_709_911


class RolesMissingError(Exception):
    """The login may not create roles; ``sql`` is what an administrator has to run."""

    def __init__(self, sql: str) -> None:
        super().__init__("door roles are missing")
        self.sql = sql


def ensure_roles(engine: Engine) -> None:
    """Makes the door roles that are missing, without login, granted to this login.

    Nothing to do on SQLite, where an authorizer takes the roles' place.

    Raises:
        RolesMissingError: the login may not; nothing was changed.
    """
    if engine.dialect.name != "postgresql":
        return
    with engine.begin() as connection:
        _one_at_a_time(connection)
        statements = _missing(connection)
        try:
            for statement in statements:
                connection.exec_driver_sql(statement)
        except ProgrammingError as error:
            if not isinstance(error.orig, InsufficientPrivilege):
                raise
            sql = "\n".join(f"{line};" for line in statements)
            raise RolesMissingError(sql) from error


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Makes the door roles and brings the schema to a revision."""
    ensure_roles(engine)
    with engine.execution_options(writes=True).begin() as connection:
        _one_at_a_time(connection)
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Takes the schema back to a revision; ``base`` leaves nothing."""
    with engine.execution_options(writes=True).begin() as connection:
        _one_at_a_time(connection)
        command.downgrade(_config(connection), revision)


def is_up_to_date(engine: Engine) -> bool:
    """Whether the schema is the one that this code expects; changes nothing."""
    with engine.connect() as connection:
        heads = MigrationContext.configure(connection).get_current_heads()
    return set(heads) == _expected_heads()


@cache
def _expected_heads() -> frozenset[str]:
    return frozenset(ScriptDirectory.from_config(_scripts()).get_heads())


def _one_at_a_time(connection: Connection) -> None:
    """Waits for others that migrate this database; SQLite's write lock does that."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))


def _missing(connection: Connection) -> list[str]:
    """What it takes until the login can take every door's role."""
    login = connection.scalar(text("SELECT quote_ident(session_user)"))
    there = set(connection.scalars(text("SELECT rolname FROM pg_roles")))
    statements = [
        f"CREATE ROLE {door.value} NOLOGIN" for door in Door if door.value not in there
    ]
    statements += [
        f"GRANT {door.value} TO {login}"
        for door in Door
        if door.value not in there or not _may_take(connection, door)
    ]
    return statements


def _may_take(connection: Connection, door: Door) -> bool:
    """Tries it: to be a member is not enough where the grant says WITH SET FALSE."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"SET LOCAL ROLE {door.value}")
            connection.exec_driver_sql("SET LOCAL ROLE NONE")
    except DBAPIError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        return False
    return True


def _config(connection: Connection) -> Config:
    config = _scripts()
    config.attributes["connection"] = connection
    return config


def _scripts() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_folder()))
    return config


def _folder() -> Path:
    """The migrations: inside an installed package, or beside the sources."""
    packaged = Path(__file__).with_name("migrations")
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "migrations"
