"""Indices of agreement within a group, from histograms of answers.

Agreement is reported, never used to hide a low score: disagreement inside a team is a
finding of its own. No index here is judged by a fixed rule such as .70, which random
answering passes often in a small group; `critical_values` has what chance would reach.

Variances have the divisor n - 1, deviations the divisor n. An index that is not defined
for too few answers is None.
"""

from collections.abc import Iterable

import numpy as np

from rapport_service.stats.sufficient_statistics import Floats, Integers


def uniform_variance(categories: int) -> float:
    """Return (A^2 - 1)/12, the variance of answers ticked at random on 1..A."""
    return (categories**2 - 1) / 12


def item_variance(histogram: Integers) -> float | None:
    """Return the variance of the answers to an item; None below two of them.

    Args:
        histogram: (A,) people per answer 1..A.
    """
    n, total, squares = _moments(histogram)
    return (n * squares - total**2) / (n * (n - 1)) if n >= 2 else None


def r_wg(variance: float, null_variance: float) -> float:
    """Return r_wg = 1 - min(s^2, sigma^2)/sigma^2, from 0 to 1.

    Reference: James, Demaree and Wolf 1984, J Appl Psychol 69:85; 1993, 78:306.

    Args:
        variance: s^2, between the people of a group.
        null_variance: sigma^2, what no agreement at all would give.
    """
    return 1 - min(variance, null_variance) / null_variance


def r_wg_j(variances: Iterable[float | None], null_variance: float) -> float | None:
    """Return r_wg(J) of J items: J(1 - u)/(J(1 - u) + u), from 0 to 1.

    u = min(mean s_i^2, sigma^2)/sigma^2. It rises with J alone, so show `r_star` too.

    Args:
        variances: Per item; those without one drop out of J.
        null_variance: sigma^2 of one item.
    """
    known = _drop_none(variances)
    if not known:
        return None
    u = min(sum(known) / len(known), null_variance) / null_variance
    agreement = len(known) * (1 - u)
    return agreement / (agreement + u)


def r_star(variances: Iterable[float | None], null_variance: float) -> float | None:
    """Return r*_wg(J) = 1 - mean s_i^2/sigma^2, which may be negative.

    It grows neither with the number of items nor by truncation, so it is the one to
    follow over time. Reference: Lindell and Brandt 1997, Appl Psychol Meas 21:271.
    """
    known = _drop_none(variances)
    return 1 - sum(known) / len(known) / null_variance if known else None


def a_wg(histogram: Integers) -> float | None:
    """Return a_wg, agreement as a share of what the group's own mean allows.

    1 - 2 s^2/((A+1)m - m^2 - A) * (n-1)/n, from -1 (two opposite camps) to 1. None
    below two answers or with a mean m so near an end that the most possible
    disagreement is not: m < (n-1+A)/n or m > ((n-1)A+1)/n, a mean at an end being full
    agreement. Reference: Brown and Hauenstein 2005, Organ Res Methods 8:165.

    Args:
        histogram: (A,) people per answer 1..A.
    """
    n, total, squares = _moments(histogram)
    categories = len(histogram)
    if n < 2:
        return None
    if total in {n, n * categories}:
        return 1.0
    if total < n - 1 + categories or total > (n - 1) * categories + 1:
        return None
    mean = total / n
    population = (n * squares - total**2) / n**2
    max_variance = (categories + 1) * mean - mean**2 - categories
    return 1 - 2 * population / max_variance


def ad_mean(histogram: Integers) -> float | None:
    """Return the mean absolute deviation from the mean; None without an answer.

    Reference: Burke, Finkelstein and Dusig 1999, Organ Res Methods 2:49.

    Args:
        histogram: (A,) people per answer 1..A.
    """
    n, total, _ = _moments(histogram)
    return _mean_absolute_deviation(histogram, total / n) if n else None


def ad_median(histogram: Integers) -> float | None:
    """Return the mean absolute deviation from the median; None without an answer.

    Any point between the two middle answers gives the same, so the lower one serves.
    Reference value: tests and benchmarks compare it; no release uses it.
    """
    n = int(histogram.sum())
    if n == 0:
        return None
    median = int(np.searchsorted(histogram.cumsum(), (n + 1) // 2)) + 1
    return _mean_absolute_deviation(histogram, median)


def mean_of_items(values: Iterable[float | None]) -> float | None:
    """Return the mean of an index over the items that have one, as a scale's AD is."""
    known = _drop_none(values)
    return sum(known) / len(known) if known else None


def _mean_absolute_deviation(histogram: Integers, centre: float) -> float:
    answers: Floats = np.arange(1, len(histogram) + 1, dtype=np.float64)
    return float((histogram * np.abs(answers - centre)).sum() / histogram.sum())


def _moments(histogram: Integers) -> tuple[int, int, int]:
    """Return n, the sum and the sum of squares of the answers."""
    answers = np.arange(1, len(histogram) + 1)
    return (
        int(histogram.sum()),
        int((histogram * answers).sum()),
        int((histogram * answers**2).sum()),
    )


def _drop_none(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
