"""A roster that is put is the agency from then on, however often it is put."""

import pytest
from hypothesis import HealthCheck, given, settings

from rapport_service.agency.administrators import Right, grant_right
from rapport_service.agency.errors import UnknownPersonError
from rapport_service.agency.models import Person, Supervision, Team
from rapport_service.agency.roster import put_roster
from rapport_service.agency.roster_rules import ChangeCounts, roster_document
from rapport_service.agency.service import get_person
from rapport_service.core.db import Door, read_transaction, transaction
from tests.agency.rosters import (
    normalized_roster,
    put_test_roster,
    roster,
    rosters,
    stored_roster,
)
from tests.support.admin import AdminClient, fields_of
from tests.support.concurrency import run_concurrently
from tests.support.rows import rows_of

NOTHING = (ChangeCounts(), ChangeCounts())
TREE = {"agency": None, "north": "agency", "south": "agency"}
OVER_THE_SAME_DATABASE = settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def agency(service):
    return service.agency({})


def ids(table, agency):
    """Every row's own id by its external id, listed or not."""
    return {
        row.external_id: row.team_id if table is Team else row.person_id
        for row in rows_of(table, agency)
    }


@OVER_THE_SAME_DATABASE
@given(wanted=rosters())
def test_roster_put_last_is_the_agency_and_putting_it_again_changes_nothing(
    agency, wanted
):
    before = ids(Team, agency) | ids(Person, agency)

    put_test_roster(agency, wanted)

    assert stored_roster(agency) == normalized_roster(wanted)
    assert put_test_roster(agency, wanted) == NOTHING
    assert stored_roster(agency) == normalized_roster(wanted)
    after = ids(Team, agency) | ids(Person, agency)
    assert before.items() <= after.items()  # nothing ever changes its identity


def test_reply_counts_the_changes(agency):
    token = agency.admin_token()
    put_test_roster(
        agency, roster(TREE, {"ann": ("north",), "bob": ("south",), "cyd": ("south",)})
    )

    reply = agency.service.http.put(
        "/v1/roster",
        json={
            "teams": [
                {"external_id": "agency", "name": "Another name", "parent": None},
                {"external_id": "north", "name": "Team north", "parent": "agency"},
                {"external_id": "west", "name": "Team west", "parent": "north"},
            ],
            "people": [
                {"external_id": "ann", "team": "north"},
                {"external_id": "bob", "team": "north", "supervises": ["west"]},
                {"external_id": "dee", "team": "west"},
                {"external_id": "eve", "team": "west"},
            ],
        },
        headers={"Authorization": f"Bearer {token}"},
    )

    counted = reply.get_json()
    assert {name: counted[name] for name in ("teams", "people")} == {
        "teams": {"added": 1, "changed": 1, "removed": 1},
        "people": {"added": 2, "changed": 1, "removed": 1},
    }


def test_missing_person_or_team_is_no_longer_in_the_agency(agency):
    put_test_roster(
        agency, roster(TREE, {"ann": ("north", "south"), "bob": ("south",)})
    )

    put_test_roster(agency, roster({"agency": None}, {"bob": ("agency",)}))

    with read_transaction(Door.POLL_BOOK) as session, pytest.raises(UnknownPersonError):
        get_person(session, agency.id, "ann")
    assert rows_of(Supervision, agency) == []
    teams = {row.external_id: row.team_id for row in rows_of(Person, agency)}
    assert teams == {"ann": None, "bob": agency.team_id("agency")}
    assert {row.external_id: row.listed for row in rows_of(Team, agency)} == {
        "agency": True,
        "north": False,
        "south": False,
    }


def test_a_team_and_a_person_that_return_are_the_same_as_before(agency):
    everybody = roster(TREE, {"ann": ("north",)})
    put_test_roster(agency, everybody)
    before = ids(Team, agency), ids(Person, agency)
    put_test_roster(agency, roster({"agency": None}))

    changes = put_test_roster(agency, everybody)

    assert changes == (ChangeCounts(added=2), ChangeCounts(added=1))
    assert (ids(Team, agency), ids(Person, agency)) == before


def test_no_roster_makes_an_administrator_and_a_leaver_is_none(agency):
    """Nor does one remove an administrator whom no roster has ever named."""
    with transaction(Door.POLL_BOOK) as session:
        grant_right(session, agency.id, "boss", Right.ADMIN)
        grant_right(session, agency.id, "guest", Right.ADMIN)

    states = []
    everybody = {"boss": ("north",), "ann": ("north",)}
    for people in ({}, everybody, {}, everybody):
        put_test_roster(agency, roster(TREE, people))
        states.append(
            {
                row.external_id: (row.admin, row.listed)
                for row in rows_of(Person, agency)
                if row.external_id != "ann"
            }
        )

    assert states == [
        {"boss": (True, False), "guest": (True, False)},
        {"boss": (True, True), "guest": (True, False)},
        {"boss": (False, False), "guest": (True, False)},
        {"boss": (False, True), "guest": (True, False)},
    ]


def test_a_roster_that_contradicts_itself_changes_nothing(agency):
    before = roster(TREE, {"ann": ("north", "south")})
    put_test_roster(agency, before)

    contradiction = roster({"agency": None, "new": "agency"}, {"bob": ("nowhere",)})

    reply = AdminClient(agency).put("/v1/roster", roster_document(contradiction))

    assert fields_of(reply) == ["people.0.team"]
    assert stored_roster(agency) == normalized_roster(before)


def test_a_put_that_breaks_off_changes_nothing(agency):
    before = roster(TREE, {"ann": ("north", "south")})
    put_test_roster(agency, before)

    def break_off():
        with transaction(Door.POLL_BOOK) as session:
            put_roster(session, agency.id, roster({"agency": None, "new": "agency"}))
            raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        break_off()

    assert stored_roster(agency) == normalized_roster(before)


def test_agencies_with_the_same_names_do_not_touch_each_other(service):
    left, right = service.agency({}), service.agency({})
    put_test_roster(left, roster(TREE, {"ann": ("north", "south")}))

    put_test_roster(right, roster({"north": None}, {"ann": ("north",)}))

    assert stored_roster(left) == normalized_roster(
        roster(TREE, {"ann": ("north", "south")})
    )
    assert not set(ids(Team, left).values()) & set(ids(Team, right).values())


def test_concurrent_rosters_leave_one_of_them_whole(agency):
    for number in range(4):
        rivals = [
            roster(
                {f"{root}{number}": None, "shared": f"{root}{number}"},
                {f"{root}-{n}": ("shared", "shared") for n in range(5)},
            )
            for root in ("left", "right")
        ]

        run_concurrently(
            agency.service,
            *(lambda r=rival: put_test_roster(agency, r) for rival in rivals),
        )

        assert stored_roster(agency) in [normalized_roster(rival) for rival in rivals]
