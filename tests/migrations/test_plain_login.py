"""Production: the service's login owns its database and may do nothing else.

Roles belong to a whole server, so these tests have one of their own.
"""

from contextlib import suppress

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import inspect, text
from sqlalchemy.exc import DatabaseError

from rapport_service import migrate
from rapport_service.core.db import Door, db, transaction
from rapport_service.core.vacuum import vacuum
from rapport_service.migrate import RolesMissingError
from tests.cli.command_runner import environment_for, run_main
from tests.migrations.databases import open_service
from tests.support.http_phone import content, item, submit
from tests.support.keys import store_keys


def requested_sql(engine):
    """The SQL that an administrator is asked to run."""
    with pytest.raises(RolesMissingError) as caught:
        migrate.upgrade(engine)
    return caught.value.sql


def test_a_login_that_may_not_create_roles_changes_nothing_and_says_what_to_run(
    server, engine
):
    plain = engine(server.create_login("plain"))

    sql = requested_sql(plain)

    assert sql.splitlines() == [
        *(f"CREATE ROLE {door} NOLOGIN;" for door in Door),
        *(f"GRANT {door} TO plain;" for door in Door),
    ]
    assert server.roles() == {"plain"}
    assert inspect(plain).get_table_names() == []


def test_the_commands_print_that_sql_and_work_once_it_was_run(server):
    url = server.create_login("plain")

    refused = [
        run_main("db", verb, environ=environment_for(url))
        for verb in ("roles", "upgrade")
    ]

    for done in refused:
        assert done.exit_code == 1
        assert done.stdout.startswith("CREATE ROLE rapport_poll_book NOLOGIN;\n")
        assert done.stderr.startswith("This login may not create roles.")

    server.run(refused[0].stdout)

    for verb, message in (
        ("upgrade", "schema: up to date\n"),
        ("roles", "roles: ready\n"),
    ):
        done = run_main("db", verb, environ=environment_for(url))

        assert (done.exit_code, done.stdout) == (0, message)


def test_only_what_is_missing_is_asked_for(server, engine):
    plain = engine(server.create_login("plain"))
    server.run(
        "CREATE ROLE rapport_seal NOLOGIN",
        "CREATE ROLE rapport_reports NOLOGIN",
        "GRANT rapport_reports TO plain",
    )

    sql = requested_sql(plain)

    assert sql.splitlines() == [
        "CREATE ROLE rapport_poll_book NOLOGIN;",
        "CREATE ROLE rapport_ballot_box NOLOGIN;",
        "GRANT rapport_poll_book TO plain;",
        "GRANT rapport_ballot_box TO plain;",
        "GRANT rapport_seal TO plain;",
    ]


def test_a_membership_that_does_not_let_the_login_act_is_no_membership(server, engine):
    plain = engine(server.create_login("plain"))
    server.run(requested_sql(plain))
    with plain.connect() as connection:
        if connection.dialect.server_version_info < (16,):
            pytest.skip("before PostgreSQL 16 a member may always act")
    server.run("GRANT rapport_seal TO plain WITH SET FALSE")

    assert requested_sql(plain) == "GRANT rapport_seal TO plain;"

    server.run("GRANT rapport_seal TO plain WITH SET TRUE")
    migrate.upgrade(plain)


def test_a_login_with_a_strange_name_is_quoted(server, engine):
    server.run('CREATE ROLE "my service; --" LOGIN')
    server.run('CREATE DATABASE production OWNER "my service; --"')
    strange = engine(server.url("my%20service%3B%20--"))

    server.run(requested_sql(strange))
    migrate.upgrade(strange)

    assert "waves" in inspect(strange).get_table_names()


def test_login_that_may_create_roles_needs_no_administrator(server, engine):
    maker = engine(server.create_login("maker", "CREATEROLE"))

    migrate.upgrade(maker)

    assert server.roles() == {"maker", *Door}


def test_roles_made_by_another_login_are_asked_for(server, engine):
    """May create roles, but not give away those of others (from PostgreSQL 16 on)."""
    server.run(*(f"CREATE ROLE {door} NOLOGIN" for door in Door))
    maker = engine(server.create_login("maker", "CREATEROLE"))

    with suppress(RolesMissingError):
        migrate.ensure_roles(maker)
    server.run(*(f"GRANT {door} TO maker" for door in Door))

    migrate.upgrade(maker)


@pytest.fixture
def production(server, make_key):
    """The service on a database that its plain login owns."""
    url = server.create_login("plain")
    with open_service(url, make_key) as service:
        server.run(requested_sql(db.engine))
        migrate.upgrade(db.engine)
        store_keys()
        yield service


def test_the_whole_service_works_under_a_plain_login(production):
    agency = production.agency({"a": 8}, supervises={"boss": ["agency"]})
    wave = agency.announce()
    ballots = [agency.phone(f"a-{n}").draw(wave) for n in range(1, 9)]
    results = submit(
        production.http,
        *(item(ballot, content(form)) for form, ballot in enumerate(ballots)),
    )
    vacuum(["devices", "draws", "submissions"])
    agency.seal()

    score = agency.score(agency.reader_token("boss"), "a")

    assert {result["status"] for result in results} == {"accepted"}
    assert score["status"] == "released"
    migrate.downgrade(db.engine, "base")
    migrate.upgrade(db.engine)


@pytest.mark.usefixtures("production")
def test_the_plain_login_is_confined_to_a_door_while_a_use_case_runs():
    query = text("SELECT person_id FROM draws WHERE 1 = 0")
    who = text("SELECT current_user, session_user")

    with transaction(Door.BALLOT_BOX) as session:
        assert session.execute(who).one() == ("rapport_ballot_box", "plain")
    with (
        pytest.raises(DatabaseError) as caught,
        transaction(Door.BALLOT_BOX) as session,
    ):
        session.execute(query)
    with db.engine.connect() as connection:
        after = connection.execute(who).one()
        connection.execute(query)  # the login itself owns every table

    assert isinstance(caught.value.orig, InsufficientPrivilege)
    assert after == ("plain", "plain")


@pytest.mark.usefixtures("production")
def test_another_login_of_the_same_server_sees_nothing(server, engine):
    server.run("CREATE ROLE stranger LOGIN")
    stranger = engine(server.url("stranger"))

    with stranger.connect() as connection:
        for statement in ("SELECT * FROM waves", "SET ROLE rapport_reports"):
            with pytest.raises(DatabaseError, match="permission denied"):
                connection.execute(text(statement))
            connection.rollback()
