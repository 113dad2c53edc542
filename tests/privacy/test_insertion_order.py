from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from rapport_service.migrate import upgrade

WITH_ROW_IDS = {"installation", "alembic_version"}


@pytest.fixture
def schema(tmp_path: Path):
    engine = create_engine(f"sqlite:///{tmp_path}/rapport.db")
    upgrade(engine)
    yield engine
    engine.dispose()


def tables_with_row_ids(engine: Engine) -> set[str]:
    """Tables in which SQLite numbers the rows in the order of their insertion."""
    with engine.connect() as connection:
        rows = connection.execute(text("PRAGMA table_list")).mappings()
        return {
            row["name"]
            for row in rows
            if row["type"] == "table" and not row["wr"] and row["schema"] == "main"
        } - {"sqlite_schema"}


def test_every_table_but_two_is_stored_by_its_key_alone(schema):
    assert tables_with_row_ids(schema) == WITH_ROW_IDS


def test_a_table_made_as_usual_would_be_noticed(schema):
    with schema.begin() as connection:
        connection.execute(text("CREATE TABLE usual (id TEXT PRIMARY KEY)"))

    assert tables_with_row_ids(schema) == WITH_ROW_IDS | {"usual"}


def test_no_key_is_counted_upwards(schema):
    with schema.connect() as connection:
        sequences = connection.execute(
            text("SELECT name FROM sqlite_schema WHERE sql LIKE '%AUTOINCREMENT%'")
        ).all()

    assert sequences == []
