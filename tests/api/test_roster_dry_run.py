"""``PUT /v1/roster?dry_run=true`` lists changes and makes none."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport_service.agency.roster import load_roster, preview_roster, put_roster
from rapport_service.agency.roster_rules import compare_rosters
from rapport_service.core.db import Door, read_transaction, transaction
from tests.agency.rosters import (
    normalized_roster,
    put_test_roster,
    roster,
    rosters,
    stored_roster,
)
from tests.support.admin import AdminClient, fields_of, program_headers

TREE = {"agency": None, "north": "agency", "south": "agency"}
OVER_THE_SAME_DATABASE = settings(
    max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def agency(service):
    return service.agency({})


@OVER_THE_SAME_DATABASE
@given(pair=st.tuples(rosters(), rosters()))
def test_dry_run_lists_the_changes_of_a_put(agency, pair):
    before, wanted = pair
    put_test_roster(agency, before)
    with read_transaction(Door.POLL_BOOK) as session:
        tried = preview_roster(session, agency.id, wanted)
    assert stored_roster(agency) == normalized_roster(before)

    with transaction(Door.POLL_BOOK) as session:
        done = put_roster(session, agency.id, wanted)

    assert tried == done
    with read_transaction(Door.POLL_BOOK) as session:
        now = load_roster(session, agency.id)
    assert compare_rosters(now, wanted).counts == compare_rosters(wanted, wanted).counts


@given(pair=st.tuples(rosters(), rosters()))
def test_a_difference_seen_from_the_other_side_is_the_same_difference(pair):
    there, back = compare_rosters(*pair), compare_rosters(*reversed(pair))

    for forward, backward in zip(
        there.teams + there.people, back.teams + back.people, strict=True
    ):
        assert (forward.before, forward.after) == (backward.after, backward.before)
        assert forward.before != forward.after


def person(external_id, team):
    return {
        "external_id": external_id,
        "team": team,
        "supervises": [],
        "away": False,
    }


def test_the_reply_shows_rows_in_roster_columns_alone(agency):
    put_test_roster(agency, roster(TREE, {"ann": ("north",), "bob": ("south",)}))
    wanted = {
        "teams": [
            {"external_id": "agency", "name": "Team agency", "parent": None},
            {"external_id": "north", "name": "Intake", "parent": "agency"},
        ],
        "people": [
            {
                "external_id": "ann",
                "team": "north",
                "supervises": ["north"],
                "away": True,
            }
        ],
    }

    reply = AdminClient(agency).put("/v1/roster?dry_run=true", wanted)

    shown = reply.get_json()
    assert {name: shown[name] for name in ("teams", "people", "diff")} == {
        "teams": {"added": 0, "changed": 1, "removed": 1},
        "people": {"added": 0, "changed": 1, "removed": 1},
        "diff": {
            "teams": [
                {
                    "before": {
                        "external_id": "north",
                        "name": "Team north",
                        "parent": "agency",
                    },
                    "after": wanted["teams"][1],
                },
                {
                    "before": {
                        "external_id": "south",
                        "name": "Team south",
                        "parent": "agency",
                    },
                    "after": None,
                },
            ],
            "people": [
                {
                    "before": person("ann", "north"),
                    "after": wanted["people"][0],
                },
                {
                    "before": person("bob", "south"),
                    "after": None,
                },
            ],
            "administrators": [],
            "auditors": [],
        },
    }
    assert {team for team, _, _ in stored_roster(agency)[0]} == set(TREE)


def test_a_program_that_puts_the_roster_may_try_it(service, agency):
    reply = service.http.put(
        "/v1/roster?dry_run=true",
        json={
            "teams": [{"external_id": "agency", "name": "A", "parent": None}],
            "people": [],
        },
        headers=program_headers(service, *agency.client()),
    )

    assert reply.status_code == 200
    assert "diff" in reply.get_json()


def test_dry_run_names_the_same_errors(agency):
    wanted = {"teams": [{"external_id": "a", "name": "A", "parent": "b"}], "people": []}
    admin = AdminClient(agency)

    named = [
        fields_of(admin.put(f"/v1/roster{query}", wanted))
        for query in ("", "?dry_run=true", "?dry_run=false")
    ]

    assert named == [["teams", "teams.0.parent"]] * 3


@pytest.mark.parametrize("query", ["dry_run=yes", "dry_run=", "dryrun=true"])
def test_misspelt_dry_run_is_refused_and_changes_nothing(agency, query):
    before = stored_roster(agency)
    wanted = {
        "teams": [{"external_id": "other", "name": "A", "parent": None}],
        "people": [],
    }

    reply = AdminClient(agency).put(f"/v1/roster?{query}", wanted)

    assert fields_of(reply) == [query.partition("=")[0]]
    assert stored_roster(agency) == before
