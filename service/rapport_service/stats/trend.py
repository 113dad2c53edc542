"""Where a score is heading: a slope that no single odd wave can turn.

References: Theil 1950; Sen 1968, J Am Stat Assoc 63:1379.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rapport_service.stats.covariances import Floats
from rapport_service.stats.kendall import Kendall, kendall
from rapport_service.stats.quantiles import t_p_value
from rapport_service.stats.regression import least_squares
from rapport_service.stats.series import Point, elapsed_four_weeks, scores

MIN_WAVES = 5


@dataclass(frozen=True)
class Slope:
    """A straight line's slope, in points per unit of time, with its standard error."""

    estimate: float
    se: float
    p: float


@dataclass(frozen=True)
class Trend:
    """The trend of a series, in points per four weeks.

    Attributes:
        slope: Theil-Sen: the median of the slopes between any two waves.
        rank: Kendall's correlation of time and score, whose p is that of the trend.
    """

    slope: float
    rank: Kendall


def trend(points: Sequence[Point]) -> Trend | None:
    """Return the trend over the real dates of the waves.

    None below five waves, and where all are of one date.
    """
    if len(points) < MIN_WAVES:
        return None
    x, y = elapsed_four_weeks(points), scores(points)
    slope = theil_sen(x, y)
    return None if slope is None else Trend(slope, kendall(x.tolist(), y.tolist()))


def theil_sen(x: Floats, y: Floats) -> float | None:
    """Return the median slope between two points that differ in x; None without any."""
    i, j = np.triu_indices(len(x), 1)
    apart = x[i] != x[j]
    if not apart.any():
        return None
    return float(np.median((y[j] - y[i])[apart] / (x[j] - x[i])[apart]))


def weighted_slope(x: Floats, y: Floats, se: Floats) -> Slope | None:
    """Return the slope by least squares with weights 1/SE^2; None below three points.

    Its standard error is scaled by the residuals, since waves differ by more than the
    sampling of people. Equal standard errors give ordinary least squares.

    Args:
        x: (T,) time.
        y: (T,) scores.
        se: (T,) their standard errors, above 0.
    """
    if len(x) < 3 or len(np.unique(x)) < 2:
        return None
    model = least_squares(np.column_stack([np.ones_like(x), x]), y, 1 / se**2)
    slope, error = float(model.coefficients[1]), float(model.covariance[1, 1]) ** 0.5
    p = t_p_value(slope / error, model.freedom) if error > 0 else float(slope == 0)
    return Slope(slope, error, p)
