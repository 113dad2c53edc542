"""Local level of a group, from all of its waves as they were shown.

A wave's score is the group's level plus noise, and the level drifts from wave to wave:

    y_t = l_t + e_t,        e_t ~ N(0, noise / n_t + rounding)
    l_t = l_{t-1} + w_t,    w_t ~ N(0, drift / n_t) per fortnight
    l_1 ~ N(mean, between)

The three variances are the organization's: they are estimated from all of its groups,
with a prior on their logarithms, since one series is too short to tell them. The filter
uses nothing but the past. A wave in which a group was not shown is no wave of its
series: the next one comes that much later. Reference: Harvey 1989, Forecasting,
Structural Time Series Models and the Kalman Filter, chapter 2.

Everything here is a function of published numbers: scores as shown, bands in place of
counts, and the variances, which are published too. These rest on every group, and
whoever may read one group may read them; so they take few values, and waves with fewer
than five groups do not shape them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from math import sqrt

import numpy as np

from rapport_service.stats.sufficient_statistics import Floats

Booleans = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

LEVEL_FACTOR = 2.0
"""Standard errors on each side of a level; above 1.96, as variances are estimates."""

ONE_WAVE_FACTOR, TWO_WAVES_FACTOR = 2.05, 2.2
"""Standard errors that a change must exceed, of one wave and of the mean of two."""

USUAL_SCALE, SCALE_WEIGHT = 1.4, 20.0
"""Size of past errors before any is known, for a common shock of 3 points moves all
teams at once; and the number of errors that it is worth."""

MIN_FITTED_GROUPS = 5
"""Groups of a wave from which anything is estimated. With two, each could compute the
other's scores from the variances."""

_PRIORS = {
    "noise": (300.0, 0.35, (0.5, 1.0, 2.0)),
    "drift": (15.0, 0.5, (0.5, 1.0, 2.0)),
    "between": (60.0, 0.7, (0.25, 1.0, 4.0)),
}
"""Centre in points squared (of one person, where it is divided by n), standard
deviation of the logarithm, and the multiples of the centre that may be published. Finer
ones would tell a reader of all groups but one the scores of that one."""

_MEAN_STEP = 10
"""The mean is published to the nearest 10 points, for the same reason."""

_SCALE_DECIMALS = 1


@dataclass(frozen=True)
class LevelVariances:
    """Terms of an organization, as published, on which its levels and changes rest.

    Attributes:
        noise: variance of one person's part in a score, in points squared.
        drift: variance of one person's part in a fortnight's drift.
        between: variance of groups around the mean.
        mean: where a group is expected before its first wave, in points.
        change_scale: how many times larger past errors were than expected, of one wave.
        two_wave_change_scale: the same of the mean of two waves.
    """

    noise: float
    drift: float
    between: float
    mean: float
    change_scale: float = USUAL_SCALE
    two_wave_change_scale: float = USUAL_SCALE


USUAL_VARIANCES = LevelVariances(noise=300.0, drift=15.0, between=250.0, mean=60.0)
"""Those of an organization that shows too few groups to have its own. Nothing is known
of its mean, so the variance around it is wide."""


@dataclass(frozen=True)
class ShownSeries:
    """Scores of some groups in some waves, as they were shown.

    Attributes:
        scores: (T, m) in points; NaN where a group was not shown.
        lowest: (T, m) the least that a score may stand for: 0 of "at most 10".
        highest: (T, m) the most: 100 of "at least 90".
        people: (T, m) what its band of respondents stands for.
        rounding: (T, m) variance that rounding adds.
        elapsed: (T,) fortnights since the wave before; 0 for the first.
    """

    scores: Floats
    lowest: Floats
    highest: Floats
    people: Floats
    rounding: Floats
    elapsed: Floats

    def until(self, waves: int) -> "ShownSeries":
        """The first waves alone."""
        return ShownSeries(
            self.scores[:waves],
            self.lowest[:waves],
            self.highest[:waves],
            self.people[:waves],
            self.rounding[:waves],
            self.elapsed[:waves],
        )

    def of_groups(self, places: Sequence[int]) -> "ShownSeries":
        """Some of the groups alone."""
        return ShownSeries(
            self.scores[:, places],
            self.lowest[:, places],
            self.highest[:, places],
            self.people[:, places],
            self.rounding[:, places],
            self.elapsed,
        )

    @cached_property
    def is_shown(self) -> Booleans:
        """(T, m) whether a group was shown."""
        return np.asarray(~np.isnan(self.scores))

    @property
    def is_clamped(self) -> bool:
        """Whether some score may stand for others than itself."""
        return bool((self.lowest < self.highest).any())

    @property
    def is_fitted(self) -> Booleans:
        """(T,) whether so many groups were shown that estimates may rest on them."""
        return np.asarray(self.is_shown.sum(axis=1) >= MIN_FITTED_GROUPS)

    @cached_property
    def since_shown(self) -> Floats:
        """(T, m) fortnights since a group was shown; 0 at first, and where it is not.

        So a wave that a group missed is the same to it as one that never was.
        """
        shown, waiting = self.is_shown, np.zeros(self.scores.shape[1])
        since = np.zeros(self.scores.shape)
        known = np.zeros(self.scores.shape[1], dtype=np.bool_)
        for t, elapsed in enumerate(self.elapsed.tolist()):
            waiting = waiting + elapsed
            since[t] = np.where(shown[t] & known, waiting, 0.0)
            waiting = np.where(shown[t], 0.0, waiting)
            known = known | shown[t]
        return since


