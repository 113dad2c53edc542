"""Reliability of a scale: Cronbach's alpha, McDonald's omega, item-rest correlations.

They say whether the questions measure one thing. The number that a supervisor needs is
the reliability of a team's mean, which is `icc.mean_reliability`.

Omega comes from the one-factor model Sigma = l l' + diag(psi), fitted by maximum
likelihood, that is by minimising ln|Sigma| + tr(C Sigma^-1). References: McDonald 1999,
Test Theory; Joreskog 1967, Psychometrika 32:443.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from rapport_service.stats.intervals import CONFIDENCE, Interval, f_quantile
from rapport_service.stats.sufficient_statistics import (
    MIN_PEOPLE_PER_PAIR,
    Covariances,
    Floats,
    SufficientStatistics,
    covariances,
    nearest_positive_definite,
)

_MIN_UNIQUENESS = 1e-6
_HEYWOOD = 1e-3


@dataclass(frozen=True, eq=False)
class OneFactorModel:
    """A fitted one-factor model of K items.

    Attributes:
        loadings: (K,) l, in the unit of the items; their sum is not negative.
        uniquenesses: (K,) psi, the variance of an item that the factor leaves.
        standardized: (K,) the loadings of items of variance 1.
        clipped: The covariances were not positive definite and were repaired.
        heywood: Some item has hardly a variance of its own, so that the solution lies
            at the border of what is possible and should not be trusted.
    """

    loadings: Floats
    uniquenesses: Floats
    standardized: Floats
    clipped: bool
    heywood: bool

    @property
    def omega(self) -> float:
        """(sum l)^2 / ((sum l)^2 + sum psi), 0 to 1."""
        common = float(self.loadings.sum()) ** 2
        return common / (common + float(self.uniquenesses.sum()))


def fit_one_factor(matrix: Floats) -> OneFactorModel | None:
    """Fit one factor to the covariances of three items or more.

    Args:
        matrix: (K, K) covariances.

    Returns:
        None below three items, where the model is not identified (two have their
        Spearman-Brown reliability), and where an item has no variance or a pair was
        answered by nobody.
    """
    size = len(matrix)
    if size < 3 or not np.isfinite(matrix).all() or not (matrix.diagonal() > 0).all():
        return None
    usable, clipped = nearest_positive_definite(matrix)
    # The fit does not depend on the items' units, and is well scaled without them.
    deviation = np.sqrt(usable.diagonal())
    correlations = usable / np.outer(deviation, deviation)
    values, vectors = np.linalg.eigh(correlations)
    first = vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.1))
    start = np.clip(first, -0.95, 0.95)
    optimum = optimize.minimize(
        _discrepancy,
        np.concatenate([start, np.log(1 - start**2)]),
        args=(correlations,),
        jac=True,
        method="L-BFGS-B",
        bounds=[(None, None)] * size + [(np.log(_MIN_UNIQUENESS), None)] * size,
        options={"maxiter": 5000, "maxfun": 20000, "ftol": 1e-15, "gtol": 1e-9},
    )
    standardized, psi = optimum.x[:size], np.exp(optimum.x[size:])
    if standardized.sum() < 0:
        standardized = -standardized
    return OneFactorModel(
        loadings=standardized * deviation,
        uniquenesses=psi * deviation**2,
        standardized=standardized,
        clipped=clipped,
        heywood=bool((psi < _HEYWOOD).any()),
    )


def _discrepancy(parameters: Floats, matrix: Floats) -> tuple[float, Floats]:
    """Return the discrepancy and its gradient by the loadings and ln psi.

    With G = Sigma^-1 - Sigma^-1 C Sigma^-1 the gradient is 2 G l and diag(G) * psi.
    """
    size = len(matrix)
    loadings, psi = parameters[:size], np.exp(parameters[size:])
    sigma = np.outer(loadings, loadings) + np.diag(psi)
    inverse = np.linalg.inv(sigma)
    fitted = inverse @ matrix
    value = float(np.linalg.slogdet(sigma)[1] + np.trace(fitted))
    gap = inverse - fitted @ inverse
    return value, np.concatenate([2 * gap @ loadings, gap.diagonal() * psi])


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
    """Gates between a pilot scale and one that is trusted.

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
        """Whether the scale passes every gate."""
        return self.omega and not self.weak_items and not self.dropped_items


def evaluate_gates(
    covariances: Covariances, factor: OneFactorModel, reversed_items: set[int]
) -> Gates:
    """Evaluate a scale by its omega, its item-rest correlations and reversed items."""
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


@dataclass(frozen=True)
class ScaleReliability:
    """Reliability of the items of a construct as one scale.

    Attributes:
        items: The item ids, in the order of the tuples below.
        people: The fewest people who answered both items of a pair.
        alpha: Cronbach's alpha.
        alpha_interval: 95 %; approximate, as people answered different items.
        omega: McDonald's omega; for two items their Spearman-Brown reliability.
        shown_items_reliability: Of as many items as one person is shown.
        item_rest: Each item's correlation with the rest.
        loadings: Each item's standardized loading; empty for two items.
        clipped: The covariances had to be repaired before omega.
        heywood: The factor solution lies at the border of what is possible.
        gates: Between a pilot scale and one that is trusted; None for two items.
    """

    items: tuple[str, ...]
    people: int
    alpha: float
    alpha_interval: Interval
    omega: float
    shown_items_reliability: float
    item_rest: tuple[float | None, ...]
    loadings: tuple[float, ...]
    clipped: bool
    heywood: bool
    gates: Gates | None


def assess_scale(
    statistics: SufficientStatistics,
    group: str,
    shown: int,
    reversed_items: Iterable[str] = (),
) -> ScaleReliability | None:
    """Return the reliability of a construct.

    Args:
        statistics: Everybody of the organization, over as many waves as there are.
        group: The construct.
        shown: k, its items that one person is shown.
        reversed_items: The ids of items that were turned by the scoring key.

    Returns:
        None for a single item, where fewer than 50 people answered both items of some
        pair, where some item has no variance, and where items contradict each other
        wholly.
    """
    covariance = covariances(statistics, group)
    items = statistics.layout.groups[group]
    people = int(covariance.pairs.min())
    estimate, correlation = alpha(covariance.matrix), mean_correlation(covariance)
    if people < MIN_PEOPLE_PER_PAIR or estimate is None or correlation is None:
        return None
    factor = fit_one_factor(covariance.matrix)
    omega = spearman_brown(correlation, len(items)) if factor is None else factor.omega
    shown_reliability = spearman_brown(correlation, shown)
    if omega is None or shown_reliability is None:
        return None
    reversed_places = {items.index(item) for item in reversed_items}
    return ScaleReliability(
        items=items,
        people=people,
        alpha=estimate,
        alpha_interval=alpha_interval(
            estimate, harmonic_people(covariance), len(items)
        ),
        omega=omega,
        shown_items_reliability=shown_reliability,
        item_rest=tuple(item_rest_correlations(covariance)),
        loadings=() if factor is None else tuple(factor.standardized.tolist()),
        clipped=factor is not None and factor.clipped,
        heywood=factor is not None and factor.heywood,
        gates=None
        if factor is None
        else evaluate_gates(covariance, factor, reversed_places),
    )
