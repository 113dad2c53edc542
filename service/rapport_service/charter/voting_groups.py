"""Electorate of a wave: each eligible person's voting team, and each team's key."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class TeamNode:
    """Team in the tree at the time when the charter was frozen."""

    team_id: UUID
    parent_id: UUID | None
    external_id: str
    name: str


@dataclass(frozen=True)
class RosterMember:
    """Person of the roster: the home team, and the teams they supervise."""

    person_id: UUID
    team_id: UUID
    supervises: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Electorate:
    """Eligible people by voting team, and the teams by the node whose key they use.

    Attributes:
        voting_team: each eligible person's node in the tree.
        eligible: N of each node: everybody eligible at it or below.
        key_node: the node whose key each node's own people vote under; nodes that
            nobody belongs to have none.
        pool: how many people vote under each key.
    """

    voting_team: Mapping[UUID, UUID]
    eligible: Mapping[UUID, int]
    key_node: Mapping[UUID, UUID]
    pool: Mapping[UUID, int]


class TooFewPeopleError(Exception):
    """Fewer people are eligible than the smallest pool needs: no wave is safe.

    Attributes:
        people: how many can answer.
        needed: how many it takes.
    """

    def __init__(self, people: int, needed: int) -> None:
        super().__init__(f"{people} can answer, and it takes {needed}")
        self.people = people
        self.needed = needed


def build_electorate(
    nodes: Iterable[TeamNode], members: Iterable[RosterMember], min_pool: int
) -> Electorate:
    """Group the people and pool the groups, bottom-up.

    A node's pool is its own eligible people plus the pools handed up to it. A pool of
    at least ``min_pool`` gets the node's key; a smaller one goes to the parent. At
    the root, if the pool is still too small, the smallest keyed pools (ties: lowest
    external id) are added until it is not.

    Raises:
        TooFewPeopleError: not even everybody together makes one pool.
    """
    tree = {node.team_id: node for node in nodes}
    order = _bottom_up_order(tree)
    voting_team = {
        member.person_id: home
        for member in members
        if (home := _eligible_node(member, tree)) is not None
    }
    own: dict[UUID, int] = defaultdict(int)
    for home in voting_team.values():
        own[home] += 1
    eligible: dict[UUID, int] = defaultdict(int)
    for team in order:
        eligible[team] += own[team]
        if (parent := tree[team].parent_id) is not None:
            eligible[parent] += eligible[team]
    if len(voting_team) < min_pool:
        raise TooFewPeopleError(len(voting_team), min_pool)
    holders = _pool_groups(tree, order, own, min_pool)
    return Electorate(
        voting_team=voting_team,
        eligible={team: eligible[team] for team in tree},
        key_node={team: key for key, teams in holders.items() for team in teams},
        pool={key: sum(own[team] for team in teams) for key, teams in holders.items()},
    )


def _pool_groups(
    tree: Mapping[UUID, TeamNode],
    order: list[UUID],
    own: Mapping[UUID, int],
    min_pool: int,
) -> dict[UUID, list[UUID]]:
    """Return, for each node with a key, the nodes whose own people vote under it."""

    def size(teams: list[UUID]) -> int:
        return sum(own[team] for team in teams)

    handed_up: dict[UUID, list[UUID]] = defaultdict(list)
    holders: dict[UUID, list[UUID]] = {}
    for team in order:
        pooled = [*([team] if own[team] else []), *handed_up[team]]
        parent = tree[team].parent_id
        if size(pooled) >= min_pool or (parent is None and pooled):
            holders[team] = pooled
        elif parent is not None:
            handed_up[parent] += pooled
    root = order[-1]
    while root in holders and size(holders[root]) < min_pool:
        others = {key: teams for key, teams in holders.items() if key != root}
        holders[root] += holders.pop(_smallest_pool(others, size, tree))
    return holders


def _smallest_pool(
    holders: Mapping[UUID, list[UUID]],
    size: Callable[[list[UUID]], int],
    tree: Mapping[UUID, TeamNode],
) -> UUID:
    return min(holders, key=lambda key: (size(holders[key]), tree[key].external_id))


def _eligible_node(member: RosterMember, tree: Mapping[UUID, TeamNode]) -> UUID | None:
    """Return the home team, or the first node above that is not supervised.

    A supervisor supervises a whole subtree, so the walk goes up past the highest
    supervised node; someone who supervises the root has no group left.
    """
    ancestor: UUID | None = member.team_id
    home = ancestor
    while ancestor is not None:
        node = tree[ancestor]
        if ancestor in member.supervises:
            home = node.parent_id
        ancestor = node.parent_id
    return home


def _bottom_up_order(tree: Mapping[UUID, TeamNode]) -> list[UUID]:
    """Return each node after those below it, siblings by external id, the root last."""
    children: dict[UUID | None, list[UUID]] = defaultdict(list)
    for node in sorted(tree.values(), key=lambda node: node.external_id):
        children[node.parent_id].append(node.team_id)
    order: list[UUID] = []
    stack = list(children[None])
    while stack:
        team = stack.pop()
        order.append(team)
        stack += children[team]
    return order[::-1]
