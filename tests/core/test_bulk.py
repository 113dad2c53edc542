"""Bulk statements write the same rows as statements one by one."""

from uuid import uuid4

import pytest

from rapport_service.agency.models import Person, Team
from rapport_service.core import bulk
from rapport_service.core.bulk import split_rows, upsert_rows
from rapport_service.core.db import Door, transaction
from tests.support.rows import rows_of


@pytest.fixture
def agency(service):
    return service.agency({"a": 1})


def person_row(agency, name, team="a", **columns):
    return {
        "organization_id": agency.id,
        "person_id": uuid4(),
        "external_id": name,
        "team_id": team and agency.team_id(team),
        "admin": False,
        "auditor": False,
        "away": False,
        "listed": True,
        **columns,
    }


def upsert_people(rows, **options):
    with transaction(Door.POLL_BOOK) as session:
        upsert_rows(
            session, Person, rows, key=("organization_id", "external_id"), **options
        )


def people(agency):
    return {
        row.external_id: (row.person_id, row.team_id, row.admin, row.listed)
        for row in rows_of(Person, agency)
    }


@pytest.mark.parametrize("rows", [0, 1, bulk.CHUNK_ROWS, bulk.CHUNK_ROWS + 1])
def test_every_row_is_inserted(agency, rows):
    new = [person_row(agency, f"n-{number}") for number in range(rows)]

    upsert_people(iter(new), updated=("listed",))

    assert people(agency).keys() == {"a-1", *(row["external_id"] for row in new)}


def test_a_row_that_is_there_takes_over_the_named_columns_alone(agency):
    before = people(agency)["a-1"]
    row = person_row(agency, "a-1", team=None, admin=True, listed=False)

    upsert_people([row], updated=("team_id", "listed"))

    assert people(agency)["a-1"] == (before[0], None, False, False)


def test_a_row_that_is_there_stays_where_no_column_is_named(agency):
    before = people(agency)

    upsert_people([person_row(agency, "a-1", team=None, admin=True)])

    assert people(agency) == before


def test_text_of_any_kind_arrives_as_it_is(agency):
    names = ["{a,b}", '"', "\\", "NULL", "ñ", "a'b", "%s", ":x", "🙂", "\t"]

    upsert_people([person_row(agency, name) for name in names])

    assert people(agency).keys() == {"a-1", *names}


def test_a_child_may_come_with_its_parent(agency):
    ids = [uuid4() for _ in range(3)]
    rows = [
        {
            "organization_id": agency.id,
            "team_id": team_id,
            "external_id": f"t-{number}",
            "name": f"T {number}",
            "parent_id": ids[number - 1] if number else None,
            "listed": True,
        }
        for number, team_id in enumerate(ids)
    ]

    with transaction(Door.POLL_BOOK) as session:
        upsert_rows(session, Team, rows, key=("organization_id", "external_id"))

    parents = {row.team_id: row.parent_id for row in rows_of(Team, agency)}
    assert [parents[team_id] for team_id in ids] == [None, *ids[:2]]


def test_rows_are_split_in_their_order():
    rows = list(range(2 * bulk.CHUNK_ROWS + 1))

    chunks = list(split_rows(iter(rows)))

    assert [len(chunk) for chunk in chunks] == [bulk.CHUNK_ROWS] * 2 + [1]
    assert [row for chunk in chunks for row in chunk] == rows
