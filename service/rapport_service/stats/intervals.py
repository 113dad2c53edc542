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
from dataclasses import dataclass

from rapport_service.stats.dispersion import PRIOR_WEIGHT, moderated_dispersion
from rapport_service.stats.finite_population import Census, sampling_factor
from rapport_service.stats.quantiles import CONFIDENCE, t_quantile
from rapport_service.stats.scores import Score


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
    low, high = _scaled_wilson_bounds(score, score.theta, categories, pooled, census)
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
    return interval.half_width / _moderated_t_quantile(score.n)


def _scaled_wilson_bounds(
    score: Score, theta: float, categories: int, pooled: float, census: Census | None
) -> tuple[float, float]:
    c = moderated_dispersion(score, categories, pooled)
    freedom = max(score.n - 1, 1)
    variance = c * (theta - 1) * (categories - theta) * score.n / freedom
    g = sampling_factor(variance, score.n, census)
    p = (theta - 1) / (categories - 1)
    if g == 0:
        return p, p
    return wilson_bounds(p, score.n / (c * g), _moderated_t_quantile(score.n))


def wilson_bounds(p: float, n: float, q: float) -> tuple[float, float]:
    """Return the ends of Wilson's interval for a share p of n, at the quantile q."""
    shrink = 1 + q * q / n
    centre = (p + q * q / (2 * n)) / shrink
    half = q / shrink * math.sqrt(p * (1 - p) / n + q * q / (4 * n * n))
    return centre - half, centre + half


def _moderated_t_quantile(n: int) -> float:
    return t_quantile((1 + CONFIDENCE) / 2, PRIOR_WEIGHT + n - 1)
