"""A database of version 0.1 or of a newer version is refused, and left as it is."""

import pytest
from sqlalchemy import create_engine, inspect, text

from rapport_service import migrate
from tests.cli.command_runner import environment_for, run_main

FIRST_VERSION = (
    "Version 0.1 made this database, and this version cannot upgrade it. Set"
    " RAPPORT_DATABASE_URL to a new, empty database."
)
NEWER_VERSION = (
    "A newer version of Rapport made this database (its schema is 0002_more_tables)."
    " Run that version."
)
REFUSALS = {
    "0001": FIRST_VERSION,
    "0009": FIRST_VERSION,
    "0002_more_tables": NEWER_VERSION,
}
"""By revision, the answer that every command and the readiness check give."""


def make_older_database(url, revision):
    """Leaves the revision of another version in a database, and an old table."""
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


@pytest.mark.parametrize("revision", REFUSALS)
def test_unknown_database_is_refused_with_the_remedy_and_left_alone(
    empty_url, revision
):
    make_older_database(empty_url, revision)

    refused = run_main("db", "upgrade", environ=environment_for(empty_url))

    assert (refused.exit_code, refused.output) == (
        1,
        f"Error: {REFUSALS[revision]}\n",
    )
    assert read_older_database(empty_url) == (
        {"alembic_version", "spent"},
        [[revision], ["accepted"]],
    )


@pytest.mark.parametrize("revision", REFUSALS)
@pytest.mark.parametrize("command", [("db", "check"), ("doctor",)])
def test_checks_of_an_unknown_database_give_the_same_answer(
    empty_url, command, revision
):
    make_older_database(empty_url, revision)

    checked = run_main(*command, environ=environment_for(empty_url))

    assert checked.exit_code == 1
    assert REFUSALS[revision] in checked.output
    assert "rapport db upgrade" not in checked.output


def test_refusal_comes_before_roles_are_made(server, engine):
    server.run("CREATE DATABASE production")
    make_older_database(server.url("postgres"), "0009")

    with pytest.raises(migrate.UnknownSchemaError):
        migrate.upgrade(engine(server.url("postgres")))

    assert server.roles() == set()
