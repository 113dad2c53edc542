"""Errors of a roster that is not one tree with its people, each by its field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_schemas.errors import ErrorCode, FieldError
from rapport_service.agency.roster_rules import (
    MAX_LEVELS,
    Roster,
    RosterPerson,
    RosterTeam,
    validate_roster,
)
from tests.agency.rosters import roster, rosters

ROOT = (
    ErrorCode.NOT_ONE_ROOT,
    "must have exactly one team without a parent, which is the agency itself",
)
UNKNOWN = (ErrorCode.UNKNOWN_TEAM, "names no team of this roster")
CYCLE = (ErrorCode.CYCLE, "must not lead back to the team itself")
REPEATED = (ErrorCode.REPEATED, "must not be the id of an earlier row")
DEEP = (ErrorCode.TOO_DEEP, "must not put it more than 20 levels below the agency")


def teams_of(*pairs):
    return Roster(tuple(RosterTeam(name, name, parent) for name, parent in pairs), ())


INVALID_ROSTERS = {
    "no root": (
        teams_of(("a", "b"), ("b", "a")),
        [("/teams", ROOT), ("/teams/0/parent", CYCLE), ("/teams/1/parent", CYCLE)],
    ),
    "two roots": (teams_of(("a", None), ("b", None)), [("/teams", ROOT)]),
    "a cycle apart from the tree": (
        teams_of(("a", None), ("b", "d"), ("c", "b"), ("d", "c"), ("e", "d")),
        [(f"/teams/{n}/parent", CYCLE) for n in (1, 2, 3)],
    ),
    "a team under itself": (
        teams_of(("a", None), ("b", "b")),
        [("/teams/1/parent", CYCLE)],
    ),
    "an unknown parent": (
        teams_of(("a", None), ("b", "x")),
        [("/teams/1/parent", UNKNOWN)],
    ),
    "a team twice": (
        teams_of(("a", None), ("b", "a"), ("b", "a")),
        [("/teams/2/external_id", REPEATED)],
    ),
    "a person twice": (
        Roster(
            (RosterTeam("a", "A", None),),
            (RosterPerson("ann", "a"), RosterPerson("ann", "a")),
        ),
        [("/people/1/external_id", REPEATED)],
    ),
    "people of no team": (
        roster({"a": None}, {"ann": ("a",), "bob": ("x", "a", "y")}),
        [("/people/1/team", UNKNOWN), ("/people/1/supervises/1", UNKNOWN)],
    ),
    "a chain of one level too many, and one more": (
        teams_of(*((f"t{n}", f"t{n - 1}" if n else None) for n in range(23))),
        [
            ("/teams/21/parent", DEEP),
        ],
    ),
    "names in another case": (
        roster({"a": None}, {"ann": ("A",)}),
        [("/people/0/team", UNKNOWN)],
    ),
}


@pytest.mark.parametrize("case", INVALID_ROSTERS)
def test_error_is_named_by_its_field_and_rule(case):
    roster, errors = INVALID_ROSTERS[case]

    assert validate_roster(roster) == [
        FieldError(pointer, *rule) for pointer, rule in errors
    ]


def test_every_error_is_named_not_only_the_first(service):
    agency = service.agency({})
    reply = agency.service.http.put(
        "/v1/roster",
        json={
            "teams": [
                {"external_id": "a", "name": "A", "parent": None},
                {"external_id": "b", "name": "B", "parent": "x"},
            ],
            "people": [{"external_id": "ann", "team": "y", "supervises": ["z"]}],
        },
        headers={"Authorization": f"Bearer {agency.admin_token()}"},
    )

    assert reply.status_code == 422
    assert reply.get_json()["errors"] == [
        {"pointer": pointer, "code": "unknown-team", "detail": UNKNOWN[1]}
        for pointer in ("/teams/1/parent", "/people/0/team", "/people/0/supervises/0")
    ]


def test_errors_beyond_the_first_thousand_are_counted(
    service,
):
    agency = service.agency({})
    people = [{"external_id": f"p{n}", "team": "nowhere"} for n in range(1003)]

    reply = agency.service.http.put(
        "/v1/roster",
        json={
            "teams": [{"external_id": "a", "name": "A", "parent": None}],
            "people": people,
        },
        headers={"Authorization": f"Bearer {agency.admin_token()}"},
    )

    problem = reply.get_json()
    assert [error["pointer"] for error in problem["errors"]] == [
        f"/people/{n}/team" for n in range(1000)
    ]
    assert problem["more_errors"] == 3


def test_tree_with_the_most_levels_is_valid():
    chain = [(str(n), str(n - 1) if n else None) for n in range(MAX_LEVELS + 1)]

    assert validate_roster(teams_of(*chain)) == []


def test_tree_of_any_depth_is_validated_in_no_time():
    chain = [(str(n), str(n - 1) if n else None) for n in range(20_000)]

    assert len(validate_roster(teams_of(*chain))) == 1
    assert validate_roster(teams_of(*chain[1:], ("0", "19999"))) != []


@given(rosters())
def test_one_tree_with_its_people_has_no_errors(wanted):
    assert validate_roster(wanted) == []


@given(
    st.lists(
        st.tuples(st.sampled_from("abcde"), st.none() | st.sampled_from("abcdef")),
        min_size=1,
        max_size=6,
    )
)
def test_teams_are_valid_exactly_when_each_leads_to_the_one_root(pairs):
    parents = dict(pairs)
    roots = [name for name, parent in pairs if parent is None]

    def leads_to_the_root(name):
        for _ in pairs:
            name = parents.get(name) or name
        return name in roots

    is_one_tree = (
        len(parents) == len(pairs)
        and len(roots) == 1
        and all(leads_to_the_root(name) for name in parents)
    )
    assert (validate_roster(teams_of(*pairs)) == []) == is_one_tree
