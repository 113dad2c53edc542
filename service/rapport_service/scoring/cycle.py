"""A full cycle of waves: enough for each pair of questions to meet enough people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from uuid import UUID

from rapport_service.disclosure.tree import Tree
from rapport_service.measure.block import Block
from rapport_service.scoring.allowed import Allowed
from rapport_service.scoring.figures import Figures
from rapport_service.scoring.over_time import Wave

MOST_WAVES = 5
"""Forms show everybody every question once in so many waves, on average."""

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
    earlier: Sequence[Answered],
) -> Cycle:
    """Pools the newest wave with earlier ones, over the tree as it is now.

    Args:
        total: the newest wave's statistics at each node and below.
        earlier: waves whose root was released, the oldest first.
    """
    leaves = allowed.leaves

    def pooled(leaf: str) -> Block:
        inside = {UUID(node) for node in tree.subtree(leaf)}
        return _sum(
            total[leaf],
            (
                block
                for wave, own in earlier
                if wave.is_fine(leaf)
                for node, block in own.items()
                if node in inside
            ),
        )

    return Cycle(
        waves=[*(wave.id for wave, _ in earlier), now.id],
        root=_sum(
            total[tree.root],
            (block for _, own in earlier for block in own.values()),
        ),
        teams=[pooled(leaf) for leaf in leaves],
        now=[now.figures[leaf] for leaf in leaves],
        anchored=[total[leaf] for leaf in leaves if leaf in allowed.anchor],
    )


def _sum(first: Block, others: Iterable[Block]) -> Block:
    return reduce(add, others, first)
