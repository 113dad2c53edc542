import os
import subprocess
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DatabaseError

from rapport_service import health
from rapport_service.app import create_app
from rapport_service.core.db import db, read_transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.core.grants import Door
from rapport_service.core.settings import Settings
from rapport_service.core.vacuum import missing_wal_rights, vacuum
from rapport_service.lifecycle.organization import advance_all
from rapport_service.lifecycle.vacuum import ORDER_SENSITIVE_TABLES
from rapport_service.migrate import upgrade
from rapport_service.registry.queries import get_wave
from tests.cli.command_runner import run_main
from tests.support.keys import store_keys
from tests.support.postgres import PostgreSQL, find_runnable, program_folders
from tests.support.service import start_service

ROLES = Path(__file__).parents[2] / "migrations" / "roles.sql"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of its own, since door roles belong to a whole server."""
    with PostgreSQL() as running:
        programs = find_runnable(
            program_folders(), None, tmp_path_factory.mktemp("programs")
        )
        address = running.url("postgres").replace("+psycopg", "")
        subprocess.run(
            [programs / "psql", "--quiet", "--file", ROLES, address],
            env=os.environ
            | {"DATABASE_PASSWORD": "it's \\secret", "SEALING_PASSWORD": "another's"},
            check=True,
        )
        yield running


def rows(server, question):
    address = server.url("postgres").replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        return connection.execute(question).fetchall()


def test_script_makes_two_logins_and_a_role_for_each_door(server):
    made = "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname LIKE 'rapport%'"

    assert dict(rows(server, made)) == {"rapport": True, "rapport_sealing": True} | {
        door.value: False for door in Door
    }


@pytest.mark.parametrize("login", ["rapport", "rapport_sealing"])
def test_login_is_no_superuser_and_makes_no_roles_or_databases(server, login):
    rights = (
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication"
        f" FROM pg_roles WHERE rolname = '{login}'"
    )

    assert rows(server, rights) == [(False,) * 5]


def test_the_login_has_the_password_that_was_given(server):
    stored = "SELECT rolpassword FROM pg_authid WHERE rolname = 'rapport'"

    ((password,),) = rows(server, stored)

    assert password.startswith("SCRAM-SHA-256$")


def test_login_suffices_to_migrate_to_be_ready_and_to_tick(server):
    url = server.url("rapport").replace("postgres@", "rapport@")
    with create_app(Settings(bytes(32), url)).app_context():
        upgrade(db.engine)
        store_keys()
        health.check(dependencies().data_keys)
        advance_all(dependencies())
        vacuum(ORDER_SENSITIVE_TABLES)
        with db.engine.connect() as connection:
            missing = missing_wal_rights(connection)
        db.engine.dispose()

    assert missing == []


def test_sealing_login_enters_one_door_and_seals_without_the_secret(
    server, tmp_path, ballot_keys
):
    folder = tmp_path / "sealing-keys"
    url = server.url("rapport")
    with start_service(
        url.replace("postgres@", "rapport@"), ballot_keys, folder
    ) as service:
        agency = service.agency({"a": 8})
        wave = agency.plan()
    environ = {
        "RAPPORT_DATABASE_URL": url.replace("postgres@", "rapport_sealing@"),
        "RAPPORT_SEALING_KEYS": str(folder),
    }

    sealed = run_main("seal", environ=environ)
    checked = run_main("seal", "check", environ=environ)

    assert (sealed.exit_code, sealed.output) == (0, "")
    assert checked.exit_code == 0, checked.output
    with create_app(Settings(bytes(32), url)).app_context():
        with read_transaction(Door.SEAL) as session:
            assert get_wave(session, wave).sealing_key is not None
        db.engine.dispose()
    login = create_app(Settings(bytes(32), environ["RAPPORT_DATABASE_URL"]))
    with login.app_context():
        for door in {*Door} - {Door.SEAL}:
            with pytest.raises(DatabaseError), read_transaction(door):
                pass
        with pytest.raises(DatabaseError):
            vacuum(ORDER_SENSITIVE_TABLES)
        db.engine.dispose()
