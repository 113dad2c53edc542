"""The reliability report of one scale, from an organization's pooled statistics."""

from collections.abc import Iterable
from dataclasses import dataclass

from rapport_service.stats.covariances import MIN_PEOPLE_PER_PAIR, covariances
from rapport_service.stats.intervals import Interval
from rapport_service.stats.omega import fit_one_factor
from rapport_service.stats.reliability import (
    Gates,
    alpha,
    alpha_interval,
    evaluate_gates,
    harmonic_people,
    item_rest_correlations,
    mean_correlation,
    spearman_brown,
)
from rapport_service.stats.sufficient_statistics import SufficientStatistics


@dataclass(frozen=True)
class ScaleReliability:
    """How well the items of a construct measure one thing.

    Attributes:
        items: The item ids, in the order of the tuples below.
        people: The fewest people who answered both items of a pair.
        alpha: Cronbach's alpha.
        alpha_interval: 95 %; approximate, as people answered different items.
        omega: McDonald's omega; for two items their Spearman-Brown reliability.
        shown: The reliability of as many items as one person is shown.
        item_rest: Each item's correlation with the rest.
        loadings: Each item's standardized loading; empty for two items.
        clipped: The covariances had to be repaired before omega.
        heywood: The factor solution lies at the border of what is possible.
        gates: What stands between a pilot scale and one that is trusted; None for two
            items.
    """

    items: tuple[str, ...]
    people: int
    alpha: float
    alpha_interval: Interval
    omega: float
    shown: float
    item_rest: tuple[float | None, ...]
    loadings: tuple[float, ...]
    clipped: bool
    heywood: bool
    gates: Gates | None


def assess_scale(
    block: SufficientStatistics,
    group: str,
    shown: int,
    reversed_items: Iterable[str] = (),
) -> ScaleReliability | None:
    """Return the reliability of a construct.

    Args:
        block: Everybody of the organization, over as many waves as there are.
        group: The construct.
        shown: k, its items that one person is shown.
        reversed_items: The ids of items that were turned by the scoring key.

    Returns:
        None for a single item, where fewer than 50 people answered both items of some
        pair, where some item has no variance, and where items contradict each other
        wholly.
    """
    found = covariances(block, group)
    items = block.layout.groups[group]
    people = int(found.pairs.min())
    estimate, correlation = alpha(found.matrix), mean_correlation(found)
    if people < MIN_PEOPLE_PER_PAIR or estimate is None or correlation is None:
        return None
    factor = fit_one_factor(found.matrix)
    omega = spearman_brown(correlation, len(items)) if factor is None else factor.omega
    of_those_shown = spearman_brown(correlation, shown)
    if omega is None or of_those_shown is None:
        return None
    turned = {items.index(item) for item in reversed_items}
    return ScaleReliability(
        items=items,
        people=people,
        alpha=estimate,
        alpha_interval=alpha_interval(estimate, harmonic_people(found), len(items)),
        omega=omega,
        shown=of_those_shown,
        item_rest=tuple(item_rest_correlations(found)),
        loadings=() if factor is None else tuple(factor.standardized.tolist()),
        clipped=factor is not None and factor.clipped,
        heywood=factor is not None and factor.heywood,
        gates=None if factor is None else evaluate_gates(found, factor, turned),
    )
