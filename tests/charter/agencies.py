"""Agencies on paper: trees and people, by hand and at random."""

from uuid import UUID

from hypothesis import strategies as st

from rapport_service.charter.voting_groups import RosterMember, TeamNode

TEAM, PERSON = 0, 1 << 64


def team(number):
    return UUID(int=TEAM + number + 1)


def person(number):
    return UUID(int=PERSON + number + 1)


def tree(*parents, names=None):
    """Nodes 1, 2, ... under the given parents, below the root 0."""
    names = names or [f"team-{number}" for number in range(len(parents) + 1)]
    return tuple(
        TeamNode(
            team(number),
            None if parent is None else team(parent),
            names[number],
            f"Team {names[number]}",
        )
        for number, parent in enumerate((None, *parents))
    )


def staff(*sizes):
    """So many people in team 0, 1, 2, ..., none of them a supervisor."""
    homes = [home for home, size in enumerate(sizes) for _ in range(size)]
    return tuple(RosterMember(person(n), team(home)) for n, home in enumerate(homes))


def supervisor(number, home, *over):
    return RosterMember(person(number), team(home), frozenset(map(team, over)))


def subtree(nodes, root):
    """The root and all nodes below it, by walking up from each."""
    parents = {node.team_id: node.parent_id for node in nodes}
    inside = set()
    for node in nodes:
        ancestor = node.team_id
        while ancestor not in {None, root}:
            ancestor = parents[ancestor]
        if ancestor == root:
            inside.add(node.team_id)
    return inside


@st.composite
def agencies(draw):
    """A tree of up to nine teams and up to sixty people, some of them supervisors."""
    size = draw(st.integers(1, 9))
    parents = [draw(st.integers(0, child - 1)) for child in range(1, size)]
    names = draw(st.permutations([f"team-{number}" for number in range(size)]))
    nodes = tree(*parents, names=names)
    some_team = st.integers(0, size - 1)
    people = draw(
        st.lists(
            st.tuples(
                some_team,
                st.just(()) | st.just(()) | st.lists(some_team, max_size=2),
            ),
            max_size=60,
        )
    )
    members = tuple(
        supervisor(number, home, *over) for number, (home, over) in enumerate(people)
    )
    return nodes, members
