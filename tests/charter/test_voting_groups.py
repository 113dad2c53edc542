"""Voting groups and their keys: the rules that hide each person among others."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.charter.voting_groups import TooFewPeopleError, build_electorate
from tests.charter.agencies import (
    agencies,
    person,
    staff,
    subtree,
    supervisor,
    team,
    tree,
)


def violations(nodes, members, min_pool, result):
    """Every violation of the rules of an electorate, each rule by itself."""
    below = {node.team_id: subtree(nodes, node.team_id) for node in nodes}
    ancestors = {
        team: sorted(
            (above for above, inside in below.items() if team in inside),
            key=lambda above: len(below[above]),
        )
        for team in below
    }
    own = Counter(result.voting_team.values())
    voters = Counter(result.key_node.get(home) for home in result.voting_team.values())

    def over(member, node):
        return any(node in below[supervised] for supervised in member.supervises)

    for member in members:
        upwards = (at for at in ancestors[member.team_id] if not over(member, at))
        if result.voting_team.get(member.person_id) != next(upwards, None):
            yield f"{member} answers elsewhere than at home or just above their teams"
    if len(result.voting_team) > len({member.person_id for member in members}):
        yield "an unknown person may answer"
    for node, inside in below.items():
        if result.eligible[node] != sum(own[home] for home in inside):
            yield f"N of {node} is not the number of people at it or below"
        if (node in result.key_node) != (own[node] > 0):
            yield f"{node} has people and no key, or a key and no people"
    yield from (
        f"{home} votes under the key of {holder}, which does not contain it"
        for home, holder in result.key_node.items()
        if home not in below[holder]
    )
    if dict(voters) != dict(result.pool):
        yield "a pool is not the number of people who vote under its key"
    yield from (
        f"only {size} people share the key of {holder}"
        for holder, size in result.pool.items()
        if size < min_pool
    )


@given(agencies(), st.integers(5, 25))
def test_every_eligible_person_has_one_key_and_shares_it_with_enough(agency, smallest):
    nodes, members = agency

    try:
        result = build_electorate(nodes, members, smallest)
    except TooFewPeopleError:
        directors = [
            member for member in members if nodes[0].team_id in member.supervises
        ]
        assert len(members) - len(directors) < smallest
    else:
        assert list(violations(nodes, members, smallest, result)) == []


@given(agencies(), st.randoms(use_true_random=False))
def test_the_order_of_a_roster_decides_nothing(agency, random):
    nodes, members = agency
    shuffled = random.sample(nodes, len(nodes)), random.sample(members, len(members))

    try:
        result = build_electorate(nodes, members, 5)
    except TooFewPeopleError:
        return

    assert build_electorate(*shuffled, 5) == result


# An agency of two sections: 1 with the teams 3 and 4, 2 without any.
NODES = tree(0, 0, 1, 1)
MEMBERS = (*staff(0, 0, 8, 8, 8), supervisor(99, 3, 3))
GOOD = build_electorate(NODES, MEMBERS, 8)

FAULTS = {
    "a supervisor stays": replace(
        GOOD, voting_team={**GOOD.voting_team, person(99): team(3)}
    ),
    "a person is left out": replace(
        GOOD,
        voting_team={
            who: at for who, at in GOOD.voting_team.items() if who != person(0)
        },
    ),
    "a person is moved": replace(
        GOOD, voting_team={**GOOD.voting_team, person(0): team(1)}
    ),
    "a stranger answers": replace(
        GOOD, voting_team={**GOOD.voting_team, person(77): team(2)}
    ),
    "an empty node has a key": replace(
        GOOD, key_node={**GOOD.key_node, team(0): team(0)}
    ),
    "a group has no key": replace(
        GOOD, key_node={at: key for at, key in GOOD.key_node.items() if at != team(3)}
    ),
    "a key of another branch": replace(
        GOOD, key_node={**GOOD.key_node, team(3): team(2)}
    ),
    "a small pool": replace(
        GOOD,
        key_node={**GOOD.key_node, team(1): team(1)},
        pool={team(1): 1, team(2): 8, team(3): 8, team(4): 8},
    ),
    "a pool that flatters": replace(GOOD, pool={**GOOD.pool, team(2): 9}),
    "N counts its own people alone": replace(
        GOOD, eligible={**GOOD.eligible, team(0): 0}
    ),
}


def test_the_checks_accept_the_agency_that_is_spoiled_below():
    assert list(violations(NODES, MEMBERS, 8, GOOD)) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_the_checks_notice_a_fault(fault):
    assert list(violations(NODES, MEMBERS, 8, FAULTS[fault])) != []


def test_a_group_that_is_large_enough_has_its_own_key():
    result = build_electorate(tree(0, 0), staff(0, 8, 9), 8)

    assert result.key_node == {team(1): team(1), team(2): team(2)}
    assert result.pool == {team(1): 8, team(2): 9}


def test_small_groups_vote_together_under_the_key_above_them():
    result = build_electorate(tree(0, 0, 1, 1), staff(0, 0, 8, 3, 5), 8)

    assert result.key_node == {
        team(2): team(2),
        team(3): team(1),
        team(4): team(1),
    }
    assert result.pool == {team(2): 8, team(1): 8}
    assert result.eligible[team(1)] == 8


def test_a_small_rest_at_the_root_takes_the_smallest_pool_with_it():
    result = build_electorate(tree(0, 0, 0), staff(2, 9, 8, 10), 8)

    assert result.pool == {team(0): 10, team(1): 9, team(3): 10}
    assert result.key_node[team(2)] == team(0)


def test_rest_takes_the_first_listed_of_two_smallest_pools():
    named = ["root", "zebra", "ant", "horse"]

    result = build_electorate(tree(0, 0, 0, names=named), staff(1, 8, 8, 9), 8)

    assert result.key_node[team(2)] == team(0)
    assert result.pool == {team(0): 9, team(1): 8, team(3): 9}


def test_the_rest_takes_no_more_pools_than_it_needs():
    result = build_electorate(tree(0, 0, 0), staff(1, 9, 9, 9), 10)

    # None of the three is large enough, so they are all at the root already.
    assert result.pool == {team(0): 28}


def test_a_supervisor_answers_one_level_above_what_they_supervise():
    result = build_electorate(
        tree(0, 1), (*staff(0, 8, 8), supervisor(90, 2, 2), supervisor(91, 2, 1)), 8
    )

    assert result.voting_team[person(90)] == team(1)
    assert result.voting_team[person(91)] == team(0)
    assert result.eligible == {team(0): 18, team(1): 17, team(2): 8}


def test_supervisor_of_a_team_elsewhere_answers_at_home():
    result = build_electorate(tree(0, 0), (*staff(0, 8, 8), supervisor(90, 1, 2)), 8)

    assert result.voting_team[person(90)] == team(1)


def test_supervisor_of_the_whole_agency_answers_nowhere():
    result = build_electorate(tree(0), (*staff(0, 8), supervisor(90, 1, 0)), 8)

    assert person(90) not in result.voting_team
    assert result.eligible[team(0)] == 8


@pytest.mark.parametrize("sizes", [(), (7,), (0, 3, 4)])
def test_an_agency_under_the_smallest_pool_has_no_electorate(sizes):
    with pytest.raises(TooFewPeopleError) as few:
        build_electorate(tree(0, 0), staff(*sizes), 8)

    assert (few.value.people, few.value.needed) == (sum(sizes), 8)


def test_an_agency_of_just_the_smallest_pool_votes_under_one_key():
    result = build_electorate(tree(0, 0), staff(0, 3, 5), 8)

    assert result.pool == {team(0): 8}
