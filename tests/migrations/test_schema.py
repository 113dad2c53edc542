import shutil

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Integer, inspect, select, text

from rapport_service import migrate
from rapport_service.core.db import Base, db
from rapport_service.core.installation import Installation
from tests.support.http_phone import content, item, submit
from tests.support.keys import store_keys


def tables():
    return set(inspect(db.engine).get_table_names())


def drift(metadata=Base.metadata):
    """Changes by which the database differs from the models."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        return compare_metadata(context, metadata)


def a_sealed_wave(service):
    """Rows in every table that a wave fills; the agency, and its score."""
    agency = service.agency({"a": 8}, supervises={"boss": ["agency"]})
    agency.client("a")
    wave = agency.announce()
    ballots = [agency.phone(f"a-{n}").draw(wave) for n in range(1, 9)]
    submit(
        service.http, *(item(b, content(form)) for form, b in enumerate(ballots[:6]))
    )
    submit(service.http, *(item(ballot, content()) for ballot in ballots[:2]))
    agency.seal()
    another = agency.phone("a-1").draw(agency.announce())
    submit(service.http, item(another, content()))
    return agency, agency.score(agency.reader_token("boss"), "a")


def test_migrations_have_one_base_and_one_head():
    scripts = migrate._script_directory()

    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1


def test_schema_goes_up_down_and_up_again_without_trace_or_drift(unmigrated):
    migrate.upgrade(db.engine)
    assert drift() == []
    store_keys()
    a_sealed_wave(unmigrated)
    with db.engine.connect() as connection:
        filled = {
            name
            for name, table in Base.metadata.tables.items()
            if connection.execute(select(table).limit(1)).first()
        }
    assert set(Base.metadata.tables) - filled <= {"pulses", "markers", "findings"}

    migrate.downgrade(db.engine, "base")

    assert tables() == {"alembic_version"}
    shutil.rmtree(unmigrated.sealing_folder)  # it belongs to what is gone

    migrate.upgrade(db.engine)

    assert tables() == {*Base.metadata.tables, "alembic_version"}
    assert drift() == []
    store_keys()
    unmigrated.clock.advance(seconds=5)  # a worker looks at the keys that soon
    _, score = a_sealed_wave(unmigrated)
    assert score["status"] == "released"


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(unmigrated):
    migrate.upgrade(db.engine)
    store_keys()
    agency, score = a_sealed_wave(unmigrated)
    with db.engine.connect() as connection:
        epoch = connection.scalar(select(Installation.epoch))

    migrate.upgrade(db.engine)

    with db.engine.connect() as connection:
        assert connection.scalar(select(Installation.epoch)) == epoch
    assert agency.score(agency.reader_token("boss"), "a") == score


@pytest.mark.usefixtures("unmigrated")
def test_a_migration_that_fails_half_way_leaves_nothing():
    with db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE submissions (in_the_way int)"))

    with pytest.raises(Exception, match="already exists"):
        migrate.upgrade(db.engine)

    assert tables() == {"submissions"}


@pytest.mark.usefixtures("unmigrated")
@pytest.mark.parametrize("planted", ["missing column", "extra column", "nullable"])
def test_planted_drift_is_detected(planted):
    migrate.upgrade(db.engine)
    copy = type(Base.metadata)(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.tables.values():
        table.to_metadata(copy)
    if planted == "missing column":
        copy.tables["teams"].append_column(Column("planted", Integer))
    elif planted == "extra column":
        copy.tables["teams"]._columns.remove(copy.tables["teams"].c.listed)
    else:
        copy.tables["teams"].c.listed.nullable = True

    assert drift(copy) != []


@pytest.mark.sqlite  # PostgreSQL is rewritten in key order instead
@pytest.mark.usefixtures("unmigrated")
def test_every_table_but_the_installations_lies_in_key_order_on_sqlite():
    migrate.upgrade(db.engine)
    with db.engine.connect() as connection:
        with_rowid = {
            row.name
            for row in connection.execute(text("PRAGMA table_list"))
            if not row.wr and row.schema == "main" and row.name != "sqlite_schema"
        }

    assert with_rowid == {"installation", "alembic_version"}


@pytest.mark.usefixtures("unmigrated")
def test_every_key_of_an_organizations_table_begins_with_the_organization():
    migrate.upgrade(db.engine)
    schema = inspect(db.engine)

    for name in tables() - {"installation", "data_keys", "alembic_version"}:
        key = schema.get_pk_constraint(name)["constrained_columns"]
        foreign = [k["constrained_columns"] for k in schema.get_foreign_keys(name)]
        unique = [k["column_names"] for k in schema.get_unique_constraints(name)]

        assert {columns[0] for columns in [key, *foreign, *unique]} == {
            "organization_id"
        }, name
