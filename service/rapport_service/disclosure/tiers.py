"""Tiers of a release, coarse and fine, and the figures that each group is given.

The coarse tier shows a rounded score from few people; the fine tier shows more, from at
least ten. Trust, communication and overall are shown for a group all together or not at
all, so a group must be safe on the people who answered anything, those who answered
about trust and those who answered about communication.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from rapport_schemas.enums import (
    MIN_GROUP_CEILING,
    MIN_GROUP_FLOOR,
    ReleaseStatus,
    Tier,
)
from rapport_service.disclosure.planner import plan
from rapport_service.disclosure.tree import Tree

Measure = Literal["any", "trust", "communication"]

MEASURES: frozenset[Measure] = frozenset({"any", "trust", "communication"})
MIN_RESPONDENTS_FLOOR, MIN_RESPONDENTS_CEILING = MIN_GROUP_FLOOR, MIN_GROUP_CEILING
"""The range of the fewest people in a released group (k): a law, not a setting."""
FINE_MIN_RESPONDENTS = 10


@dataclass(frozen=True)
class Tiers:
    """Groups of a release by tier: every fine group is also coarse."""

    coarse: frozenset[str]
    fine: frozenset[str]

    def tier_of(self, node: str) -> Tier:
        """Return the tier that a released group is shown in."""
        return "fine" if node in self.fine else "coarse"


@dataclass(frozen=True)
class PublishedGroup:
    """Result of asking for a group: its own figures, a larger group's, or none.

    Attributes:
        status: Released, rolled up to a group around it, or withheld.
        source: The group whose figures are given; None if withheld.
    """

    status: ReleaseStatus
    source: str | None


def plan_tiers(
    tree: Tree,
    counts: Mapping[Measure, Mapping[str, int]],
    min_respondents: int,
    unreportable: Collection[str],
) -> Tiers:
    """Plan both tiers of a release.

    Args:
        tree: The reporting tree.
        counts: Per measure, the people at each node itself who gave a valid answer.
        min_respondents: The fewest people in a released group, 5 to 25.
        unreportable: Groups with too few answers for a score. They leave both tiers
            after planning, which is safe because hiding always is.

    Raises:
        ValueError: min_respondents is out of range or a measure is missing.
    """
    if not MIN_RESPONDENTS_FLOOR <= min_respondents <= MIN_RESPONDENTS_CEILING:
        raise ValueError(
            f"min_respondents is {MIN_RESPONDENTS_FLOOR} to {MIN_RESPONDENTS_CEILING}"
        )
    if counts.keys() != MEASURES:
        raise ValueError("a release is planned on all three measures")

    def safe(minimum: int, candidates: Collection[str] | None) -> frozenset[str]:
        plans = [plan(tree, own, minimum, candidates) for own in counts.values()]
        return frozenset.intersection(*plans)

    coarse = safe(min_respondents, None)
    fine = safe(max(FINE_MIN_RESPONDENTS, min_respondents), coarse)
    hidden = frozenset(unreportable)
    return Tiers(coarse=coarse - hidden, fine=fine - hidden)


def present_groups(tree: Tree, tiers: Tiers) -> dict[str, PublishedGroup]:
    """Return what each group of the tree is given: its own, a roll-up or nothing.

    A roll-up gives the figures of the nearest released group around it.
    """
    return {node: _present_group(tree, tiers, node) for node in tree}


def _present_group(tree: Tree, tiers: Tiers, node: str) -> PublishedGroup:
    if node in tiers.coarse:
        return PublishedGroup("released", node)
    for ancestor in tree.ancestors(node):
        if ancestor in tiers.coarse:
            return PublishedGroup("rolled_up", ancestor)
    return PublishedGroup("withheld", None)
