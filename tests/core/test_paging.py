"""Pages follow a list's order while rows come and go, on both engines."""

from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from rapport_service.agency.models import Person
from rapport_service.agency.people import load_people
from rapport_service.core.db import Door, db, read_transaction
from rapport_service.core.paging import (
    WHOLE_LIST,
    PageRequest,
    cut_page,
    select_page,
    slice_page,
)
from rapport_service.waves.planning import list_waves
from tests.support.rows import rows_of

NAMES = ("e-1", "E-1", "e1", "e 2", "é", "z", "Z", "ñandú", "10", "9", "_", "🌾")
"""External ids that engines and languages sort in different ways."""

INDEXES = st.sets(st.integers(0, len(NAMES) - 1))
STEPS = st.lists(st.tuples(st.integers(1, 5), INDEXES), min_size=1, max_size=8)
"""For each page: its limit, and who is in the roster when it is read."""


@pytest.fixture(scope="module")
def agency(service_session):
    """An agency with a person for each name; tests let them come and go."""
    service_session.clock.reset()
    agency = service_session.agency({})
    team = agency.team_id("agency")
    with Session(db.engine) as session, session.begin():
        session.add_all(
            Person(
                organization_id=agency.id,
                person_id=uuid4(),
                external_id=name,
                team_id=team,
                admin=False,
                listed=True,
            )
            for name in NAMES
        )
    return agency


def put_people(agency, names):
    """Lets these people be in the roster, and no others."""
    with Session(db.engine) as session, session.begin():
        session.execute(
            update(Person)
            .where(Person.organization_id == agency.id)
            .values(listed=Person.external_id.in_(names))
        )


def read_page(agency, wanted):
    with read_transaction(Door.POLL_BOOK) as session:
        page = load_people(session, agency.id, wanted=wanted)
    return [place.external_id for place in page.rows], page.last_key


@pytest.fixture
def order(service, agency):
    """All names in the order of the database."""
    del service  # whose context it is
    put_people(agency, NAMES)
    names, last_key = read_page(agency, WHOLE_LIST)
    assert (sorted(names), last_key) == (sorted(NAMES), None)
    return names


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_page_has_the_next_rows_that_are_there_when_it_is_read(agency, order, steps):
    """A person who stays is listed once; one who comes, if their place is ahead."""
    after, passed = None, 0

    for limit, indexes in steps:
        present = {NAMES[index] for index in indexes}
        put_people(agency, present)
        following = [name for name in order[passed:] if name in present]

        names, last_key = read_page(agency, PageRequest(limit, after))

        assert names == following[:limit]
        assert (last_key is None) == (len(following) <= limit)
        if last_key is None:
            break
        after, passed = last_key, order.index(names[-1]) + 1


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limits=st.lists(st.integers(1, 5), min_size=len(NAMES), max_size=len(NAMES)))
def test_pages_of_any_lengths_are_together_the_whole_list(agency, order, limits):
    listed, after = [], None

    for limit in limits:
        names, after = read_page(agency, PageRequest(limit, after))
        listed += names
        if after is None:
            break

    assert listed == order


def test_waves_that_are_announced_at_the_same_time_are_in_the_order_of_their_ids(
    agency, service
):
    planned = {agency.plan(opens_in=1 + 7 * number) for number in range(3)}
    service.clock.advance(days=30)
    planned |= {agency.plan(opens_in=1 + 7 * number) for number in range(3)}
    listed, after = [], None

    with read_transaction(Door.POLL_BOOK) as session:
        whole = list_waves(session, agency.id).rows
        while after is not None or not listed:
            page = list_waves(session, agency.id, PageRequest(1, after))
            listed += page.rows
            after = page.last_key

    assert {wave.public_id for wave in listed} >= planned
    assert [wave.wave_id for wave in listed] == [wave.wave_id for wave in whole]
    keys = [(wave.announces_at, wave.wave_id) for wave in listed]
    assert all(earlier < later for earlier, later in pairwise(keys))


@pytest.mark.usefixtures("order")
def test_descending_pages_are_the_reverse_of_the_ascending_list(agency):
    people = select(Person).where(Person.organization_id == agency.id, Person.listed)
    listed, wanted = [], PageRequest(5)

    with read_transaction(Door.POLL_BOOK) as session:
        for _ in range(3):
            statement = select_page(
                people, (Person.external_id,), wanted, descending=True
            )
            page = cut_page(
                session.scalars(statement).all(), wanted, lambda row: (row.external_id,)
            )
            listed += page.rows
            wanted = PageRequest(5, page.last_key)
        ascending = session.scalars(people.order_by(Person.external_id)).all()

    assert page.last_key is None
    assert listed == ascending[::-1]
    assert len(listed) == len(rows_of(Person, agency))


@given(
    rows=st.lists(st.integers(), unique=True),
    limits=st.lists(st.integers(1, 5), min_size=30, max_size=30),
)
def test_pages_of_rows_in_memory_are_together_the_sorted_list(rows, limits):
    listed, wanted = [], PageRequest(1)

    for limit in limits:
        page = slice_page(rows, PageRequest(limit, wanted.after), lambda row: (row,))
        listed += page.rows
        wanted = PageRequest(limit, page.last_key)
        if page.last_key is None:
            break

    assert listed == sorted(rows)[: len(listed)]
    assert page.last_key is not None or len(listed) == len(rows)
