"""A full cycle of waves: enough for each pair of questions to meet enough people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from uuid import UUID

import numpy as np

from rapport_service.disclosure.tree import Tree
from rapport_service.measure.block import Block
from rapport_service.scoring.allowed import Allowed
from rapport_service.scoring.figures import Figures
from rapport_service.scoring.over_time import Wave

MOST_WAVES = 5
"""Forms show everybody every question once in so many waves, on average."""

PLENTY = 200
"""People a pair of questions from which on no further wave is looked at."""

Answered = tuple[Wave, Mapping[UUID, Block]]
"""A wave, and the statistics of each node's own ballots in it."""


@dataclass(frozen=True)
class Cycle:
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
    root: Block
    teams: Sequence[Block]
    now: Sequence[Figures]
    anchored: Sequence[Block]


def full_cycle(
    tree: Tree,
    allowed: Allowed,
    total: Mapping[str, Block],
    now: Wave,
    earlier: Iterable[Answered],
) -> Cycle:
    """Pools the newest wave with earlier ones, over the tree as it is now.

    Args:
        total: the newest wave's statistics at each node and below.
        earlier: waves whose root was released, the newest first. No more of them are
            taken than it needs, as each may have to be read from millions of rows.
    """
    root, waves = total[tree.root], [now.id]
    teams = {leaf: total[leaf] for leaf in allowed.leaves}
    inside = {leaf: {UUID(node) for node in tree.subtree(leaf)} for leaf in teams}
    rest = iter(earlier)
    while len(waves) < MOST_WAVES and fewest_in_a_pair(root) < PLENTY:
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
    return Cycle(
        waves=waves[::-1],
        root=root,
        teams=list(teams.values()),
        now=[now.figures[leaf] for leaf in teams],
        anchored=[total[leaf] for leaf in teams if leaf in allowed.anchor],
    )


def fewest_in_a_pair(block: Block) -> int:
    """How many people answered both questions of the pair that fewest answered."""
    bank = block.layout.columns("overall")
    return int(block.pairs[np.ix_(bank, bank)].min())
