"""The rule on what a reader gets of a team's document, and its laws."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from rapport_service.reports.access import (
    Access,
    decide_access,
    list_ancestors,
    readable_teams,
)

TEAMS = [UUID(int=number) for number in range(1, 7)]
team_sets = st.frozensets(st.sampled_from(TEAMS))
teams = st.sampled_from(TEAMS)
sources = st.none() | teams


@given(team=teams, source=sources, readable=team_sets, ancestors=team_sets)
def test_team_that_is_not_readable_gives_nothing(team, source, readable, ancestors):
    access = decide_access(team, source, readable, ancestors)

    assert (access is Access.NOTHING) == (team not in readable)


@given(team=teams, source=sources, readable=team_sets, ancestors=team_sets)
def test_group_is_shown_if_it_is_around_the_team_today_or_readable(
    team, source, readable, ancestors
):
    access = decide_access(team, source, readable | {team}, ancestors)

    shown = source is None or source in ancestors or source in readable | {team}
    assert access is (Access.WHOLE if shown else Access.STATUS)


@given(
    team=teams, source=sources, readable=team_sets, ancestors=team_sets, more=team_sets
)
def test_more_readable_teams_never_show_less(team, source, readable, ancestors, more):
    order = list(Access)
    fewer = decide_access(team, source, readable, ancestors)

    assert order.index(decide_access(team, source, readable | more, ancestors)) >= (
        order.index(fewer)
    )


@given(today=team_sets, then=st.lists(team_sets))
def test_document_of_several_waves_takes_the_right_to_each(today, then):
    readable = readable_teams(today, then)

    for team in TEAMS:
        in_each = bool(then) and all(team in wave for wave in then)
        assert (team in readable) == (team in today or in_each)


def test_ancestors_are_the_teams_around_a_team():
    root, north, team, other, gone, _ = TEAMS
    parents = {root: None, north: root, team: north, other: root}

    assert list_ancestors(team, parents) == {north, root}
    assert list_ancestors(root, parents) == frozenset()
    assert list_ancestors(gone, parents) == frozenset()
