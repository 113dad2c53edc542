"""Grants: both engines enforce exactly the map, no more and no less."""

from collections import defaultdict

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from rapport_service.core.db import Base, db, read_transaction, transaction
from rapport_service.core.grants import GRANTS, Door

TABLES = {name: [*table.columns.keys()] for name, table in Base.metadata.tables.items()}
TABLES["alembic_version"] = ["version_num"]

# None changes a row: what counts is whether the database lets it run at all.
STATEMENTS = {
    "SELECT": "SELECT {first} FROM {table} WHERE 1 = 0",
    "INSERT": "INSERT INTO {table} ({first}) VALUES (NULL)",
    "UPDATE": "UPDATE {table} SET {last} = NULL WHERE 1 = 0",
    "DELETE": "DELETE FROM {table} WHERE 1 = 0",
}

REFUSALS = ("permission denied", "read-only", "not authorized", "is prohibited")
"""How the two engines say that a door may not."""

PRIVILEGES = """
    SELECT grantee.rolname, class.relname, NULL, acl.privilege_type
    FROM pg_class class, aclexplode(class.relacl) acl, pg_roles grantee
    WHERE grantee.oid = acl.grantee AND grantee.rolname LIKE 'rapport%'
    UNION ALL
    SELECT grantee.rolname, class.relname, attribute.attname, acl.privilege_type
    FROM pg_class class JOIN pg_attribute attribute ON attrelid = class.oid,
        aclexplode(attribute.attacl) acl, pg_roles grantee
    WHERE grantee.oid = acl.grantee AND grantee.rolname LIKE 'rapport%'
"""


def runs(door, statement, behind=transaction):
    """Whether the database lets a door run a statement."""
    try:
        with behind(door) as session:
            session.execute(text(statement))
    except IntegrityError:  # let in, then refused for a key that is null
        return True
    except DatabaseError as error:
        if not any(refusal in str(error.orig) for refusal in REFUSALS):
            raise
        return False
    return True


def promised_grants(door):
    """Grants of a door in the map: table and verb; or table, column and verb."""
    verbs, columns = set(), set()
    for table, grant in GRANTS[door].items():
        for verb in grant.verbs:
            if verb == "SELECT" and grant.hidden:
                columns |= {
                    (table, column, verb)
                    for column in TABLES[table]
                    if column not in grant.hidden
                }
            else:
                verbs.add((table, verb))
        if grant.lockable:
            columns.add((table, TABLES[table][0], "UPDATE"))
    return verbs, columns


def actual_grants(connection):
    """Grants of each door in PostgreSQL's catalog, in the same form."""
    grants = defaultdict(lambda: (set(), set()))
    for role, table, column, verb in connection.execute(text(PRIVILEGES)):
        verbs, columns = grants[Door(role)]
        if column is None:
            verbs.add((table, verb))
        else:
            columns.add((table, column, verb))
    return dict(grants)


@pytest.mark.postgresql  # roles are PostgreSQL's
@pytest.mark.usefixtures("service")
def test_catalog_has_exactly_the_grants_of_the_map():
    with db.engine.connect() as connection:
        grants = actual_grants(connection)

    assert grants == {door: promised_grants(door) for door in Door}


@pytest.mark.postgresql  # roles are PostgreSQL's
@pytest.mark.usefixtures("service")
def test_planted_grant_is_detected_in_the_catalog():
    for planted in (
        "GRANT SELECT ON draws TO rapport_ballot_box",
        "GRANT SELECT (figures) ON scores TO rapport_reports",
        "GRANT UPDATE (state) ON waves TO rapport_ballot_box",
        "GRANT TRUNCATE ON spent_ballots TO rapport_seal",
        "REVOKE SELECT ON waves FROM rapport_reports",
    ):
        with db.engine.connect() as connection:  # rolls back at its end
            connection.execute(text(planted))

            grants = actual_grants(connection)

        assert grants != {door: promised_grants(door) for door in Door}, planted


