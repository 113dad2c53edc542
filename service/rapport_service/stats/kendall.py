"""Kendall's rank correlation and its exact p-value.

Reference: Kendall 1938, Biometrika 30:81. Without ties the p-value equals that of R's
`cor.test(method = "kendall", exact = TRUE)`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, inf, perm, sqrt

from rapport_service.stats.quantiles import t_p_value

MAX_EXACT_POINTS = 60
"""Points for which the exact distribution is counted out."""


@dataclass(frozen=True)
class Kendall:
    """A rank correlation.

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
    most = _count_untied_pairs(n, ties)
    orders = [1] + [0] * most
    for k in range(1, n + 1):
        for i in range(most, k - 1, -1):
            orders[i] -= orders[i - k]
    for size in ties:
        for k in range(1, size + 1):
            for i in range(k, most + 1):
                orders[i] += orders[i - k]
    # score = most - 2 * inversions, so a high score has few inversions
    inversions = (most - score) // 2
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
