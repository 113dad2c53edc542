"""Finite-population correction: the variance left once most of a team has answered.

Elsewhere a finite-population factor shrinks a variance to nothing when everybody has
answered. Here people are shown different items, and that part of the variance stays.
"""

from dataclasses import dataclass

from rapport_service.stats.sufficient_statistics import (
    SufficientStatistics,
    covariances,
)


@dataclass(frozen=True)
class Census:
    """Size of a finite group, and the variance that even a full count leaves.

    Attributes:
        eligible: N, the people who could respond; raised to n where a roster lags. Need
            not be whole where only a band of participation is known.
        rotation: The part of the variance v that stays even if everyone responds,
            because people saw different items; from `rotation_variance`. 0 for an item
            that everyone sees.
    """

    eligible: float
    rotation: float


START_ROTATION = {"trust": 0.22, "communication": 0.24, "overall": 0.12}
"""Usual variance by rotation, on the answer scale, squared: of two questions of six, or
four of twelve. Real data give .20 to .26 and .12 to .13."""

START_PEOPLE_PER_PAIR = 20
"""People a pair of questions that the usual variance is worth."""

MIN_PEOPLE_PER_PAIR = 2
"""People a pair of questions from which on an organization's own variance counts."""


def rotation_variance(
    statistics: SufficientStatistics | None, group: str, shown: int, start: float
) -> float:
    """Return the variance that rotation alone gives one person's score.

    A person answers k of the construct's K items. With sigma_e^2, the mean variance of
    an item less the mean covariance of two, this is sigma_e^2 * (1/k - 1/K). The
    organization's own takes over from the usual one as people a pair of questions
    become more: (20 * start + n * own) / (20 + n), n those of the rarest pair.

    Args:
        statistics: The whole organization's, pooled over waves; None if unknown.
        group: The construct.
        shown: k, the items of the construct that one person is shown.
        start: The usual variance, one of `START_ROTATION`.

    Returns:
        The variance, on the answer scale, squared; 0 where everyone sees everything.
    """
    if statistics is None:
        return start
    size = len(statistics.layout.columns(group))
    if shown >= size:
        return 0.0
    items = covariances(statistics, group)
    people = int(items.pairs.min())
    if people < MIN_PEOPLE_PER_PAIR:
        return start
    variances = items.matrix.diagonal()
    between = (items.matrix.sum() - variances.sum()) / (size * (size - 1))
    own = max(float(variances.mean() - between), 0.0) * (1 / shown - 1 / size)
    weight = START_PEOPLE_PER_PAIR
    return (weight * start + people * own) / (weight + people)


def sampling_factor(variance: float, n: int, census: Census | None) -> float:
    """Return g, the part of a variance that is left once n of N people were observed.

    The finite-population factor f = 1 - n/N may shrink only what people differ in, not
    what rotation adds: g = f + (1 - f) * min(rotation / v, 1), in [f, 1].

    Args:
        variance: v, of one person's score.
        n: Respondents.
        census: None where the group stands for more than its members.
    """
    if census is None:
        return 1.0
    f = 1 - n / max(census.eligible, n)
    if census.rotation == 0:
        return f
    share = min(census.rotation / variance, 1.0) if variance > 0 else 1.0
    return f + (1 - f) * share
