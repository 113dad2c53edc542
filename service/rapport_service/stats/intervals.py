"""Confidence interval of a team's score: dispersion-scaled Wilson.

A team is small and its answers are bounded, so the interval is built the way Wilson
(1927) built that of a share: it stays on the scale, is never of zero width just because
everybody agreed, and needs no random numbers. How much people differ is scaled by a
dispersion that borrows from the whole organization (Smyth 2004, Stat Appl Genet Mol
Biol 3:3), because five people do not tell their own variance. Korn and Graubard (1998)
scale Wilson's interval likewise.

There are two versions. With a `Census` the interval is about what this team said in
this wave. Without one it is about the team in the long run, which is what any change,
trend or comparison asks.

The quantiles are those of `scipy.special`, plain functions; `scipy.stats` would triple
the import time.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from scipy import special

from rapport_service.stats.finite_population import Census, sampling_factor
from rapport_service.stats.scores import ScoreEstimate

SIGNIFICANCE = 0.05
"""Largest p-value that counts as more than chance."""

CONFIDENCE = 0.95
"""Coverage of every interval."""


def normal_quantile(p: float) -> float:
    """Return the p-quantile of the standard normal distribution."""
    return float(special.ndtri(p))


def t_quantile(p: float, df: float) -> float:
    """Return the p-quantile of Student's t with df degrees of freedom."""
    return float(special.stdtrit(df, p))


def t_p_value(t: float, df: float) -> float:
    """Return the two-sided p-value of a t statistic with df degrees of freedom."""
    return float(2 * special.stdtr(df, -abs(t)))


def f_quantile(p: float, df1: float, df2: float) -> float:
    """Return the p-quantile of Fisher's F with df1 and df2 degrees of freedom."""
    return float(special.fdtri(df1, df2, p))


PRIOR_WEIGHT = 4.0
"""Degrees of freedom that the organization's dispersion is worth."""

START_DISPERSION = {1: 0.32, 2: 0.24, 4: 0.17}
"""The dispersion to start from, by the number of items that a person was shown."""


def dispersion(score: ScoreEstimate, categories: int) -> float | None:
    """Return the variance of people, as a share of the most that the scale allows.

    c = v * (n - 1) / n / ((theta - 1) * (A - theta)), v = n * SE^2. None below two
    people or with the score at an end of the scale, where it is not defined.
    """
    if score.theta is None or score.se is None:
        return None
    room = (score.theta - 1) * (categories - score.theta)
    # Offsets may leave a score a rounding error away from an end.
    return score.se**2 * (score.n - 1) / room if room > 1e-9 else None


def pooled_dispersion(
    scores: Iterable[ScoreEstimate], categories: int, start: float
) -> float:
    """Return the mean dispersion of some groups' scores on one construct.

    Args:
        scores: Of teams, or the one of the whole organization.
        categories: A, the number of answer options.
        start: The result where no group has one: one of `START_DISPERSION`.
    """
    known = [c for s in scores if (c := dispersion(s, categories)) is not None]
    mean = sum(known) / len(known) if known else 0.0
    return mean if mean > 0 else start


def moderated_dispersion(score: ScoreEstimate, categories: int, pooled: float) -> float:
    """Return (4 * c_0 + (n - 1) * c) / (4 + n - 1), c_0 the organization's dispersion.

    A group without a dispersion c of its own takes the organization's.
    """
    own = dispersion(score, categories)
    if own is None:
        return pooled
    freedom = score.n - 1
    return (PRIOR_WEIGHT * pooled + freedom * own) / (PRIOR_WEIGHT + freedom)


@dataclass(frozen=True)
class Interval:
    """A range of plausible values, in the unit of what it is about."""

    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half of its width; an interval need not be symmetric about its estimate."""
        return (self.high - self.low) / 2


def score_interval(
    score: ScoreEstimate, categories: int, pooled: float, census: Census | None = None
) -> Interval | None:
    """Return the 95 % interval of a score, on the answer scale.

    With p = (theta - 1)/(A - 1), the moderated dispersion c of `moderated_dispersion`,
    n_e = n / (c * g) and q the t quantile with 4 + n - 1 degrees of freedom:

        (p + q^2/2n_e +- q * sqrt(p(1-p)/n_e + q^2/4n_e^2)) / (1 + q^2/n_e)

    Args:
        score: From `ratio_estimate`.
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
    low, high = _scaled_wilson_bounds(score, score.theta, categories, pooled, census)
    width = categories - 1
    return Interval(1 + width * max(low, 0.0), 1 + width * min(high, 1.0))


def moderated_se(score: ScoreEstimate, categories: int, pooled: float) -> float | None:
    """Return a standard error that is never zero, for change and comparison.

    It is the half-width of the interval without a census, over its t quantile. Five
    people who all gave the same answer have a standard error of 0 by `ratio_estimate`,
    with which any change at all would look certain.
    """
    interval = score_interval(score, categories, pooled)
    if interval is None:
        return None
    return interval.half_width / _moderated_t_quantile(score.n)


def _scaled_wilson_bounds(
    score: ScoreEstimate,
    theta: float,
    categories: int,
    pooled: float,
    census: Census | None,
) -> tuple[float, float]:
    c = moderated_dispersion(score, categories, pooled)
    freedom = max(score.n - 1, 1)
    variance = c * (theta - 1) * (categories - theta) * score.n / freedom
    spread = c * sampling_factor(variance, score.n, census)
    p = (theta - 1) / (categories - 1)
    if spread == 0:  # also where the product is too small for a float
        return p, p
    return wilson_bounds(p, score.n / spread, _moderated_t_quantile(score.n))


def wilson_bounds(p: float, n: float, q: float) -> tuple[float, float]:
    """Return the ends of Wilson's interval for a share p of n, at the quantile q."""
    shrink = 1 + q * q / n
    centre = (p + q * q / (2 * n)) / shrink
    half = q / shrink * math.sqrt(p * (1 - p) / n + q * q / (4 * n * n))
    return centre - half, centre + half


def _moderated_t_quantile(n: int) -> float:
    return t_quantile((1 + CONFIDENCE) / 2, PRIOR_WEIGHT + n - 1)
