"""A full cycle of waves: enough for each pair of questions to meet enough people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from uuid import UUID

import numpy as np

from rapport_service.disclosure.tree import Tree
from rapport_service.releases.scoring.figures import Figures
from rapport_service.releases.scoring.release_plan import ReleasePlan
from rapport_service.releases.scoring.trends import ScoredWave
from rapport_service.stats.sufficient_statistics import SufficientStatistics

MAX_WAVES = 5
"""Forms show everybody every question once in so many waves, on average."""

TARGET_PEOPLE_PER_PAIR = 200
"""People a pair of questions from which on no further wave is looked at."""

AggregatedWave = tuple[ScoredWave, Mapping[UUID, SufficientStatistics]]
"""A wave, and the statistics of each node's own ballots in it."""


@dataclass(frozen=True)
class PoolingWindow:
    """What a reliability report is made of.

    Attributes:
        waves: public ids of the waves that are pooled, the oldest first.
        root: everybody's statistics over these waves. Somebody who answered in several
            counts once in each: waves are never linked.
        teams: of each fine group that shares nobody, its statistics over those of the
            waves in which it was fine.
        now: the newest wave's figures of the same groups.
        anchored: its statistics of those whose agreement may be spoken of.
    """

    waves: Sequence[str]
    root: SufficientStatistics
    teams: Sequence[SufficientStatistics]
    now: Sequence[Figures]
    anchor_teams: Sequence[SufficientStatistics]


def pool_waves(
    tree: Tree,
    plan: ReleasePlan,
    total: Mapping[str, SufficientStatistics],
    now: ScoredWave,
    earlier: Iterable[AggregatedWave],
) -> PoolingWindow:
    """Pools the newest wave with earlier ones, over the tree as it is now.

    Args:
        total: the newest wave's statistics at each node and below.
        earlier: waves whose root was released, the newest first. No more of them are
            taken than it needs, as each may have to be read from millions of rows.
    """
    root, waves = total[tree.root], [now.id]
    teams = {leaf: total[leaf] for leaf in plan.leaves}
    inside = {leaf: {UUID(node) for node in tree.subtree(leaf)} for leaf in teams}
    rest = iter(earlier)
    while len(waves) < MAX_WAVES and min_people_per_pair(root) < TARGET_PEOPLE_PER_PAIR:
        one = next(rest, None)
        if one is None:
            break
        wave, own = one
        waves.append(wave.id)
        root = reduce(add, own.values(), root)
        for leaf, nodes in inside.items():
            if wave.is_fine(leaf):
                members = (block for node, block in own.items() if node in nodes)
                teams[leaf] = reduce(add, members, teams[leaf])
    return PoolingWindow(
        waves=waves[::-1],
        root=root,
        teams=list(teams.values()),
        now=[now.figures[leaf] for leaf in teams],
        anchor_teams=[total[leaf] for leaf in teams if leaf in plan.anchor],
    )


def min_people_per_pair(block: SufficientStatistics) -> int:
    """How many people answered both questions of the pair that fewest answered."""
    bank = block.layout.columns("overall")
    return int(block.pairs[np.ix_(bank, bank)].min())
