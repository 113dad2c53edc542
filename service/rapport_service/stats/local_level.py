"""Local level of a group, from all of its waves as they were shown.

A wave's score is the group's level plus noise, and the level drifts from wave to wave:

    y_t = l_t + e_t,        e_t ~ N(0, noise / n_t + rounding)
    l_t = l_{t-1} + w_t,    w_t ~ N(0, drift / n_t) per fortnight
    l_1 ~ N(mean, between)

The three variances are the organization's: they are estimated from all of its groups,
with a prior on their logarithms, since one series is too short to tell them. The filter
uses nothing but the past. Reference: Harvey 1989, Forecasting, Structural Time Series
Models and the Kalman Filter, chapter 2.

In a group of many teams people cancel out and what moves all of them at once does not,
so its own series gets two variances more: c, a drift that does not shrink with n, and
g, a shock that is gone with the next wave. Neither is known; both are integrated over.

Everything here is a function of published numbers: scores as shown, bands in place of
counts. So it tells nobody anything that the documents do not.
"""

from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from scipy import optimize

from rapport_service.stats.sufficient_statistics import Floats

Booleans = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

LEVEL_FACTOR = 2.0
"""Standard errors on each side of a level; above 1.96, as variances are estimates."""

ONE_WAVE_FACTOR, TWO_WAVES_FACTOR = 2.15, 2.3
"""Standard errors that a change must exceed, of one wave and of the mean of two."""

SCALE_WEIGHT = 20.0
"""Past errors that a scale of 1 is worth."""

_PRIORS = {"noise": (300.0, 0.35), "drift": (15.0, 0.5), "between": (60.0, 0.7)}
"""Centre in points squared (of one person, where it is divided by n), and standard
deviation of the logarithm."""

_COMMON = np.exp(np.linspace(np.log(0.05), np.log(16.0), 12))
"""Grid of c and of g, in points squared."""

_COMMON_DRIFT_PRIOR, _COMMON_SHOCK_PRIOR = (0.5, 1.0), (1.0, 1.0)
"""Centre, and standard deviation of the logarithm."""

_DECIMALS = 1
"""Of the variances as they are published, from which everything is computed."""


@dataclass(frozen=True)
class LevelVariances:
    """Variances of an organization's groups on one construct, as they are published.

    Attributes:
        noise: of one person's part in a score, in points squared.
        drift: of one person's part in a fortnight's drift.
        between: of groups' first levels.
        mean: of these, in points.
    """

    noise: float
    drift: float
    between: float
    mean: float


@dataclass(frozen=True)
class ShownSeries:
    """Scores of some groups in some waves, as they were shown.

    Attributes:
        scores: (T, m) in points; NaN where a group was not shown.
        people: (T, m) what its band of respondents stands for.
        rounding: (T, m) variance that rounding adds.
        elapsed: (T,) fortnights since the wave before; 0 for the first.
    """

    scores: Floats
    people: Floats
    rounding: Floats
    elapsed: Floats

    def until(self, waves: int) -> "ShownSeries":
        """The first waves alone."""
        return ShownSeries(
            self.scores[:waves],
            self.people[:waves],
            self.rounding[:waves],
            self.elapsed[:waves],
        )

    @property
    def is_shown(self) -> Booleans:
        """(T, m) whether a group was shown."""
        return np.asarray(~np.isnan(self.scores))


