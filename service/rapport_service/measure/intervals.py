"""The confidence interval of a team's score: dispersion-scaled Wilson.

A team is small and its answers are bounded, so the interval is built the way Wilson
(1927) built that of a share: it stays on the scale, is never of zero width just because
everybody agreed, and needs no random numbers. How much people differ is scaled by a
dispersion that borrows from the whole organization (Smyth 2004), because five people do
not tell their own variance. Korn and Graubard (1998) scale Wilson's interval likewise.

There are two versions. With a `Census` the interval is about what this team said in
this wave. Without one it is about the team in the long run, which is what any change,
trend or comparison asks.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from rapport_service.measure.block import Block
from rapport_service.measure.covariances import covariances
from rapport_service.measure.quantiles import CONFIDENCE, student
from rapport_service.measure.scores import Score

PRIOR_WEIGHT = 4.0
"""How many degrees of freedom the organization's dispersion is worth."""

START_DISPERSION = {1: 0.32, 2: 0.24, 4: 0.17}
"""The dispersion to start from, by the number of items that a person was shown."""

PEOPLE_PER_PAIR = 50
"""People who must have answered both items of every pair that a figure is made of."""


@dataclass(frozen=True)
class Interval:
    """A range of plausible values, in the unit of what it is about."""

    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half of its width; an interval need not be symmetric about its estimate."""
        return (self.high - self.low) / 2


@dataclass(frozen=True)
class Census:
    """How much of a finite group was observed.

    Attributes:
        eligible: N, the people who could respond; raised to n where a roster lags.
        rotation: The part of the variance v that stays even if everyone responds,
            because people saw different items; from `rotation_variance`. 0 for an item
            that everyone sees; None if unknown, which takes nothing off for N.
    """

    eligible: int
    rotation: float | None


def dispersion(score: Score, categories: int) -> float | None:
    """Return how much people differ, as a share of the most that the scale allows.

    c = v * (n - 1) / n / ((theta - 1) * (A - theta)), v = n * SE^2. None below two
    people or with the score at an end of the scale, where nothing can be learnt.
    """
    if score.theta is None or score.se is None:
        return None
    room = (score.theta - 1) * (categories - score.theta)
    # Offsets may leave a score a rounding error away from an end.
    return score.se**2 * (score.n - 1) / room if room > 1e-9 else None


def pooled_dispersion(scores: Iterable[Score], categories: int, start: float) -> float:
    """Return the mean dispersion of some groups' scores on one construct.

    Args:
        scores: Of teams, or the one of the whole organization.
        categories: A, the number of answer options.
        start: What to return where no group tells: one of `START_DISPERSION`.
    """
    known = [c for s in scores if (c := dispersion(s, categories)) is not None]
    mean = sum(known) / len(known) if known else 0.0
    return mean if mean > 0 else start


def rotation_variance(
    block: Block, group: str, shown: int, minimum: int = PEOPLE_PER_PAIR
) -> float | None:
    """Return the variance that rotation alone gives one person's score.

    A person answers k of the construct's K items. With sigma_e^2, the mean variance of
    an item less the mean covariance of two, this is sigma_e^2 * (1/k - 1/K).

    Args:
        block: The whole organization's statistics.
        group: The construct.
        shown: k, the items of the construct that one person is shown.
        minimum: People who must have answered both items of every pair.

    Returns:
        The variance, on the answer scale, squared; 0 where everyone sees everything;
        None where some pair has fewer people.
    """
    columns = block.layout.columns(group)
    size = len(columns)
    if shown >= size:
        return 0.0
    found = covariances(block, group)
    if found.pairs.min() < minimum:
        return None
    variances = found.matrix.diagonal()
    between = (found.matrix.sum() - variances.sum()) / (size * (size - 1))
    unique = max(float(variances.mean() - between), 0.0)
    return unique * (1 / shown - 1 / size)


def sampling_factor(variance: float, n: int, census: Census | None) -> float:
    """Return g, the part of a variance that is left once n of N people were observed.

    The finite-population factor f = 1 - n/N may shrink only what people differ in, not
    what rotation adds: g = f + (1 - f) * min(rotation / v, 1), in [f, 1].

    Args:
        variance: v, of one person's score.
        n: Respondents.
        census: None where the group stands for more than its members.
    """
    if census is None or census.rotation is None:
        return 1.0
    f = 1 - n / max(census.eligible, n)
    if census.rotation == 0:
        return f
    share = min(census.rotation / variance, 1.0) if variance > 0 else 1.0
    return f + (1 - f) * share


def score_interval(
    score: Score, categories: int, pooled: float, census: Census | None = None
) -> Interval | None:
    """Return the 95 % interval of a score, on the answer scale.

    With p = (theta - 1)/(A - 1), the moderated dispersion c of `moderated_dispersion`,
    n_e = n / (c * g) and q the t quantile with 4 + n - 1 degrees of freedom:

        (p + q^2/2n_e +- q * sqrt(p(1-p)/n_e + q^2/4n_e^2)) / (1 + q^2/n_e)

    Args:
        score: Of `ratio`.
        categories: A, the number of answer options, two at least.
        pooled: The organization's dispersion, above 0, from `pooled_dispersion`.
        census: Given for what this team said in this wave; None for change, trend and
            comparison.

    Returns:
        The interval, inside 1..A. Its width is zero only for an item that everyone saw
        and every eligible person answered. None without an answer.
    """
    if score.theta is None:
        return None
    low, high = _wilson_scaled(score, score.theta, categories, pooled, census)
    width = categories - 1
    return Interval(1 + width * max(low, 0.0), 1 + width * min(high, 1.0))


def moderated_se(score: Score, categories: int, pooled: float) -> float | None:
    """Return a standard error that is never zero, for change and comparison.

    The half-width of the interval without a census, over its t quantile. Five people
    who all gave the same answer have a standard error of 0 by `ratio`, and any change
    at all would look certain beside it.
    """
    interval = score_interval(score, categories, pooled)
    if interval is None:
        return None
    return interval.half_width / _quantile(score.n)


def moderated_dispersion(score: Score, categories: int, pooled: float) -> float:
    """Return (4 * c_0 + (n - 1) * c) / (4 + n - 1), c_0 the organization's dispersion.

    A group that cannot tell its own dispersion c takes the organization's.
    """
    own = dispersion(score, categories)
    if own is None:
        return pooled
    freedom = score.n - 1
    return (PRIOR_WEIGHT * pooled + freedom * own) / (PRIOR_WEIGHT + freedom)


def _wilson_scaled(
    score: Score, theta: float, categories: int, pooled: float, census: Census | None
) -> tuple[float, float]:
    c = moderated_dispersion(score, categories, pooled)
    freedom = max(score.n - 1, 1)
    variance = c * (theta - 1) * (categories - theta) * score.n / freedom
    g = sampling_factor(variance, score.n, census)
    p = (theta - 1) / (categories - 1)
    if g == 0:
        return p, p
    return wilson_ends(p, score.n / (c * g), _quantile(score.n))


def wilson_ends(p: float, n: float, q: float) -> tuple[float, float]:
    """Return the ends of Wilson's interval for a share p of n, at the quantile q."""
    shrink = 1 + q * q / n
    centre = (p + q * q / (2 * n)) / shrink
    half = q / shrink * math.sqrt(p * (1 - p) / n + q * q / (4 * n * n))
    return centre - half, centre + half


def _quantile(n: int) -> float:
    return student((1 + CONFIDENCE) / 2, PRIOR_WEIGHT + n - 1)
