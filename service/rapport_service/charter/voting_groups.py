"""Electorate of a wave: each eligible person's voting team, and each team's key."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
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
    """Person of the roster: home team, teams they supervise, whether they are away."""

    person_id: UUID
    team_id: UUID
    supervises: frozenset[UUID] = frozenset()
    away: bool = False


class Membership(NamedTuple):
    """Place in the roster that decides where a person votes; many people share one.

    Attributes:
        team_id: the home team.
        supervises: the teams whose subtree they supervise.
        away: not asked, such as on leave.
    """

    team_id: UUID
    supervises: frozenset[UUID] = frozenset()
    away: bool = False


@dataclass(frozen=True)
class VotingGroups:
    """How many people are eligible, and which teams vote together.

    Attributes:
        eligible: N of each node: everybody eligible at it or below.
        key_node: the node whose key each node's own people vote under; nodes that
            nobody belongs to have none.
        pool: how many people vote under each key.
    """

    eligible: Mapping[UUID, int]
    key_node: Mapping[UUID, UUID]
    pool: Mapping[UUID, int]


@dataclass(frozen=True)
class Electorate(VotingGroups):
    """Voting groups, and the people in them.

    Attributes:
        voting_team: each eligible person's node in the tree.
    """

    voting_team: Mapping[UUID, UUID]


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
    """Group the people and pool the groups.

    Raises:
        TooFewPeopleError: not even everybody together makes one pool.
    """
    tree = {node.team_id: node for node in nodes}
    voting_team = {
        member.person_id: home
        for member in members
        if (home := find_voting_team(member, tree)) is not None
    }
    groups = pool_groups(tree, Counter(voting_team.values()), min_pool)
    return Electorate(
        groups.eligible, groups.key_node, groups.pool, voting_team=voting_team
    )


def pool_groups(
    tree: Mapping[UUID, TeamNode], own: Mapping[UUID, int], min_pool: int
) -> VotingGroups:
    """Pool the eligible people of each node, bottom-up.

    A node's pool is its own eligible people plus the pools handed up to it. A pool of
    at least ``min_pool`` gets the node's key; a smaller one goes to the parent. At
    the root, if the pool is still too small, the smallest keyed pools (ties: lowest
    external id) are added until it is not.

    Raises:
        TooFewPeopleError: not even everybody together makes one pool.
    """
    eligible = count_eligible(tree, own)
    people = sum(own.values())
    if people < min_pool:
        raise TooFewPeopleError(people, min_pool)
    holders = _pool_bottom_up(tree, own, min_pool)
    return VotingGroups(
        eligible=eligible,
        key_node={team: key for key, teams in holders.items() for team in teams},
        pool={key: sum(own[team] for team in teams) for key, teams in holders.items()},
    )


def count_eligible(
    tree: Mapping[UUID, TeamNode], own: Mapping[UUID, int]
) -> dict[UUID, int]:
    """Return how many people are eligible at each node and below it."""
    eligible = {team: own.get(team, 0) for team in tree}
    for team in _bottom_up_order(tree):
        if (parent := tree[team].parent_id) is not None:
            eligible[parent] += eligible[team]
    return eligible


def find_voting_team(
    member: RosterMember | Membership, tree: Mapping[UUID, TeamNode]
) -> UUID | None:
    """Return the home team, or the first node above that is not supervised.

    A supervisor supervises a whole subtree, so the walk goes up past the highest
    supervised node; someone who supervises the root has no group left. Nor has anybody
    who is away.
    """
    if member.away:
        return None
    ancestor: UUID | None = member.team_id
    home = ancestor
    while ancestor is not None:
        node = tree[ancestor]
        if ancestor in member.supervises:
            home = node.parent_id
        ancestor = node.parent_id
    return home


def _pool_bottom_up(
    tree: Mapping[UUID, TeamNode], own: Mapping[UUID, int], min_pool: int
) -> dict[UUID, list[UUID]]:
    """Return, for each node with a key, the nodes whose own people vote under it."""

    def size(teams: list[UUID]) -> int:
        return sum(own[team] for team in teams)

    handed_up: dict[UUID, list[UUID]] = defaultdict(list)
    holders: dict[UUID, list[UUID]] = {}
    order = _bottom_up_order(tree)
    for team in order:
        pooled = [*([team] if own.get(team) else []), *handed_up[team]]
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
