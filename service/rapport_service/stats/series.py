"""One group's score over the waves, at whatever dates they were.

A wave that was cancelled, or in which the group was not released, is simply no point of
the series; nothing is interpolated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from rapport_service.stats.covariances import Floats


@dataclass(frozen=True)
class Window:
    """The time in which a wave could be answered."""

    opens_at: datetime
    closes_at: datetime

    @property
    def midpoint(self) -> datetime:
        """The instant that stands for the wave."""
        return self.opens_at + (self.closes_at - self.opens_at) / 2


@dataclass(frozen=True)
class Point:
    """A released score.

    Attributes:
        window: When its wave could be answered.
        score: In points, 0 to 100.
        se: Its standard error in points, above 0, without finite-population factor.
    """

    window: Window
    score: float
    se: float


def elapsed_four_weeks(points: Sequence[Point]) -> Floats:
    """Return the time of each point since the first, in units of 28 days."""
    unit = timedelta(days=28)
    return np.array(
        [(p.window.midpoint - points[0].window.midpoint) / unit for p in points]
    )


def scores(points: Sequence[Point]) -> Floats:
    """Return the scores, in points."""
    return np.array([point.score for point in points])


def standard_errors(points: Sequence[Point]) -> Floats:
    """Return the standard errors, in points."""
    return np.array([point.se for point in points])
