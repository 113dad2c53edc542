"""Consensus: whether a group agrees on one item beyond chance.

The item is best one that everybody is shown: under rotation the others have too few
answers in one wave.
"""

from dataclasses import dataclass

from rapport_service.stats.agreement.critical_values import (
    ad_mean_critical,
    r_wg_critical,
)
from rapport_service.stats.agreement.indices import (
    a_wg,
    ad_mean,
    item_variance,
    r_star,
    r_wg,
    uniform_variance,
)
from rapport_service.stats.sufficient_statistics import SufficientStatistics

MIN_ANSWERS = 5
"""Answers below which agreement is not reported."""


@dataclass(frozen=True)
class Consensus:
    """Agreement of a group on an item.

    Attributes:
        r_wg: 0 to 1, against uniform random answers.
        r_star: The same untruncated, which may be negative.
        a_wg: -1 to 1, against what the group's mean allows; None if not defined.
        ad_mean: Mean absolute deviation from the mean, in answers.
        is_r_wg_significant: Whether r_wg is more than chance reaches at so many
            answers.
        is_ad_significant: Whether the deviation is smaller than chance reaches.
    """

    r_wg: float
    r_star: float
    a_wg: float | None
    ad_mean: float
    is_r_wg_significant: bool
    is_ad_significant: bool

    @property
    def is_clear(self) -> bool:
        """Whether the group agrees beyond chance by both indices."""
        return self.is_r_wg_significant and self.is_ad_significant


def consensus(statistics: SufficientStatistics, item: str) -> Consensus | None:
    """Return a group's agreement on an item; None below five answers."""
    histogram = statistics.histogram[statistics.layout.items.index(item)]
    n, categories = int(histogram.sum()), statistics.layout.categories
    variance, null = item_variance(histogram), uniform_variance(categories)
    around_mean, linear = ad_mean(histogram), r_star([variance], null)
    if n < MIN_ANSWERS or variance is None or linear is None or around_mean is None:
        return None
    index = r_wg(variance, null)
    min_r_wg, max_ad = r_wg_critical(n, categories), ad_mean_critical(n, categories)
    # Rounding must not decide about a value that is exactly the critical one.
    return Consensus(
        r_wg=index,
        r_star=linear,
        a_wg=a_wg(histogram),
        ad_mean=around_mean,
        is_r_wg_significant=min_r_wg is not None and index >= min_r_wg.value - 1e-9,
        is_ad_significant=max_ad is not None and around_mean <= max_ad.value + 1e-9,
    )
