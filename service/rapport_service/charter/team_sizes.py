"""Teams that are too small for a score of their own, known before anybody is asked.

A score of a team counts ballots under keys of the team and of the teams below it, and
needs ``min_respondents`` of them. So a team where fewer people than that vote under
such keys has no score of its own, whoever answers. The other teams may have one: that
depends on who answers.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from rapport_schemas.enums import SizeReason
from rapport_service.charter.voting_groups import (
    Membership,
    TeamNode,
    TooFewPeopleError,
    VotingGroups,
    count_eligible,
    find_voting_team,
    pool_groups,
)

Tree = Mapping[UUID, TeamNode]


@dataclass(frozen=True)
class TeamWithoutScore:
    """A team that has no score of its own, even if everybody answers.

    Attributes:
        eligible: how many people can answer in it and in the teams below it.
        needed: how many it takes for a score.
        supervisors: how many of its people supervise it, and so answer above it.
        voting_above: how many of the eligible vote under the key of a team above it.
        key_node: the team above with that key; None if there is none.
        answers_with: the team above whose score has their answers; None where there
            is none, or nobody to answer.
    """

    team: TeamNode
    eligible: int
    needed: int
    supervisors: int
    voting_above: int
    key_node: UUID | None
    answers_with: TeamNode | None

    @property
    def reason(self) -> SizeReason:
        """Reason for which it has no score of its own."""
        return "too_small" if self.eligible < self.needed else "joins_larger_team"


@dataclass(frozen=True)
class TeamSizes:
    """Sizes of the teams of an agency, and their meaning for its scores.

    Attributes:
        eligible: how many people of the agency can answer.
        min_pool: how many it takes for a wave to be announced.
        without_score: the teams without a score of their own, by external id.
    """

    tree: Tree
    groups: VotingGroups
    eligible: int
    min_pool: int
    without_score: tuple[TeamWithoutScore, ...]

    @property
    def can_be_asked(self) -> bool:
        """Whether a wave can be announced."""
        return self.eligible >= self.min_pool

    def list_sharing_key(self, small: TeamWithoutScore) -> list[TeamNode]:
        """Return the other teams that vote under the same key above, by name."""
        sharing = (
            self.tree[team]
            for team, key_node in self.groups.key_node.items()
            if key_node == small.key_node
            and small.team.team_id not in walk_up(team, self.tree)
        )
        return sorted(sharing, key=lambda node: (node.name, node.external_id))


def assess_team_sizes(
    nodes: Iterable[TeamNode],
    memberships: Mapping[Membership, int],
    min_respondents: int,
    min_pool: int,
) -> TeamSizes:
    """Find the teams that have no score of their own if the roster stays as it is.

    Args:
        nodes: the tree; an agency without a roster has none.
        memberships: how many people have each.
        min_respondents: the smallest number of respondents that a score may rest on.
        min_pool: the smallest pool that a ballot key may have.
    """
    tree = {node.team_id: node for node in nodes}
    own, supervisors = Counter[UUID](), Counter[UUID]()
    for member, people in memberships.items():
        voting_team = find_voting_team(member, tree)
        if voting_team is not None:
            own[voting_team] += people
        if not member.away:
            for team in walk_up(member.team_id, tree):
                if team == voting_team:
                    break
                supervisors[team] += people
    try:
        groups = pool_groups(tree, own, min_pool)
    except TooFewPeopleError:
        groups = VotingGroups(count_eligible(tree, own), {}, {})
    counted = count_eligible(tree, groups.pool)
    key_nodes = _find_key_nodes_above(tree, groups)

    def find_answers_with(team: UUID) -> TeamNode | None:
        if not groups.eligible[team]:
            return None
        above = walk_up(key_nodes.get(team, tree[team].parent_id), tree)
        scored = (tree[node] for node in above if counted[node] >= min_respondents)
        return next(scored, None)

    return TeamSizes(
        tree=tree,
        groups=groups,
        eligible=sum(own.values()),
        min_pool=min_pool,
        without_score=tuple(
            TeamWithoutScore(
                team=node,
                eligible=groups.eligible[node.team_id],
                needed=max(min_pool, min_respondents),
                supervisors=supervisors[node.team_id],
                voting_above=groups.eligible[node.team_id] - counted[node.team_id],
                key_node=key_nodes.get(node.team_id),
                answers_with=find_answers_with(node.team_id),
            )
            for node in sorted(tree.values(), key=lambda node: node.external_id)
            if counted[node.team_id] < min_respondents
        ),
    )


def walk_up(team: UUID | None, tree: Tree) -> Iterator[UUID]:
    """Return the team and every team above it, the agency last."""
    while team is not None:
        yield team
        team = tree[team].parent_id


def _find_key_nodes_above(tree: Tree, groups: VotingGroups) -> dict[UUID, UUID]:
    """Return the highest key above each team that people in it or below it vote under.

    Teams whose people all vote under keys within the team are left out.
    """
    depth = {team: sum(1 for _ in walk_up(team, tree)) for team in tree}
    highest: dict[UUID, UUID] = {}
    for team, key_node in groups.key_node.items():
        for above in walk_up(team, tree):
            if above == key_node:
                break
            if above not in highest or depth[key_node] < depth[highest[above]]:
                highest[above] = key_node
    return highest
