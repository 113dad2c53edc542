"""A PostgreSQL database that cannot be used."""

from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from sqlalchemy import make_url

from rapport_schemas.problems import Problem
from rapport_service.core.database_errors import DatabaseFault, Diagnosis
from tests.cli.broken_databases import (
    Installation,
    check_reading_fails,
    check_write_alone_fails,
    check_writing_fails,
    install,
    observe,
)
from tests.cli.command_runner import environment_for, refusal_message, run_main

numbers = count(1)


@pytest.fixture
def postgresql_installation(postgresql) -> Installation:
    return install(postgresql.create_database(f"broken{next(numbers)}"))


def connect(url: str) -> psycopg.Connection:
    """A connection of the server's administrator to a database."""
    address = make_url(url).set(drivername="postgresql")
    return psycopg.connect(address.render_as_string(), autocommit=True)


def administer(url: str, statement: LiteralString) -> None:
    """Runs a statement as the administrator of the server."""
    with connect(url) as connection:
        connection.execute(statement)


def use_other_port(_url: str) -> str:
    return "postgresql+psycopg://u:s3cret@127.0.0.1:9/rapport"


def use_folder_without_socket(_url: str) -> str:
    return "postgresql+psycopg://u:s3cret@/rapport?host=/nowhere"


def use_other_database(url: str) -> str:
    return make_url(url).set(database="nowhere").render_as_string()


def use_unknown_login(url: str) -> str:
    return url.replace("postgres@", "stranger@")


def use_login_without_rights(url: str) -> str:
    name = f"visitor{next(numbers)}"
    administer(url, f"CREATE ROLE {name} LOGIN")
    return url.replace("postgres@", f"{name}@")


def create_database_in(encoding: str, url: str) -> str:
    """Makes a database in an encoding, on the server of a database; its address."""
    name = f"broken{next(numbers)}"
    administer(
        url,
        f"CREATE DATABASE {name} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"
        " TEMPLATE template0",
    )
    return make_url(url).set(database=name).render_as_string()


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (use_other_port, DatabaseFault.CONNECTION_REFUSED),
        (use_folder_without_socket, DatabaseFault.CONNECTION_REFUSED),
        (use_other_database, DatabaseFault.DATABASE_MISSING),
        (use_unknown_login, DatabaseFault.LOGIN_REFUSED),
        (use_login_without_rights, DatabaseFault.RIGHT_MISSING),
    ],
)
def test_postgresql_that_cannot_be_used_is_diagnosed(
    postgresql_installation, spoil, fault
):
    url = spoil(postgresql_installation.url)
    diagnosis = Diagnosis(fault, None, "")

    seen = observe(replace(postgresql_installation, url=url))

    check_reading_fails(seen, diagnosis, Problem.NOT_READY)
    assert "s3cret" not in seen.replies + "".join(seen.printed.values())


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_postgresql_in_another_encoding_is_refused_before_anything_is_made(
    postgresql_installation, encoding
):
    url = create_database_in(encoding, postgresql_installation.url)
    refusal = str(Diagnosis(DatabaseFault.WRONG_ENCODING, None, ""))

    upgraded = run_main("db", "upgrade", environ=environment_for(url))
    seen = observe(replace(postgresql_installation, url=url))

    assert refusal_message(upgraded) == refusal
    for command in ("db check", "doctor"):
        assert refusal in seen.printed[command]
    assert seen.readiness == refusal
    with connect(url) as connection:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert connection.execute(tables).fetchone() == (0,)


def test_postgresql_that_takes_no_changes_fails_before_a_write(
    postgresql_installation,
):
    """A standby is such a server, and a hosted one whose disk is nearly full."""
    url = postgresql_installation.url
    name = make_url(url).database
    administer(url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")

    seen = observe(postgresql_installation)

    diagnosis = Diagnosis(DatabaseFault.READ_ONLY, None, "")
    check_writing_fails(seen, diagnosis, Problem.NOT_READY)
    assert "wave list acme" not in seen.failed


def test_full_disk_of_the_server_is_called_a_full_disk(postgresql_installation):
    """Nothing can be written to the file of an empty table: it is /dev/full."""
    url = postgresql_installation.url
    with connect(url) as connection:
        (folder,) = connection.execute("SHOW data_directory").fetchone()
        for table in ("clients", "devices"):
            path = "SELECT pg_relation_filepath(%s)"
            (name,) = connection.execute(path, [table]).fetchone()
            file = Path(folder, name)
            assert file.stat().st_size == 0
            file.unlink()
            file.symlink_to("/dev/full")

    seen = observe(postgresql_installation)

    diagnosis = Diagnosis(DatabaseFault.DISK_FULL, None, "")
    check_write_alone_fails(seen, diagnosis, Problem.STORAGE_FULL)


def test_login_with_another_client_encoding_stores_every_name(
    postgresql_installation, monkeypatch
):
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    created = run_main(
        *("organization", "create", "lodz", "--name", "Łódź"),
        *("--time-zone", "Europe/Warsaw"),
        environ=environment_for(postgresql_installation.url),
    )

    assert created.exit_code == 0, created.output
    monkeypatch.undo()
    with connect(postgresql_installation.url) as connection:
        names = connection.execute("SELECT name FROM organizations").fetchall()
    assert ("Łódź",) in names