@dataclass(frozen=True)
class LevelTrack:
    """Levels of some groups after each wave, and predictions before it, (T, m).

    Attributes:
        levels: in points.
        variances: of the level.
        predicted: the level before the wave, as the one after it is expected.
        predicted_variances: of that expectation, without the wave's own noise.
        noise: the variance of the wave's own noise.
        drift: the variance that its level has gained since the wave before.
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
    """Estimate the most likely variances from groups that share no person.

    Without any score they are the priors' centres, around the middle of the scale.
    """
    shown = series.is_shown
    mean = float(series.scores[shown].mean()) if shown.any() else 50.0
    centres = np.array([log(centre) for centre, _ in _PRIORS.values()])
    spreads = np.array([spread for _, spread in _PRIORS.values()])

    def loss(logs: Floats) -> float:
        noise, drift, between = np.exp(logs).tolist()
        _, likelihood = _filter(series, LevelVariances(noise, drift, between, mean))
        return float((((logs - centres) / spreads) ** 2).sum() / 2 - likelihood)

    fit = optimize.minimize(
        loss,
        centres,
        method="Nelder-Mead",
        options={"xatol": 0.01, "fatol": 0.01, "maxiter": 200},
    )
    noise, drift, between = np.exp(fit.x).tolist()
    return LevelVariances(
        noise=round(noise, _DECIMALS),
        drift=round(drift, _DECIMALS),
        between=round(between, _DECIMALS),
        mean=round(mean, _DECIMALS),
    )


def track_levels(series: ShownSeries, variances: LevelVariances) -> LevelTrack:
    """Return the levels of groups, each from its own waves alone."""
    track, _ = _filter(series, variances)
    return track


def track_large_groups(series: ShownSeries, variances: LevelVariances) -> LevelTrack:
    """Return the levels of groups of teams, which common shocks move as a whole."""
    drift_grid, shock_grid = (
        grid.ravel() for grid in np.meshgrid(_COMMON, _COMMON, indexing="ij")
    )
    shown = series.is_shown
    scores = np.where(shown, series.scores, 0.0)
    waves, groups = scores.shape
    own_noise = variances.noise / series.people + series.rounding
    own_drift = variances.drift / series.people * series.elapsed[:, None]
    level = np.full((groups, len(drift_grid)), variances.mean)
    variance = np.full((groups, len(drift_grid)), variances.between)
    start = _log_prior(drift_grid, _COMMON_DRIFT_PRIOR)
    start += _log_prior(shock_grid, _COMMON_SHOCK_PRIOR)
    logs = np.tile(start, (groups, 1))
    empty = [np.empty((waves, groups)) for _ in range(6)]
    track = LevelTrack(
        *(empty[0], empty[1], empty[2], empty[3], empty[4], empty[5]), series.scores
    )
    for t in range(waves):
        elapsed = series.elapsed[t] if t else 0.0
        drift = (own_drift[t][:, None] if t else 0.0) + drift_grid * elapsed
        noise = own_noise[t][:, None] + shock_grid
        variance = variance + drift
        weights = _normalize_rows(logs)
        track.predicted[t], track.predicted_variances[t] = _mix(
            weights, level, variance
        )
        track.noise[t] = (weights * noise).sum(axis=1)
        track.drift[t] = (weights * drift).sum(axis=1)
        total = variance + noise
        seen = shown[t][:, None]
        error = np.where(seen, scores[t][:, None] - level, 0.0)
        gain = np.where(seen, variance / total, 0.0)
        logs = logs - np.where(seen, np.log(total) + error**2 / total, 0.0) / 2
        level, variance = level + gain * error, (1 - gain) * variance
        track.levels[t], track.variances[t] = _mix(
            _normalize_rows(logs), level, variance
        )
    return track


def _log_prior(values: Floats, prior: tuple[float, float]) -> Floats:
    centre, spread = prior
    return np.asarray(-(((np.log(values) - log(centre)) / spread) ** 2) / 2)


def _normalize_rows(logs: Floats) -> Floats:
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _mix(weights: Floats, means: Floats, variances: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance of each row's mixture."""
    mean = (weights * means).sum(axis=1)
    spread = variances + (means - mean[:, None]) ** 2
    return np.asarray(mean), np.asarray((weights * spread).sum(axis=1))


def error_scale(errors: Floats, spreads: Floats) -> float:
    """Return how many times larger an organization's past errors were than expected.

    A common shock makes them larger than sampling explains. sqrt((w + sum z^2) / (w +
    count)), with w = 20 errors of the size expected.
    """
    squares = (errors / spreads) ** 2
    known = squares[~np.isnan(squares)]
    weight = SCALE_WEIGHT
    return sqrt((weight + float(known.sum())) / (weight + known.size))


def _filter(series: ShownSeries, variances: LevelVariances) -> tuple[LevelTrack, float]:
    """Run the Kalman filter; return its track and the log-likelihood."""
    shown = series.is_shown
    scores = np.where(shown, series.scores, 0.0)
    noise = variances.noise / series.people + series.rounding
    drift = variances.drift / series.people * series.elapsed[:, None]
    drift[0] = 0.0
    waves, groups = scores.shape
    level = np.full(groups, variances.mean)
    variance = np.full(groups, variances.between)
    levels, after = np.empty((waves, groups)), np.empty((waves, groups))
    predicted, before = np.empty((waves, groups)), np.empty((waves, groups))
    likelihood = 0.0
    for t in range(waves):
        variance = variance + drift[t]
        predicted[t], before[t] = level, variance
        total = variance + noise[t]
        error = np.where(shown[t], scores[t] - level, 0.0)
        gain = np.where(shown[t], variance / total, 0.0)
        likelihood -= float(
            np.where(shown[t], np.log(total) + error**2 / total, 0.0).sum() / 2
        )
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
