"""Critical values of agreement where histograms are too many to enumerate.

Each index is taken as normal about its own mean at n answers. That mean is exact:
people lie closer to the centre of their own few answers than to that of the scale, so
with ten answers on ten options the limit of very many would be passed twice too often.
The deviation is the limit's, which makes a nominal 5 % some 4 to 6 %.
"""

from math import sqrt

import numpy as np

from rapport_service.stats.agreement.indices import uniform_variance
from rapport_service.stats.intervals import CONFIDENCE, normal_quantile
from rapport_service.stats.sufficient_statistics import Floats

MAX_CONVOLVED_ANSWERS = 1000
"""Answers from which on one more does not move the mean noticeably."""


def asymptotic_r_wg_critical(n: int, categories: int) -> float:
    """Return the r_wg that n random answers reach at most 5 % of the time, 1 at most.

    It is 0 on average, as the variance of n answers is that of the scale.
    """
    sigma = uniform_variance(categories)
    fourth = float((_centred_options(categories) ** 4).mean())
    variance = (fourth - sigma**2 * (n - 3) / (n - 1)) / n
    return min(normal_quantile(CONFIDENCE) * sqrt(variance) / sigma, 1.0)


def asymptotic_ad_mean_critical(n: int, categories: int) -> float:
    """Return the AD around the mean that n random answers undercut 5 % of the time.

    The mean of AD is E|(n - 1) x - S|/n, S being the sum of the n - 1 other answers.
    """
    answers = min(n, MAX_CONVOLVED_ANSWERS)
    max_sum = (answers - 1) * (categories - 1)
    # The distribution of a sum is a power of that of one answer, once transformed.
    transform = np.fft.rfft(np.full(categories, 1 / categories), max_sum + 1)
    probabilities = np.fft.irfft(transform ** (answers - 1), max_sum + 1)
    sums = np.arange(max_sum + 1)
    distances = [
        float((np.abs((answers - 1) * x - sums) * probabilities).sum())
        for x in range(categories)
    ]
    mean = sum(distances) / categories / answers
    deviation = float(np.abs(_centred_options(categories)).std())
    return mean - normal_quantile(CONFIDENCE) * deviation / sqrt(n)


def _centred_options(categories: int) -> Floats:
    """Return the options' distances from the middle of the scale."""
    return np.arange(categories, dtype=np.float64) - (categories - 1) / 2
