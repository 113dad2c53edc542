"""Release plan: what may be shown of each group, decided by counts alone.

All but the score itself rests on an answer that not everybody gave: a single question,
the anchor, the context question. Each has a run of the planner on its own counts, with
the fine groups alone as candidates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from rapport_service.disclosure.planner import plan
from rapport_service.disclosure.tiers import (
    FINE_MIN_RESPONDENTS,
    MEASURES,
    Tiers,
    plan_tiers,
)
from rapport_service.disclosure.tree import Tree
from rapport_service.stats.scores import is_reportable
from rapport_service.stats.sufficient_statistics import SufficientStatistics


@dataclass(frozen=True)
class ReleasePlan:
    """Groups of which something may be shown.

    Attributes:
        tiers: whose score is shown, and in which tier.
        items: fine groups whose questions may be shown one by one, all or none.
        anchor: fine groups whose agreement on the anchor may be shown.
        context: fine groups whose answers to the context question may be shown.
        leaves: fine groups without a fine group inside: no two share a person.
        lowest: released groups without a released group inside: no two share a person.
    """

    tiers: Tiers
    items: frozenset[str]
    anchor: frozenset[str]
    context: frozenset[str]
    leaves: tuple[str, ...]
    lowest: tuple[str, ...]


def plan_release(
    tree: Tree,
    own: Mapping[UUID, SufficientStatistics],
    total: Mapping[str, SufficientStatistics],
    min_respondents: int,
) -> ReleasePlan:
    """Plan a release.

    Args:
        tree: the reporting tree.
        own: the statistics of each node's own ballots.
        total: those of everybody at or below each node.
        min_respondents: the fewest people in a released group.
    """
    tiers = plan_tiers(
        tree,
        {measure: _counts(own, measure) for measure in MEASURES},
        min_respondents,
        [
            node
            for node, statistics in total.items()
            if not is_reportable(statistics, "trust", "communication")
        ],
    )

    def safe(counts: Mapping[str, int]) -> frozenset[str]:
        return (
            plan(tree, counts, max(FINE_MIN_RESPONDENTS, min_respondents), tiers.fine)
            & tiers.fine
        )

    questions = total[tree.root].layout.items
    by_item = [safe(_counts(own, item)) for item in questions]
    by_context = {
        str(node): int(statistics.contexts.sum()) for node, statistics in own.items()
    }
    return ReleasePlan(
        tiers=tiers,
        items=frozenset.intersection(*by_item),
        anchor=by_item[0],
        context=safe(by_context),
        leaves=_lowest(tree, tiers.fine),
        lowest=_lowest(tree, tiers.coarse),
    )


def _lowest(tree: Tree, groups: frozenset[str]) -> tuple[str, ...]:
    """Return those of some groups that have none of the others inside."""
    return tuple(
        node
        for node in tree
        if node in groups and not groups & {*tree.subtree(node)} - {node}
    )


def _counts(own: Mapping[UUID, SufficientStatistics], group: str) -> dict[str, int]:
    return {
        str(node): statistics.respondents_of(group) for node, statistics in own.items()
    }
