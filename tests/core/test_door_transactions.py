from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from rapport_service.agency.models import Organization
from rapport_service.agency.service import create_organization
from rapport_service.core.db import Door, db, read_transaction, transaction

LOOK = text("SELECT person_id FROM draws WHERE 1 = 0")


class PlantedError(Exception):
    """Raised on purpose in the middle of a use case."""


@pytest.fixture
def one_connection(service):
    """A pool of one connection, so that use cases share it one by one."""
    db.engine.dispose()
    yield service
    assert db.engine.pool.checkedin() == 1
    assert db.engine.pool.checkedout() == 0


def acts_as_login():
    """Whether the pooled connection, outside of every door, acts as the login."""
    with db.engine.connect() as connection:
        connection.execute(LOOK)  # refused to a connection still behind another door
        if connection.dialect.name == "sqlite":
            return connection.scalar(text("SELECT 1 FROM sqlite_master")) == 1
        return connection.scalar(text("SELECT current_user = session_user"))


def raw():
    """The driver's own connection that the pool hands out next."""
    with db.engine.connect() as connection:
        return connection.connection.dbapi_connection


@pytest.mark.postgresql  # roles are PostgreSQL's
@pytest.mark.usefixtures("service")
def test_inside_a_transaction_the_login_acts_as_the_door():
    for door in Door:
        for behind in (transaction, read_transaction):
            with behind(door) as session:
                acting, login = session.execute(
                    text("SELECT current_user, session_user")
                ).one()

            assert (acting, login) == (door.value, "postgres")


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("behind", [transaction, read_transaction])
def test_the_role_ends_with_the_transaction(behind):
    before = raw()
    for door in Door:
        with behind(door) as session:
            session.execute(text("SELECT wave_id FROM waves WHERE 1 = 0"))

        assert acts_as_login()
    assert raw() is before


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("behind", [transaction, read_transaction])
def test_the_role_ends_with_an_exception_too(behind):
    before = raw()

    with pytest.raises(PlantedError), behind(Door.BALLOT_BOX):
        raise PlantedError

    assert acts_as_login()
    assert raw() is before


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("behind", [transaction, read_transaction])
def test_the_role_ends_with_a_refusal_of_the_database_too(behind):
    with pytest.raises(DatabaseError), behind(Door.BALLOT_BOX) as session:
        session.execute(LOOK)

    assert acts_as_login()


@pytest.mark.usefixtures("one_connection")
def test_an_exception_leaves_nothing_written():
    with (
        suppress(PlantedError),
        transaction(Door.POLL_BOOK) as session,
    ):
        create_organization(session, "undone", "Undone", "UTC", 5, 8)
        raise PlantedError

    with read_transaction(Door.POLL_BOOK) as session:
        assert session.get(Organization, "undone") is None


@pytest.mark.usefixtures("one_connection")
def test_pending_row_is_written_behind_the_same_door():
    with (
        pytest.raises(DatabaseError),
        transaction(Door.BALLOT_BOX) as session,
    ):
        session.add(
            Organization(
                organization_id="planted",
                name="By the wrong door",
                time_zone="UTC",
                min_respondents=5,
                min_pool=8,
            )
        )

    with read_transaction(Door.POLL_BOOK) as session:
        assert session.get(Organization, "planted") is None
    assert acts_as_login()


@pytest.mark.usefixtures("one_connection")
def test_a_statement_prepared_behind_one_door_is_refused_behind_another():
    before = raw()
    with transaction(Door.POLL_BOOK) as session:
        for _ in range(10):  # often enough for any cache of prepared statements
            session.execute(LOOK)

    with pytest.raises(DatabaseError), transaction(Door.BALLOT_BOX) as session:
        session.execute(LOOK)

    with transaction(Door.POLL_BOOK) as session:
        session.execute(LOOK)
    assert raw() is before


@pytest.mark.postgresql  # roles are PostgreSQL's
@pytest.mark.usefixtures("service")
def test_a_door_cannot_be_left_from_inside_by_a_statement_that_goes_on():
    """A role can be laid down by SQL; our statements are never put together from text.

    What can be promised is that each use case starts behind its own door, whatever the
    use case before did on the connection.
    """
    db.engine.dispose()
    with transaction(Door.POLL_BOOK) as session:
        session.execute(text("SET LOCAL ROLE rapport_seal"))

    with pytest.raises(DatabaseError), transaction(Door.BALLOT_BOX) as session:
        session.execute(LOOK)

    assert acts_as_login()


def test_reader_sees_one_snapshot_and_blocks_no_writer(service):
    with read_transaction(Door.POLL_BOOK) as before:
        assert before.get(Organization, f"m{id(service)}"[:20]) is None
        with transaction(Door.POLL_BOOK) as session:
            create_organization(
                session, f"m{id(service)}"[:20], "Meanwhile", "UTC", 5, 8
            )

        assert before.get(Organization, f"m{id(service)}"[:20]) is None

    with read_transaction(Door.POLL_BOOK) as after:
        assert after.get(Organization, f"m{id(service)}"[:20]) is not None


@pytest.mark.usefixtures("service")
def test_a_planted_role_that_does_not_end_is_noticed():
    db.engine.dispose()
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            left = connection.connection.dbapi_connection
            left.set_authorizer(lambda *_: 1)
        else:
            connection.execute(text("SET ROLE rapport_ballot_box"))
            connection.commit()

    with pytest.raises(DatabaseError):
        acts_as_login()

    db.engine.dispose()
