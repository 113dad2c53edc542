"""Every migration goes up, down and up again, and ends at what the models say."""

import itertools

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from rapport_service.app import create_app
from rapport_service.core.db import db
from rapport_service.core.settings import Settings
from rapport_service.migrate import downgrade, revisions, upgrade
from tests.support.gunicorn import SECRET

_numbers = itertools.count(1)

NOW = "'2027-03-01 12:00:00+00:00'"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """A service on an empty database of its own, on each engine."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/rapport.db"
    else:
        server = request.getfixturevalue("postgresql")
        url = server.create_database(f"migrations_{next(_numbers)}")
    with create_app(Settings(secret=SECRET, database_url=url)).app_context():
        yield
        db.engine.dispose()


def differences():
    with db.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), db.metadata)


@pytest.mark.usefixtures("empty")
def test_up_down_and_up_again_is_what_the_models_say():
    upgrade(db.engine)
    assert differences() == []

    downgrade(db.engine, "base")
    assert revisions(db.engine)[0] is None
    upgrade(db.engine)

    assert differences() == []


@pytest.mark.usefixtures("empty")
def test_clients_from_before_scopes_keep_what_they_could_do():
    upgrade(db.engine, "0001")
    with db.engine.execution_options(writes=True).begin() as connection:
        for line in (
            "INSERT INTO organizations VALUES ('acme', 'Acme', 'UTC', 5, 8)",
            "INSERT INTO teams (organization_id, team_id, external_id, name, listed)"
            " VALUES ('acme', '{1}', 'a', 'A', true)",
            "INSERT INTO clients VALUES ('acme', '{2}', 'limited', false)",
            "INSERT INTO clients VALUES ('acme', '{3}', 'free', false)",
            "INSERT INTO client_teams VALUES ('acme', '{2}', '{1}')",
        ):
            connection.execute(text(line.format(*(f"{n:032x}" for n in range(4)))))

    upgrade(db.engine)

    with db.engine.connect() as connection:
        rows = connection.execute(text("SELECT name, scopes FROM clients")).all()
    assert dict(map(tuple, rows)) == {"limited": "reports", "free": "reports roster"}


def boxes():
    """The ballot box's two tables as they are, in the order of their keys."""
    with db.engine.connect() as connection:
        return [
            connection.execute(
                text(f"SELECT ballot_hash, digest, content FROM {table} ORDER BY 1, 2")
            ).all()
            for table in ("submissions", "conflicts")
        ]


@pytest.mark.usefixtures("empty")
def test_two_other_contents_are_kept_on_the_way_up_and_no_tombstone_on_the_way_down():
    upgrade(db.engine, "0002")
    first, other = b"1" * 32, b"2" * 32
    with db.engine.execution_options(writes=True).begin() as connection:
        for line in (
            "INSERT INTO organizations VALUES ('acme', 'Acme', 'UTC', 5, 8)",
            "INSERT INTO waves (organization_id, wave_id, state, announces_at,"
            " opens_at, closes_at, seals_at, late_at_1, late_at_2, retires_at,"
            " keep_seconds)"
            f" VALUES ('acme', '{1:032x}', 'open', {', '.join([NOW] * 7)}, 60)",
            "INSERT INTO ballot_keys"
            f" VALUES ('acme', 'acme.k', '{1:032x}', '{2:032x}', '{{}}')",
        ):
            connection.execute(text(line))
        for hashed in (first, other):
            connection.execute(
                text(
                    "INSERT INTO submissions (organization_id, kid, ballot_hash,"
                    " digest, standing, content)"
                    " VALUES ('acme', 'acme.k', :h, 'd', 'held', :c)"
                ),
                {"h": hashed, "c": b"said"},
            )
        for hashed, digest in [(first, "a"), (first, "b"), (first, "c"), (other, "a")]:
            connection.execute(
                text("INSERT INTO conflicts VALUES ('acme', 'acme.k', :h, :d, :c)"),
                {"h": hashed, "d": digest, "c": b"other"},
            )

    upgrade(db.engine, "0003")

    said = [(first, "d", b"said"), (other, "d", b"said")]
    kept = [(first, "a", b"other"), (first, "b", b"other"), (other, "a", b"other")]
    assert boxes() == [said, kept]
    with db.engine.execution_options(writes=True).begin() as connection:
        connection.execute(
            text(
                "UPDATE submissions SET standing = 'withdrawn', digest = NULL,"
                " content = NULL WHERE ballot_hash = :h"
            ),
            {"h": other},
        )

    downgrade(db.engine, "0002")

    assert boxes() == [said[:1], kept]
