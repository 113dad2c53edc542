"""``rapport doctor`` on PostgreSQL: what the server keeps outside of its tables."""

import psycopg
import pytest

from rapport_service.app import create_app
from rapport_service.cli.database import database
from rapport_service.cli.doctor import doctor
from rapport_service.cli.postgres_checks import PostgresFacts, ReplicationSlot, judge
from rapport_service.core.db import db
from rapport_service.core.settings import Settings
from tests.cli.command_runner import run_command
from tests.support.gunicorn import SECRET
from tests.support.postgres import PostgreSQL

CHECKS = ("wal", "archiving", "replication", "statements", "commit-times")


def judged(settings, **facts):
    """The check that such a server does not pass unremarked; the words about it."""
    plain = {name: result.detail for name, result in results({}).items()}
    changed = [
        result
        for name, result in results(settings, **facts).items()
        if result.detail != plain[name]
    ]
    (result,) = changed
    return result.check, result.ok, result.detail


def results(settings, **facts):
    return {result.check: result for result in judge(PostgresFacts(settings, **facts))}


def test_a_server_that_keeps_nothing_passes_every_check():
    assert {name: result.ok for name, result in results({}).items()} == dict.fromkeys(
        CHECKS, True
    )


@pytest.mark.parametrize(
    ("settings", "remedy"),
    [
        ({"log_statement": "all"}, "log_statement = ddl"),
        ({"log_statement": "mod"}, "log_statement = ddl"),
        ({"log_duration": "on"}, "log_duration = off"),
        ({"log_min_duration_statement": "0"}, "log_min_duration_statement = -1"),
        (
            {"log_min_duration_statement": "0", "log_parameter_max_length": "0"},
            "log_min_duration_statement = -1",
        ),
        ({"log_min_duration_statement": "500"}, "log_min_duration_statement = -1"),
        (
            {"log_min_duration_sample": "0", "log_statement_sample_rate": "0.1"},
            "log_min_duration_sample = -1",
        ),
        ({"log_transaction_sample_rate": "0.01"}, "log_transaction_sample_rate = 0"),
        (
            {"log_parameter_max_length_on_error": "-1"},
            "log_parameter_max_length_on_error = 0",
        ),
        ({"auto_explain.log_min_duration": "3"}, "auto_explain.log_min_duration = -1"),
        ({"pgaudit.log": "write"}, "pgaudit.log = none"),
    ],
)
def test_a_log_of_statements_fails_and_the_setting_is_named(settings, remedy):
    check, ok, detail = judged(settings)

    assert (check, ok) == ("statements", False)
    assert remedy in detail


@pytest.mark.parametrize(
    "settings",
    [
        {"log_min_duration_statement": "500", "log_parameter_max_length": "0"},
        {"pg_stat_statements.track": "top"},
    ],
)
def test_a_log_without_values_of_slow_statements_is_noted(settings):
    check, ok, detail = judged(settings)

    assert (check, ok) == ("statements", True)
    assert "without values" in detail


def test_ddl_alone_may_be_logged():
    assert results({"log_statement": "ddl"})["statements"].ok


def test_commit_times_fail():
    check, ok, detail = judged({"track_commit_timestamp": "on"})

    assert (check, ok) == ("commit-times", False)
    assert "track_commit_timestamp" in detail


@pytest.mark.parametrize("is_logical", [False, True])
def test_an_unused_slot_fails(is_logical):
    slot = ReplicationSlot("old", is_logical, is_active=False)

    check, ok, detail = judged({}, slots=[slot])

    assert (check, ok) == ("replication", False)
    assert "pg_drop_replication_slot('old')" in detail


def test_a_logical_slot_in_use_fails():
    slot = ReplicationSlot("feed", is_logical=True, is_active=True)

    check, ok, detail = judged({}, slots=[slot])

    assert (check, ok) == ("replication", False)
    assert "in the order in which they came" in detail


@pytest.mark.parametrize(
    ("check", "facts"),
    [
        ("replication", {"slots": [ReplicationSlot("standby", False, True)]}),
        ("archiving", {"settings": {"archive_mode": "on"}}),
        ("archiving", {"settings": {"archive_mode": "always"}}),
        ("wal", {"settings": {"wal_recycle": "on", "min_wal_size": "80"}}),
        ("wal", {"settings": {"wal_keep_size": "64"}}),
        ("wal", {"missing_rights": ["GRANT pg_checkpoint TO rapport"]}),
    ],
)
def test_a_safeguard_that_keeps_the_order_for_longer_is_noted(check, facts):
    settings = facts.pop("settings", {})

    name, ok, detail = judged(settings, **facts)

    assert (name, ok) == (check, True)
    assert len(detail) > 40


@pytest.fixture(scope="module")
def strict_server():
    """A server with the settings of ``compose.yaml`` that also keeps too much."""
    with PostgreSQL(
        *("wal_recycle=off", "min_wal_size=32MB", "log_statement=all"),
        *("track_commit_timestamp=on", "wal_level=logical"),
    ) as server:
        yield server


def test_facts_of_a_real_server_are_read_by_a_login_without_rights(strict_server):
    url = strict_server.create_database("doctor")
    plain = url.replace("postgres@", "plain@")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as administrator:
        for statement in (
            "CREATE ROLE plain LOGIN CREATEROLE",
            "ALTER DATABASE doctor OWNER TO plain",
            "SELECT pg_create_logical_replication_slot('feed', 'pgoutput')",
        ):
            administrator.execute(statement)
    app = create_app(Settings(secret=SECRET, database_url=plain))
    with app.app_context():
        run_command(database, "upgrade")
        lines = run_command(doctor, status=1).splitlines()
        with psycopg.connect(
            url.replace("+psycopg", ""), autocommit=True
        ) as administrator:
            for statement in (
                "GRANT pg_checkpoint TO plain",
                "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO plain",
                "SELECT pg_drop_replication_slot('feed')",
            ):
                administrator.execute(statement)
        again = run_command(doctor, status=1).splitlines()
        db.engine.dispose()

    lines_by_check = {line.split("\t")[1]: line for line in lines}
    assert (
        "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO plain; "
        "GRANT pg_checkpoint TO plain;" in lines_by_check["wal"]
    )
    assert "wal_recycle" not in lines_by_check["wal"]
    assert lines_by_check["archiving"].startswith("ok\tarchiving\tarchive_mode is off:")
    assert lines_by_check["replication"].startswith("FAIL\t")
    assert lines_by_check["statements"].startswith("FAIL\t")
    assert lines_by_check["commit-times"].startswith("FAIL\t")
    again_by_check = {line.split("\t")[1]: line for line in again}
    assert again_by_check["wal"].startswith("ok\twal\tthe write-ahead log is dropped")
    assert again_by_check["replication"].startswith("ok\treplication\tno other server")
