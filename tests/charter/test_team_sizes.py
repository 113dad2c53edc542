"""Teams too small for a score of their own, listed from the roster alone."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.charter.team_sizes import assess_team_sizes
from rapport_service.charter.voting_groups import (
    Membership,
    RosterMember,
    TooFewPeopleError,
    build_electorate,
)
from rapport_service.disclosure.planner import plan
from rapport_service.disclosure.tree import Node, Tree
from tests.charter.agencies import (
    agencies,
    person,
    staff,
    supervisor,
    team,
    tree,
)


def sizes(nodes, members, min_respondents=5, min_pool=6):
    memberships = Counter(Membership(m.team_id, m.supervises, m.away) for m in members)
    return assess_team_sizes(nodes, memberships, min_respondents, min_pool)


def number_of(node):
    return node.team_id.int - 1


def summarize(result):
    """Summary of each listed team, by its number: eligible, needed, whose score."""
    return {
        number_of(small.team): (
            small.eligible,
            small.needed,
            small.answers_with and number_of(small.answers_with),
        )
        for small in result.without_score
    }


def shown_groups(nodes, answers, min_respondents):
    """The teams that a release would show if so many people of each pool answered."""
    reporting = Tree(
        Node(str(n.team_id), n.parent_id and str(n.parent_id), n.external_id)
        for n in nodes
    )
    own = {str(key_node): count for key_node, count in answers.items()}
    return plan(reporting, own, min_respondents, None)


@given(agencies(), st.integers(5, 12), st.integers(5, 12), st.data())
def test_a_team_that_is_listed_never_has_a_score(agency, k, smallest, data):
    nodes, members = agency
    result = sizes(nodes, members, k, smallest)
    try:
        electorate = build_electorate(nodes, members, smallest)
    except TooFewPeopleError:
        assert not result.can_be_asked
        return
    answers = {
        key_node: data.draw(st.integers(0, pool), label=f"answers of {key_node}")
        for key_node, pool in electorate.pool.items()
    }

    shown = shown_groups(nodes, answers, k)

    assert result.can_be_asked
    assert not shown & {str(small.team.team_id) for small in result.without_score}


@given(agencies(), st.integers(5, 12))
def test_every_other_team_has_a_score_if_everybody_answers(agency, smallest):
    """With pools of at least k, size keeps exactly the teams listed from a score."""
    nodes, members = agency
    try:
        electorate = build_electorate(nodes, members, smallest)
    except TooFewPeopleError:
        return

    shown = shown_groups(nodes, electorate.pool, 5)
    small = {
        str(each.team.team_id)
        for each in sizes(nodes, members, 5, smallest).without_score
    }

    assert shown == {str(node.team_id) for node in nodes} - small


@given(agencies(), st.integers(5, 12), st.integers(5, 12))
def test_answers_of_a_small_team_are_in_the_score_that_is_named(agency, k, smallest):
    nodes, members = agency
    try:
        electorate = build_electorate(nodes, members, smallest)
    except TooFewPeopleError:
        return
    reporting = Tree(
        Node(str(n.team_id), n.parent_id and str(n.parent_id), n.external_id)
        for n in nodes
    )

    for small in sizes(nodes, members, k, smallest).without_score:
        if small.answers_with is None:
            assert small.eligible == 0 or len(electorate.voting_team) < k
            continue
        named = set(reporting.subtree(str(small.answers_with.team_id)))
        inside = set(reporting.subtree(str(small.team.team_id)))
        for home in set(electorate.voting_team.values()):
            if str(home) in inside:
                assert str(electorate.key_node[home]) in named


def test_a_small_team_answers_with_its_neighbours_in_the_score_above():
    """Region 1 has the teams 2, 3 and 4; 4 alone is large enough."""
    result = sizes(tree(0, 1, 1, 1), staff(0, 0, 4, 3, 9))

    assert summarize(result) == {2: (4, 6, 1), 3: (3, 6, 1)}
    south, north = result.without_score
    assert [number_of(node) for node in result.list_sharing_key(south)] == [3]
    assert [number_of(node) for node in result.list_sharing_key(north)] == [2]
    assert {small.reason for small in result.without_score} == {"too_small"}


def test_answers_pass_over_a_team_above_that_they_do_not_count_in():
    """Team 1 has a score by team 3; the four of team 2 vote under the agency's key."""
    result = sizes(tree(0, 1, 1), staff(6, 0, 4, 20))

    assert summarize(result) == {2: (4, 6, 0)}


def test_a_team_that_fills_up_the_agencys_own_group_has_no_score():
    result = sizes(tree(0, 0), staff(3, 6, 7))

    assert summarize(result) == {1: (6, 6, 0)}
    (small,) = result.without_score
    assert (small.reason, small.voting_above) == ("joins_larger_team", 6)


def test_a_team_with_a_key_of_its_own_needs_enough_people_for_a_score():
    result = sizes(tree(0, 0), staff(0, 8, 12), min_respondents=10)

    assert summarize(result) == {1: (8, 10, 0)}
    (small,) = result.without_score
    assert (small.voting_above, small.key_node) == (0, None)


def test_supervisors_who_answer_above_are_counted_where_they_are_missing():
    """Two lead team 1; with them it would have six people."""
    leads = [supervisor(90, 1, 1), supervisor(91, 1, 1)]

    result = sizes(tree(0, 0), (*staff(0, 4, 9), *leads))

    assert {
        number_of(small.team): (small.eligible, small.supervisors)
        for small in result.without_score
    } == {1: (4, 2)}


def test_people_who_are_away_are_not_eligible():
    away = [RosterMember(person(90 + n), team(1), away=True) for n in range(5)]

    result = sizes(tree(0, 0), (*staff(6, 5, 9), *away))

    assert summarize(result) == {1: (5, 6, 0)}
    assert result.without_score[0].supervisors == 0
    assert result.eligible == 20


def test_a_team_without_people_answers_with_no_other():
    result = sizes(tree(0, 0), (*staff(0, 0, 9), supervisor(90, 1, 1)))

    # Its one person leads it and answers for the agency, which is too small alone.
    assert summarize(result) == {1: (0, 6, None), 2: (9, 6, 0)}


@pytest.mark.parametrize("people", [(), (5,), (0, 3, 2)])
def test_an_agency_that_is_too_small_has_no_score_at_all(people):
    result = sizes(tree(0, 0), staff(*people))

    assert (result.can_be_asked, result.eligible) == (False, sum(people))
    assert {answers_with for *_, answers_with in summarize(result).values()} == {None}
    assert len(result.without_score) == 3


def test_an_agency_without_a_roster_cannot_be_asked():
    result = sizes((), ())

    assert (result.can_be_asked, result.without_score) == (False, ())
