"""Scores of a group from its sufficient statistics, with standard errors and shares.

People are shown different items, so a plain mean would also measure who happened to get
the easy questions. Each answer is therefore first freed of its item's offset, which is
how far the item's mean in the whole organization lies from that of its construct.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rapport_service.stats.sufficient_statistics import SufficientStatistics

MIN_ANSWERS_PER_ITEM = 30
"""Answers that every item needs before its offset is more than noise."""


@dataclass(frozen=True)
class ScoreEstimate:
    """Estimate of a group's score on one construct.

    Attributes:
        n: People with at least one valid answer to the construct.
        answers: Their valid answers.
        theta: The score on the answer scale, 1..A; None without an answer.
        se: Its standard error, sampling of people; None below two people.
    """

    n: int
    answers: int
    theta: float | None
    se: float | None


def item_means(statistics: SufficientStatistics) -> dict[str, float | None]:
    """Return every item's mean on the answer scale; None without an answer.

    Reference value: tests and benchmarks compare it; no release uses it.
    """
    answers, totals = statistics.pairs.diagonal(), statistics.sums.diagonal()
    return {
        item: float(total / count) if count else None
        for item, count, total in zip(
            statistics.layout.items, answers, totals, strict=True
        )
    }


def offsets(statistics: SufficientStatistics, group: str) -> dict[str, float]:
    """Return how far each item's mean lies from the mean of the group's item means.

    Args:
        statistics: The whole organization's statistics.
        group: The set of items that are compared with each other.

    Returns:
        An offset per item; all of them 0 if any item has fewer than 30 answers.
    """
    items, columns = statistics.layout.groups[group], statistics.layout.columns(group)
    answers = statistics.pairs.diagonal()[columns]
    if answers.min() < MIN_ANSWERS_PER_ITEM:
        return dict.fromkeys(items, 0.0)
    means = statistics.sums.diagonal()[columns] / answers
    return dict(zip(items, (means - means.mean()).tolist(), strict=True))


def ratio_estimate(
    statistics: SufficientStatistics, group: str, offsets: Mapping[str, float]
) -> ScoreEstimate:
    """Return the offset-adjusted score of a group.

    With c_i answers to item i, S_i their sum and o_i the item's offset,

        theta = sum_i (S_i - c_i * o_i) / sum_i c_i.

    The standard error is that of a ratio of two totals with people as the sampling
    units (linearization; Cochran 1977, chapter 6), with a_i = o_i + theta:

        Q = sum_ij (P_ij - 2 * S_ij * a_j + a_i * a_j * n_ij)
        SE^2 = n / (n - 1) * Q / (sum_i c_i)^2.

    Args:
        statistics: Of the group.
        group: The construct: one of the groups of the layout.
        offsets: An offset for each of the group's items.

    Returns:
        The score; theta is clamped to 1..A, which an offset can leave in a tiny group.
    """
    columns = statistics.layout.columns(group)
    square = np.ix_(columns, columns)
    pairs, sums = statistics.pairs[square], statistics.sums[square]
    shift = np.array([offsets[item] for item in statistics.layout.groups[group]])
    counts = pairs.diagonal()
    n, answers = statistics.respondents_of(group), int(counts.sum())
    if answers == 0:
        return ScoreEstimate(n=n, answers=0, theta=None, se=None)
    theta = float((sums.diagonal() - counts * shift).sum() / answers)
    a = shift + theta
    products = statistics.products[square]
    q = float((products - 2 * sums * a + np.outer(a, a) * pairs).sum())
    # Without any spread q is zero but for rounding, which may fall below it.
    se = float(np.sqrt(n / (n - 1) * max(q, 0.0))) / answers if n >= 2 else None
    clamped = min(max(theta, 1.0), float(statistics.layout.categories))
    return ScoreEstimate(n=n, answers=answers, theta=clamped, se=se)


def to_points(theta: float, categories: int) -> float:
    """Return a score on the answer scale 1..A as points from 0 to 100."""
    return 100 * (theta - 1) / (categories - 1)


def favourable_percent(statistics: SufficientStatistics, group: str) -> float | None:
    """Return the favourable answers to a construct in percent, 0 to 100.

    The unweighted mean, over the items that anyone answered, of the share of answers in
    the top two categories after reverse keying; None without an answer.
    """
    histogram = statistics.histogram[statistics.layout.columns(group)]
    answers = histogram.sum(axis=1)
    shares = histogram[:, -2:].sum(axis=1)[answers > 0] / answers[answers > 0]
    return float(100 * shares.mean()) if shares.size else None


def is_reportable(statistics: SufficientStatistics, *constructs: str) -> bool:
    """Return whether there are enough answers to report each of these constructs.

    Each needs five people with a valid answer, ten valid answers, and a valid answer to
    at least half of its items. The overall score needs that of both constructs.
    """
    return all(_has_enough_answers(statistics, construct) for construct in constructs)


def _has_enough_answers(statistics: SufficientStatistics, construct: str) -> bool:
    answers = statistics.pairs.diagonal()[statistics.layout.columns(construct)]
    return bool(
        statistics.respondents_of(construct) >= 5
        and answers.sum() >= 10
        and 2 * np.count_nonzero(answers) >= answers.size
    )
