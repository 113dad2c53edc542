"""How well items hang together as one scale: alpha and what belongs to it.

The number that a supervisor needs is the reliability of a team's mean, which is
`icc.mean_reliability`. These here say whether the questions measure one thing.
"""

from dataclasses import dataclass

import numpy as np

from rapport_service.stats.covariances import Covariances, Floats
from rapport_service.stats.intervals import Interval
from rapport_service.stats.omega import OneFactorModel
from rapport_service.stats.quantiles import CONFIDENCE, f_quantile

MIN_OMEGA = 0.70
MIN_ITEM_REST = 0.30
MIN_LOADING = 0.30


def alpha(matrix: Floats) -> float | None:
    """Return Cronbach's alpha, K/(K-1) * (1 - trace C / sum C); may be negative.

    Args:
        matrix: (K, K) covariances, or correlations for the standardized alpha.

    Returns:
        None for one item, without variance, or with a pair nobody answered.
    """
    size, total = len(matrix), float(matrix.sum())
    if size < 2 or not total > 0:
        return None
    return size / (size - 1) * (1 - float(np.trace(matrix)) / total)


def alpha_interval(estimate: float, people: float, items: int) -> Interval:
    """Return the 95 % interval of alpha (Feldt 1965, Psychometrika 30:357).

    Args:
        estimate: Alpha.
        people: n; for pairwise covariances the `harmonic_people`, which is approximate.
        items: K.
    """
    df1, df2 = people - 1, (people - 1) * (items - 1)
    p = (1 + CONFIDENCE) / 2
    return Interval(
        1 - (1 - estimate) * f_quantile(p, df1, df2),
        1 - (1 - estimate) * f_quantile(1 - p, df1, df2),
    )


def harmonic_people(covariances: Covariances) -> float:
    """Return the harmonic mean of the pairs' numbers of people, i <= j."""
    upper = covariances.pairs[np.triu_indices(len(covariances.pairs))]
    return float(len(upper) / (1 / upper).sum()) if upper.min() > 0 else 0.0


def mean_correlation(covariances: Covariances) -> float | None:
    """Return the mean correlation of two different items.

    None for one item, and where one has no variance.
    """
    size = len(covariances.matrix)
    if size < 2:
        return None
    mean = float(covariances.correlations[np.triu_indices(size, 1)].mean())
    return mean if np.isfinite(mean) else None


def spearman_brown(correlation: float, items: float) -> float | None:
    """Return the reliability of k items: k r / (1 + (k - 1) r).

    None where items contradict each other so far that k of them would have no variance
    together: r at or below -1/(k - 1). References: Spearman 1910, Brown 1910.

    Args:
        correlation: r, the mean correlation of two items.
        items: k, such as the number that one person is shown.
    """
    together = 1 + (items - 1) * correlation
    return items * correlation / together if together > 0 else None


def item_rest_correlations(covariances: Covariances) -> list[float | None]:
    """Return each item's correlation with the sum of the others.

    None where the item or the rest has no variance.
    """
    matrix = covariances.matrix
    rows, total = matrix.sum(axis=1), float(matrix.sum())
    result: list[float | None] = []
    for own, row in zip(matrix.diagonal(), rows, strict=True):
        rest = total - 2 * row + own
        known = own > 0 and rest > 0
        result.append(float((row - own) / np.sqrt(own * rest)) if known else None)
    return result


@dataclass(frozen=True)
class Gates:
    """What stands between a pilot scale and one that is trusted.

    Attributes:
        omega: Whether omega is .70 or more.
        weak_items: Places of items that correlate below .30 with the rest.
        dropped_items: Places of reversed items whose standardized loading is below .30
            in size; the next version of the questions should be without them.
    """

    omega: bool
    weak_items: tuple[int, ...]
    dropped_items: tuple[int, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against the scale."""
        return self.omega and not self.weak_items and not self.dropped_items


def evaluate_gates(
    covariances: Covariances, factor: OneFactorModel, reversed_items: set[int]
) -> Gates:
    """Judge a scale by its omega, its item-rest correlations and reversed items."""
    rest = item_rest_correlations(covariances)
    return Gates(
        omega=factor.omega >= MIN_OMEGA,
        weak_items=tuple(
            i for i, r in enumerate(rest) if r is None or r < MIN_ITEM_REST
        ),
        dropped_items=tuple(
            i
            for i in sorted(reversed_items)
            if abs(factor.standardized[i]) < MIN_LOADING
        ),
    )