@pytest.mark.postgresql  # roles are PostgreSQL's
@pytest.mark.usefixtures("service")
def test_no_door_can_log_in_lead_to_another_door_or_make_anything():
    with db.engine.connect() as connection:
        roles = connection.execute(
            text(
                "SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb,"
                " rolbypassrls FROM pg_roles WHERE rolname LIKE 'rapport%'"
            )
        ).all()
        memberships = connection.scalars(
            text(
                "SELECT member.rolname FROM pg_auth_members JOIN pg_roles member"
                " ON member.oid = member WHERE member.rolname LIKE 'rapport%'"
            )
        ).all()

    assert {name: any(rights) for name, *rights in roles} == dict.fromkeys(Door, False)
    assert memberships == []
    for door in Door:
        assert not runs(door, "CREATE TABLE planted (a int)")
        assert not runs(door, "SELECT * FROM pg_authid")


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("door", Door)
def test_door_has_on_each_table_the_verbs_of_the_map(door):
    able = {
        (table, verb)
        for table, columns in TABLES.items()
        for verb, statement in STATEMENTS.items()
        if runs(
            door,
            statement.format(table=table, first=columns[0], last=columns[-1]),
        )
    }

    assert able == {
        (table, verb) for table, grant in GRANTS[door].items() for verb in grant.verbs
    }


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("door", Door)
def test_door_reads_each_column_that_the_map_does_not_hide(door):
    readable = {
        (table, column)
        for table, columns in TABLES.items()
        for column in columns
        if runs(door, f"SELECT {column} FROM {table} WHERE 1 = 0")
    }

    assert readable == {
        (table, column)
        for table, grant in GRANTS[door].items()
        for column in TABLES[table]
        if "SELECT" in grant.verbs and column not in grant.hidden
    }


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("table", ["releases", "scores"])
def test_reports_cannot_reach_figures_by_any_detour(table):
    for statement in (
        f"SELECT * FROM {table}",
        f"SELECT count(figures) FROM {table}",
        f"SELECT 1 FROM {table} WHERE figures LIKE '%1%'",
        f"SELECT 1 FROM {table} ORDER BY figures",
        f"WITH seen AS (SELECT figures f FROM {table}) SELECT f FROM seen",
        f"SELECT 1 FROM waves WHERE EXISTS (SELECT figures FROM {table})",
    ):
        assert not runs(Door.REPORTS, statement), statement
    assert runs(Door.REPORTS, f"SELECT count(*) FROM {table}")


@pytest.mark.usefixtures("service")
def test_ballot_box_cannot_read_the_answers_in_it():
    for statement in (
        "SELECT * FROM submissions",
        "SELECT count(envelope) FROM submissions",
        "SELECT 1 FROM submissions WHERE envelope IS NULL",
        "SELECT 1 FROM submissions ORDER BY envelope",
        "SELECT 1 FROM waves WHERE EXISTS (SELECT envelope FROM submissions)",
        "UPDATE submissions SET digest = envelope WHERE 1 = 0",
        "UPDATE submissions SET status = status WHERE envelope IS NULL",
        "INSERT INTO submissions SELECT * FROM submissions",
        "DELETE FROM submissions WHERE 1 = 0",
        "INSERT INTO spent_ballots SELECT * FROM spent_ballots",
        "SELECT 1 FROM answers",
    ):
        assert not runs(Door.BALLOT_BOX, statement), statement
    assert runs(Door.BALLOT_BOX, "UPDATE submissions SET envelope = NULL WHERE 1 = 0")


@pytest.mark.usefixtures("service")
def test_the_ballot_box_may_lock_a_wave_but_change_nothing_in_it():
    for column in TABLES["waves"][1:]:
        assert not runs(
            Door.BALLOT_BOX, f"UPDATE waves SET {column} = NULL WHERE 1 = 0"
        )
    if db.engine.dialect.name == "postgresql":
        assert runs(Door.BALLOT_BOX, "SELECT wave_id FROM waves FOR SHARE")
        assert not runs(Door.BALLOT_BOX, "SELECT kid FROM ballot_keys FOR SHARE")


@pytest.mark.postgresql  # roles are PostgreSQL's
def test_the_one_column_that_locking_takes_cannot_be_changed_where_it_matters(
    service,
):
    agency = service.agency({"a": 8})
    agency.announce()

    with (
        pytest.raises(DatabaseError, match="foreign key"),
        transaction(Door.BALLOT_BOX) as session,
    ):
        session.execute(
            text("UPDATE waves SET organization_id = 'x' WHERE organization_id = :o"),
            {"o": agency.id},
        )


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("door", Door)
def test_nothing_is_written_where_only_reading_was_asked_for(door):
    writes = {
        (table, verb): STATEMENTS[verb].format(
            table=table, first=TABLES[table][0], last=TABLES[table][-1]
        )
        for table, grant in GRANTS[door].items()
        for verb in grant.verbs - {"SELECT"}
    }

    assert [
        key for key, sql in writes.items() if runs(door, sql, read_transaction)
    ] == []


@pytest.mark.sqlite  # the authorizer is SQLite's
@pytest.mark.usefixtures("service")
def test_no_door_goes_round_the_authorizer():
    for door in Door:
        for statement in (
            "PRAGMA query_only = 0",
            "PRAGMA table_info(draws)",
            "ATTACH DATABASE ':memory:' AS other",
            "CREATE TABLE planted (a)",
            "CREATE TEMP TABLE planted (a)",
            "CREATE TEMP VIEW planted AS SELECT * FROM draws",
            "SELECT sql FROM sqlite_master",
            "DROP TABLE draws",
            "ALTER TABLE waves RENAME TO planted",
        ):
            assert not runs(door, statement), (door, statement)
