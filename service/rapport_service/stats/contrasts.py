"""Contrasts of the phases of an event, and the share of a gain that was kept.

    accel   = during - before      did it speed up?
    sustain = after - before       was it still there later?
    fade    = after - during       how much went away again?
    retention = sustain / accel    the share that was kept

Their standard errors allow for waves resembling their neighbours (`newey_west`). They
are secondary: in a short series they are too small, and `placebo_test` decides.
"""

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np

from rapport_service.stats.intervals import (
    CONFIDENCE,
    Interval,
    t_p_value,
    t_quantile,
)
from rapport_service.stats.regression import Regression, least_squares, newey_west
from rapport_service.stats.segmented_regression import level_design
from rapport_service.stats.sufficient_statistics import Floats


@dataclass(frozen=True)
class Retention:
    """Share of a gain that was kept: 1 all of it, 0 none.

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
        numerator: S.
        denominator: a.
        variances: V_SS, V_Sa and V_aa.
        freedom: Degrees of freedom of the t distribution that gives q.

    Returns:
        None if the denominator is not clearly different from zero, when the interval
        would be unbounded: the ratio cannot be estimated.
    """
    v_numerator, covariance, v_denominator = variances
    q2 = t_quantile((1 + CONFIDENCE) / 2, freedom) ** 2
    a = denominator**2 - q2 * v_denominator
    if not a > 0:
        return None
    b = numerator * denominator - q2 * covariance
    c = numerator**2 - q2 * v_numerator
    # Rounding may take a root that is exactly zero below it.
    root = sqrt(max(b * b - a * c, 0.0))
    return Retention(numerator / denominator, Interval((b - root) / a, (b + root) / a))


@dataclass(frozen=True)
class Contrast:
    """Difference of two phases.

    Attributes:
        estimate: In the unit of the series.
        se: Its standard error: by the noise model, or robust to autocorrelation.
        freedom: Degrees of freedom of its t distribution.
    """

    estimate: float
    se: float
    freedom: float

    @property
    def reach(self) -> float:
        """Half of the two-sided 95 % interval."""
        return t_quantile((1 + CONFIDENCE) / 2, self.freedom) * self.se

    @property
    def interval(self) -> Interval:
        """The two-sided 95 % interval."""
        return Interval(self.estimate - self.reach, self.estimate + self.reach)

    @property
    def p_value(self) -> float:
        """The two-sided p; the standard error is above 0."""
        return t_p_value(self.estimate / self.se, self.freedom)

    @property
    def lower_bound(self) -> float:
        """The one-sided 95 % lower bound."""
        return self.estimate - t_quantile(CONFIDENCE, self.freedom) * self.se

    @property
    def upper_bound(self) -> float:
        """The one-sided 95 % upper bound."""
        return self.estimate + t_quantile(CONFIDENCE, self.freedom) * self.se


@dataclass(frozen=True)
class Contrasts:
    """Contrasts of one series around one event.

    Attributes:
        accel: During less before.
        sustain: After less before; None without an after.
        fade: After less during; None without an after.
        retention: None without an after, and where the gain is not clear enough to
            divide by.
    """

    accel: Contrast
    sustain: Contrast | None
    fade: Contrast | None
    retention: Retention | None


def contrasts(
    y: Floats, start: int, end: int | None = None, lag: int | None = None
) -> Contrasts:
    """Return the contrasts of a series of waves in the order of time.

    Args:
        y: (T,) scores, waves in transition left out.
        start: The number, from 0, of the first wave that is during.
        end: That of the first wave after; None without an after.
        lag: Of the autocorrelation; the default of `newey_west` if None.

    Raises:
        ValueError: A phase has no wave, or there are no more waves than phases.
    """
    model = least_squares(level_design(len(y), start, end), y)
    robust = newey_west(model, lag)
    accel = _contrast(model, robust, (0, 1))
    if end is None:
        return Contrasts(accel, None, None, None)
    sustain = _contrast(model, robust, (0, 0, 1))
    fade = _contrast(model, robust, (0, -1, 1))
    retention = fieller(
        sustain.estimate,
        accel.estimate,
        (robust[2, 2], robust[1, 2], robust[1, 1]),
        model.freedom,
    )
    return Contrasts(accel, sustain, fade, retention)


def t_statistic(
    y: Floats, weights: tuple[float, ...], start: int, end: int | None
) -> float:
    """Return the ordinary least-squares t of a combination of the level terms.

    Placebo dates are compared by it.
    """
    model = least_squares(level_design(len(y), start, end), y)
    combine = _pad_weights(model, weights)
    estimate = float(combine @ model.coefficients)
    error = sqrt(float(combine @ model.covariance @ combine))
    scale = float(np.abs(model.coefficients).max())
    if abs(estimate) <= 1e-12 * scale:
        return 0.0
    # A series that is flat within its phases has no error but that of rounding.
    return estimate / error if error > 1e-12 * scale else inf * estimate


def _contrast(
    model: Regression, robust: Floats, weights: tuple[float, ...]
) -> Contrast:
    combine = _pad_weights(model, weights)
    # What is 0 but for rounding is 0: a gain that is lost again is not still there.
    least = 1e-12 * float(np.abs(model.coefficients).max())
    estimate = float(combine @ model.coefficients)
    error = sqrt(max(float(combine @ robust @ combine), 0.0))
    return Contrast(
        estimate=0.0 if abs(estimate) <= least else estimate,
        se=0.0 if error <= least else error,
        freedom=model.freedom,
    )


def _pad_weights(model: Regression, weights: tuple[float, ...]) -> Floats:
    combine = np.zeros(len(model.coefficients))
    combine[: len(weights)] = weights
    return combine