@dataclass(frozen=True)
class LevelTrack:
    """Levels of some groups after each wave, and predictions before it, (T, m).

    Attributes:
        levels: in points.
        variances: of the level.
        predicted: the level before the wave, as the one after it is expected.
        predicted_variances: of that expectation, without the wave's own noise.
        noise: the variance of the wave's own noise.
        drift: the variance that its level has gained since it was last shown.
        shown: the scores.
    """

    levels: Floats
    variances: Floats
    predicted: Floats
    predicted_variances: Floats
    noise: Floats
    drift: Floats
    shown: Floats

    def interval_reach(self) -> Floats:
        """(m,) half of the 95 % interval of each newest level."""
        return np.asarray(LEVEL_FACTOR * np.sqrt(self.variances[-1]))

    def one_wave_errors(self) -> tuple[Floats, Floats]:
        """(T, m) each score less the level before it, and its standard error."""
        spread = np.sqrt(self.predicted_variances + self.noise)
        return self.shown - self.predicted, np.asarray(spread)

    def two_wave_errors(self) -> tuple[Floats, Floats]:
        """(T, m) the mean of two scores less the level before, and its standard error.

        NaN in the first two waves. The second score has both steps of the drift, the
        first only the first of them.
        """
        errors = np.full_like(self.shown, np.nan)
        spreads = np.full_like(self.shown, np.nan)
        if len(self.shown) > 2:
            means = (self.shown[2:] + self.shown[1:-1]) / 2
            errors[2:] = means - self.levels[:-2]
            spreads[2:] = np.sqrt(
                self.variances[:-2]
                + self.drift[1:-1]
                + self.drift[2:] / 4
                + (self.noise[2:] + self.noise[1:-1]) / 4
            )
        return errors, spreads


def fit_level_variances(series: ShownSeries) -> LevelVariances:
    """Return the most likely variances of groups that share no person.

    Only waves in which at least five of them were shown are used; without any, the
    variances are the usual ones.
    """
    is_fitted = series.is_fitted
    if not is_fitted.any():
        return USUAL_VARIANCES
    known = replace(series, scores=np.where(is_fitted[:, None], series.scores, np.nan))
    mean = _MEAN_STEP * round(float(np.nanmean(known.scores)) / _MEAN_STEP)
    grid = np.array(list(product(*(choices for _, _, choices in _PRIORS.values()))))
    centres = np.array([centre for centre, _, _ in _PRIORS.values()])
    spreads = np.array([spread for _, spread, _ in _PRIORS.values()])
    logs = -((np.log(grid) / spreads) ** 2).sum(axis=1) / 2
    noise, drift, between = (centres * grid).T
    _, likelihoods = _filter(
        known,
        noise[:, None] / known.people[:, None] + known.rounding[:, None],
        drift[:, None] / known.people[:, None] * known.since_shown[:, None],
        (mean, between[:, None]),
    )
    best = int(np.argmax(logs + likelihoods))
    return LevelVariances(
        float(noise[best]), float(drift[best]), float(between[best]), mean
    )


def track_levels(series: ShownSeries, variances: LevelVariances) -> LevelTrack:
    """Return the levels of groups, each from its own waves alone."""
    track, _ = _filter(
        series,
        variances.noise / series.people + series.rounding,
        variances.drift / series.people * series.since_shown,
        (variances.mean, variances.between),
    )
    return track


def error_scale(errors: Floats, spreads: Floats) -> float:
    """Return how many times larger an organization's past errors were than expected.

    A common shock makes them larger than sampling explains. sqrt((w s^2 + sum z^2) / (w
    + count)), as if w = 20 errors of the usual size s were known; rounded, for it is
    published.
    """
    squares = (errors / spreads) ** 2
    known = squares[~np.isnan(squares)]
    start = SCALE_WEIGHT * USUAL_SCALE**2
    square = (start + float(known.sum())) / (SCALE_WEIGHT + known.size)
    return round(sqrt(square), _SCALE_DECIMALS)


def _filter(
    series: ShownSeries,
    noise: Floats,
    drift: Floats,
    start: tuple[float, Floats | float],
) -> tuple[LevelTrack, Floats]:
    """Run the Kalman filter; return its track and the log-likelihood.

    Args:
        noise: (T, m) of each score, or (T, k, m) for k guesses at the variances.
        drift: of each level since it was last shown.
        start: mean and variance before the first wave.
    """
    shown = series.is_shown
    scores = np.where(shown, series.scores, 0.0)
    mean, between = start
    level = np.full(noise.shape[1:], mean)
    variance = np.full(noise.shape[1:], between)
    levels, after = np.empty_like(noise), np.empty_like(noise)
    predicted, before = np.empty_like(noise), np.empty_like(noise)
    likelihood = np.zeros(noise.shape[1:-1])
    for t in range(len(scores)):
        variance = variance + drift[t]
        predicted[t], before[t] = level, variance
        total = variance + noise[t]
        error = np.where(shown[t], scores[t] - level, 0.0)
        gain = np.where(shown[t], variance / total, 0.0)
        parts = np.where(shown[t], np.log(total) + error**2 / total, 0.0)
        likelihood = likelihood - parts.sum(axis=-1) / 2
        level, variance = level + gain * error, (1 - gain) * variance
        levels[t], after[t] = level, variance
    track = LevelTrack(levels, after, predicted, before, noise, drift, series.scores)
    return track, likelihood


def difference_from_mean(levels: Floats, variances: Floats) -> tuple[Floats, Floats]:
    """Return how far each level lies from the mean of all, with its standard error.

    The mean contains the level itself, with a weight of 1/m.

    Args:
        levels: (m,) of groups that share nobody, two at least.
        variances: (m,) of these.
    """
    m = len(levels)
    own = (1 - 1 / m) ** 2 * variances
    others = (variances.sum() - variances) / m**2
    return levels - levels.mean(), np.sqrt(own + others)
