"""Critical values of agreement: what chance alone would reach, by the number of people.

Every histogram of n people over A answers is enumerated, with its exact probability if
each ticks at random. Beyond 50,000 histograms (31 people on five answers) `asymptotic`
is close enough, and a wave with teams of every size is sealed without a wait.

Reference: LeBreton and Senter 2008, Organ Res Methods 11:815, on why fixed cut-offs
mislead; Dunlap, Burke and Smith-Crowe 2003, J Appl Psychol 88:356.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np
from scipy import special

from rapport_service.stats.agreement.asymptotic import (
    asymptotic_ad_mean_critical,
    asymptotic_r_wg_critical,
)
from rapport_service.stats.agreement.indices import uniform_variance
from rapport_service.stats.intervals import SIGNIFICANCE
from rapport_service.stats.sufficient_statistics import Floats, Integers

MAX_HISTOGRAMS = 50_000


@dataclass(frozen=True)
class CriticalValue:
    """Value of an index that chance reaches at most 5 % of the time.

    Attributes:
        value: Where agreement begins to be more than chance.
        p: How often chance does as well or better, at most .05; about .05 where
            histograms are too many to enumerate.
    """

    value: float
    p: float


@lru_cache(maxsize=512)
def r_wg_critical(n: int, categories: int) -> CriticalValue | None:
    """Return the smallest r_wg of n answers that is more than chance.

    Returns:
        An r_wg of at least this value is significant; None if n is so small that even
        full agreement is not.
    """
    sigma = uniform_variance(categories)
    if not _is_enumerable(n, categories):
        return CriticalValue(asymptotic_r_wg_critical(n, categories), SIGNIFICANCE)
    variance = _critical_disagreement(
        n, categories, lambda h: np.minimum(_variances(h), sigma)
    )
    if variance is None:
        return None
    return CriticalValue(1 - variance.value / sigma, variance.p)


@lru_cache(maxsize=512)
def ad_mean_critical(n: int, categories: int) -> CriticalValue | None:
    """Return the largest AD around the mean of n answers that is more than chance.

    Returns:
        An AD of at most this value is significant; None as for `r_wg_critical`.
    """
    if not _is_enumerable(n, categories):
        return CriticalValue(asymptotic_ad_mean_critical(n, categories), SIGNIFICANCE)
    return _critical_disagreement(n, categories, _ad_means)


@lru_cache(maxsize=512)
def r_wg_null_distribution(n: int, categories: int) -> tuple[Floats, Floats]:
    """Return every r_wg that n random answers can have, and its probability.

    Raises:
        ValueError: There are more histograms of n answers than can be enumerated, or
            fewer than two answers.
    """
    if n < 2 or not _is_enumerable(n, categories):
        raise ValueError("r_wg is enumerated for two answers up to 50,000 histograms")
    sigma = uniform_variance(categories)
    histograms = _enumerate_histograms(n, categories)
    values = 1 - np.minimum(_variances(histograms), sigma) / sigma
    return values, _probabilities(histograms)


def _is_enumerable(n: int, categories: int) -> bool:
    return comb(n + categories - 1, n) <= MAX_HISTOGRAMS


def _critical_disagreement(
    n: int, categories: int, index: Callable[[Integers], Floats]
) -> CriticalValue | None:
    """Return the largest value v of a disagreement with P(index <= v) <= .05."""
    if n < 2:
        return None
    histograms = _enumerate_histograms(n, categories)
    # Equal values may differ in their last digit and must be counted together.
    values, place = np.unique(index(histograms).round(12), return_inverse=True)
    cumulated = np.bincount(place, weights=_probabilities(histograms)).cumsum()
    last = int(np.searchsorted(cumulated, SIGNIFICANCE, side="right")) - 1
    if last < 0:
        return None
    return CriticalValue(float(values[last]), float(cumulated[last]))


def _enumerate_histograms(n: int, categories: int) -> Integers:
    """Return (ways, A): every histogram of n answers, by stars and bars."""
    ways = comb(n + categories - 1, n)
    bars = np.fromiter(
        (
            bar
            for row in combinations(range(n + categories - 1), categories - 1)
            for bar in row
        ),
        dtype=np.int64,
        count=ways * (categories - 1),
    ).reshape(ways, categories - 1)
    ends = np.full((ways, 1), n + categories - 1)
    return np.diff(np.hstack([np.full((ways, 1), -1), bars, ends]), axis=1) - 1


def _probabilities(histograms: Integers) -> Floats:
    n, categories = int(histograms[0].sum()), histograms.shape[1]
    logs = special.gammaln(n + 1) - special.gammaln(histograms + 1).sum(axis=1)
    return np.asarray(np.exp(logs - n * np.log(categories)), dtype=np.float64)


def _variances(histograms: Integers) -> Floats:
    n, answers = histograms[0].sum(), np.arange(1, histograms.shape[1] + 1)
    totals, squares = histograms @ answers, histograms @ answers**2
    return np.asarray((n * squares - totals**2) / (n * (n - 1)), dtype=np.float64)


def _ad_means(histograms: Integers) -> Floats:
    n, answers = histograms[0].sum(), np.arange(1, histograms.shape[1] + 1)
    centres = (histograms @ answers)[:, None] / n
    return np.asarray((histograms * np.abs(answers - centres)).sum(axis=1) / n)
