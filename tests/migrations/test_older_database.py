"""A database of version 0.1 is refused as it is: its migrations are no longer ours."""

import pytest
from sqlalchemy import create_engine, inspect, text

from rapport_service import migrate
from tests.cli.command_runner import environment_for, run_main

REFUSAL = (
    "Error: this database was made by version 0.1 or another version of Rapport (its"
    " schema is {}), and this version cannot upgrade it: set RAPPORT_DATABASE_URL to a"
    " new, empty database\n"
)


def make_older_database(url, revision):
    """Leaves what shows that version 0.1 migrated this database, and a table of it."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in (
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
            f"INSERT INTO alembic_version VALUES ('{revision}')",
            "CREATE TABLE spent (standing VARCHAR(16) NOT NULL)",
            "INSERT INTO spent VALUES ('accepted')",
        ):
            connection.execute(text(statement))
    engine.dispose()


def read_older_database(url):
    """Its tables, its revision and its row."""
    engine = create_engine(url)
    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        rows = [
            connection.scalars(text(f"SELECT * FROM {table}")).all()
            for table in ("alembic_version", "spent")
        ]
    engine.dispose()
    return tables, rows


@pytest.mark.parametrize("revision", ["0001", "0009"])
def test_older_database_is_refused_in_one_sentence_and_left_alone(empty_url, revision):
    make_older_database(empty_url, revision)

    refused = run_main("db", "upgrade", environ=environment_for(empty_url))

    assert (refused.exit_code, refused.output) == (1, REFUSAL.format(revision))
    assert read_older_database(empty_url) == (
        {"alembic_version", "spent"},
        [[revision], ["accepted"]],
    )


def test_refusal_comes_before_roles_are_made(server, engine):
    server.run("CREATE DATABASE production")
    make_older_database(server.url("postgres"), "0009")

    with pytest.raises(migrate.UnknownSchemaError):
        migrate.upgrade(engine(server.url("postgres")))

    assert server.roles() == set()
