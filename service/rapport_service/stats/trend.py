"""Trend of a group's score over its waves: Theil-Sen slope and Kendall's correlation.

No single odd wave can turn either. A wave that was cancelled, or in which the group was
not released, is no point of the series; nothing is interpolated.

References: Theil 1950; Sen 1968, J Am Stat Assoc 63:1379; Kendall 1938, Biometrika
30:81. Without ties the p-value equals that of R's `cor.test(method = "kendall", exact =
TRUE)`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import comb, inf, perm, sqrt

import numpy as np

from rapport_service.stats.intervals import t_p_value
from rapport_service.stats.regression import least_squares
from rapport_service.stats.sufficient_statistics import Floats


@dataclass(frozen=True)
class Window:
    """Time in which a wave could be answered."""

    opens_at: datetime
    closes_at: datetime

    @property
    def midpoint(self) -> datetime:
        """Instant at which the wave is placed in a series."""
        return self.opens_at + (self.closes_at - self.opens_at) / 2


@dataclass(frozen=True)
class Point:
    """Released score of a group in one wave.

    Attributes:
        window: When its wave could be answered.
        score: In points, 0 to 100.
        se: Its standard error in points, above 0, without finite-population factor.
    """

    window: Window
    score: float
    se: float


def elapsed_four_weeks(points: Sequence[Point]) -> Floats:
    """Return the time of each point since the first, in units of 28 days."""
    unit = timedelta(days=28)
    return np.array(
        [(p.window.midpoint - points[0].window.midpoint) / unit for p in points]
    )


def scores(points: Sequence[Point]) -> Floats:
    """Return the scores, in points."""
    return np.array([point.score for point in points])


def standard_errors(points: Sequence[Point]) -> Floats:
    """Return the standard errors, in points."""
    return np.array([point.se for point in points])


MAX_EXACT_POINTS = 60
"""Points up to which the exact distribution is enumerated."""


@dataclass(frozen=True)
class Kendall:
    """Rank correlation.

    Attributes:
        tau: tau-b, -1 to 1; 0 where everything is tied.
        p: Two-sided. Exact, ties included, up to 60 points with no tie in time.
    """

    tau: float
    p: float


def kendall(x: Sequence[float], y: Sequence[float]) -> Kendall:
    """Correlate the ranks of two figures of the same points, two at least."""
    n = len(x)
    score = sum(
        _sign(x[j] - x[i]) * _sign(y[j] - y[i])
        for i in range(n)
        for j in range(i + 1, n)
    )
    ties_x, ties_y = list(Counter(x).values()), list(Counter(y).values())
    possible = sqrt(_count_untied_pairs(n, ties_x) * _count_untied_pairs(n, ties_y))
    tau = score / possible if possible else 0.0
    if n <= MAX_EXACT_POINTS and (max(ties_x) == 1 or max(ties_y) == 1):
        return Kendall(tau, _exact_p(score, ties_y if max(ties_x) == 1 else ties_x))
    return Kendall(tau, _normal_p(score, n, ties_x, ties_y))


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _count_untied_pairs(n: int, ties: Sequence[int]) -> int:
    return comb(n, 2) - sum(comb(size, 2) for size in ties)


def _exact_p(score: int, ties: Sequence[int]) -> float:
    """Return twice the smaller tail of the score over all orders of the tied values.

    The numbers of orders with 0, 1, 2 ... inversions are the coefficients of the
    Gaussian multinomial: prod_{k<=n} (1 - q^k) / prod_groups prod_{k<=m} (1 - q^k).
    """
    n = sum(ties)
    max_inversions = _count_untied_pairs(n, ties)
    orders = [1] + [0] * max_inversions
    for k in range(1, n + 1):
        for i in range(max_inversions, k - 1, -1):
            orders[i] -= orders[i - k]
    for size in ties:
        for k in range(1, size + 1):
            for i in range(k, max_inversions + 1):
                orders[i] += orders[i - k]
    # score = max_inversions - 2 * inversions, so a high score has few inversions
    inversions = (max_inversions - score) // 2
    low, high = sum(orders[: inversions + 1]), sum(orders[inversions:])
    return min(1.0, 2 * min(low, high) / sum(orders))


def _normal_p(
    score: int, n: int, ties_x: Sequence[int], ties_y: Sequence[int]
) -> float:
    """Return the p-value by the normal approximation with ties (Kendall 1970)."""
    two_x, two_y = (
        _sum_falling_factorials(ties_x, 2),
        _sum_falling_factorials(ties_y, 2),
    )
    variance = (_spread([n]) - _spread(ties_x) - _spread(ties_y)) / 18
    variance += two_x * two_y / (2 * _sum_falling_factorials([n], 2))
    if n > 2:
        three = _sum_falling_factorials(ties_x, 3) * _sum_falling_factorials(ties_y, 3)
        variance += three / (9 * _sum_falling_factorials([n], 3))
    return t_p_value(score / sqrt(variance), inf) if variance > 0 else 1.0


def _spread(sizes: Sequence[int]) -> int:
    return sum(m * (m - 1) * (2 * m + 5) for m in sizes)


def _sum_falling_factorials(sizes: Sequence[int], factors: int) -> int:
    """Return the sum of m (m - 1) ... over so many factors."""
    return sum(perm(m, factors) for m in sizes)


MIN_WAVES = 5


@dataclass(frozen=True)
class Slope:
    """Slope of a straight line, in points per unit of time, with its standard error."""

    estimate: float
    se: float
    p: float


@dataclass(frozen=True)
class Trend:
    """Trend of a series, in points per four weeks.

    Attributes:
        slope: Theil-Sen: the median of the slopes between any two waves.
        rank: Kendall's correlation of time and score, whose p is that of the trend.
    """

    slope: float
    rank: Kendall


def trend(points: Sequence[Point]) -> Trend | None:
    """Return the trend over the real dates of the waves.

    None below five waves, and where all are of one date.
    """
    if len(points) < MIN_WAVES:
        return None
    x, y = elapsed_four_weeks(points), scores(points)
    slope = theil_sen(x, y)
    return None if slope is None else Trend(slope, kendall(x.tolist(), y.tolist()))


def theil_sen(x: Floats, y: Floats) -> float | None:
    """Return the median slope between two points that differ in x; None without any."""
    i, j = np.triu_indices(len(x), 1)
    differs = x[i] != x[j]
    if not differs.any():
        return None
    return float(np.median((y[j] - y[i])[differs] / (x[j] - x[i])[differs]))


def weighted_slope(x: Floats, y: Floats, se: Floats) -> Slope | None:
    """Return the slope by least squares with weights 1/SE^2; None below three points.

    Its standard error is scaled by the residuals, since waves differ by more than the
    sampling of people. Equal standard errors give ordinary least squares. Reference
    value: tests and benchmarks compare it; no release uses it.

    Args:
        x: (T,) time.
        y: (T,) scores.
        se: (T,) their standard errors, above 0.
    """
    if len(x) < 3 or len(np.unique(x)) < 2:
        return None
    model = least_squares(np.column_stack([np.ones_like(x), x]), y, 1 / se**2)
    slope, error = float(model.coefficients[1]), float(model.covariance[1, 1]) ** 0.5
    p = t_p_value(slope / error, model.freedom) if error > 0 else float(slope == 0)
    return Slope(slope, error, p)
