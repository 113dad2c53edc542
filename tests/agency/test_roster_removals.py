"""Guard against half a roster: who removes many people confirms their number."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.agency.errors import RemovalsUnconfirmedError
from rapport_service.agency.roster_rules import (
    compare_rosters,
    removals_to_confirm,
    require_confirmed_removals,
)
from tests.agency.rosters import roster, stored_roster
from tests.support.admin import AdminClient, code_of

TEAMS = {"agency": None}


def people(*numbers):
    """A roster of one team and the people of these numbers."""
    return roster(TEAMS, {f"p-{number}": ("agency",) for number in numbers})


def document(*numbers):
    return {
        "teams": [{"external_id": "agency", "name": "A", "parent": None}],
        "people": [{"external_id": f"p-{n}", "team": "agency"} for n in numbers],
    }


# The rule.


@given(before=st.integers(0, 300), removed=st.integers(0, 300), new=st.integers(0, 30))
def test_more_than_ten_and_more_than_a_tenth_must_be_confirmed(before, removed, new):
    removed = min(before, removed)
    diff = compare_rosters(
        people(*range(before)), people(*range(removed, before), *range(-new, 0))
    )

    is_many = removed > 10 and removed > before / 10

    assert removals_to_confirm(diff) == (removed if is_many else 0)


@pytest.mark.parametrize(
    ("before", "removed", "to_confirm"),
    [(8, 8, 0), (12, 10, 0), (12, 11, 11), (100, 10, 0), (119, 11, 0), (109, 11, 11)],
)
def test_the_boundary_is_ten_people_or_a_tenth_of_them(before, removed, to_confirm):
    diff = compare_rosters(people(*range(before)), people(*range(removed, before)))

    assert removals_to_confirm(diff) == to_confirm


def test_people_who_change_or_join_need_no_confirmation():
    before = roster({"a": None, "b": "a"}, {f"p-{n}": ("a",) for n in range(50)})
    after = roster({"a": None, "b": "a"}, {f"p-{n}": ("b", "b") for n in range(99)})

    assert removals_to_confirm(compare_rosters(before, after)) == 0


@pytest.mark.parametrize("confirmed", [None, 0, 29, 31, 100])
def test_only_the_very_number_confirms(confirmed):
    diff = compare_rosters(people(*range(100)), people(*range(30, 100)))

    with pytest.raises(RemovalsUnconfirmedError) as refused:
        require_confirmed_removals(diff, confirmed)
    assert (refused.value.removals, refused.value.people) == (30, 100)

    require_confirmed_removals(diff, 30)


# The API.


@pytest.fixture
def agency(service):
    return service.agency({})


@pytest.fixture
def admin(agency):
    """An administrator of an agency with a hundred people."""
    admin = AdminClient(agency)
    reply = admin.put("/v1/roster", document(*range(100)))
    assert reply.get_json()["people"]["added"] == 100  # the first put needs nothing
    return admin


@pytest.mark.parametrize("content_type", ["application/json", "text/csv"])
def test_half_a_file_is_refused_and_changes_nothing(agency, admin, content_type):
    before = stored_roster(agency)
    rows = ["kind,external_id,name,team,supervises", "team,agency,A,,"]
    rows += [f"person,p-{number},,agency," for number in range(50)]
    half = {
        "application/json": json.dumps(document(*range(50))),
        "text/csv": "\n".join(rows),
    }

    reply = admin.http.put(
        "/v1/roster",
        data=half[content_type],
        content_type=content_type,
        headers=admin.headers,
    )

    assert reply.status_code == 409
    assert code_of(reply) == "removals-unconfirmed"
    assert reply.get_json()["removals"] == 50
    assert "50 of your 100 people" in reply.get_json()["detail"]
    assert "with confirm_removals=50." in reply.get_json()["detail"]
    assert stored_roster(agency) == before


def test_confirmed_removals_are_made_and_the_request_can_be_repeated(agency, admin):
    left = document(*range(50, 100))

    replies = [
        admin.put("/v1/roster?confirm_removals=50", left).get_json() for _ in range(2)
    ]

    assert [reply["people"]["removed"] for reply in replies] == [50, 0]
    assert len(stored_roster(agency)[1]) == 50


@pytest.mark.parametrize("number", [0, 49, 51])
def test_another_number_confirms_nothing(agency, admin, number):
    path = f"/v1/roster?confirm_removals={number}"

    reply = admin.put(path, document(*range(50, 100)))

    assert reply.get_json()["removals"] == 50
    assert len(stored_roster(agency)[1]) == 100


def test_a_tenth_of_the_people_may_go_unconfirmed(agency, admin):
    assert admin.put("/v1/roster", document(*range(10, 100))).status_code == 200
    assert len(stored_roster(agency)[1]) == 90


def test_a_dry_run_is_not_refused_and_counts_the_removals(agency, admin):
    reply = admin.put("/v1/roster?dry_run=true", document())

    assert reply.get_json()["people"]["removed"] == 100
    assert len(stored_roster(agency)[1]) == 100


@pytest.mark.parametrize(
    "number", ["-1", "half", "", "5.5", "+5", "5 ", "%D9%A5", "200001"]
)
def test_a_number_that_can_be_none_is_invalid(admin, number):
    reply = admin.put(f"/v1/roster?confirm_removals={number}", document())

    assert reply.status_code == 422
    assert reply.get_json()["errors"][0]["parameter"] == "confirm_removals"
