"""The ratio of two uncertain figures, such as the share of a gain that was kept.

Reference: Fieller 1954, J R Stat Soc B 16:175.
"""

from dataclasses import dataclass
from math import sqrt

from rapport_service.stats.intervals import Interval
from rapport_service.stats.quantiles import CONFIDENCE, t_quantile


@dataclass(frozen=True)
class Retention:
    """The share of a gain that was kept: 1 all of it, 0 none.

    Attributes:
        share: sustain / accel.
        interval: 95 %, by Fieller.
    """

    share: float
    interval: Interval


def fieller(
    numerator: float,
    denominator: float,
    variances: tuple[float, float, float],
    freedom: float,
) -> Retention | None:
    """Return the ratio of two estimates with its interval.

    The ends r solve (S - r a)^2 = q^2 (V_SS - 2 r V_Sa + r^2 V_aa). Reference: Fieller
    1954, J R Stat Soc B 16:175.

    Args:
        over: S, the numerator.
        under: a, the denominator.
        variances: V_SS, V_Sa and V_aa.
        freedom: Degrees of freedom of the t distribution that gives q.

    Returns:
        None if the denominator is not clearly different from zero, when the interval
        would be unbounded: the ratio cannot be estimated.
    """
    v_over, v_both, v_under = variances
    q2 = t_quantile((1 + CONFIDENCE) / 2, freedom) ** 2
    a = denominator**2 - q2 * v_under
    if not a > 0:
        return None
    b = numerator * denominator - q2 * v_both
    c = numerator**2 - q2 * v_over
    # Rounding may take a root that is exactly zero below it.
    root = sqrt(max(b * b - a * c, 0.0))
    return Retention(numerator / denominator, Interval((b - root) / a, (b + root) / a))
