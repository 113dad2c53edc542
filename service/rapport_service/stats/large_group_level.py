"""Local level of a group of many teams, which common shocks move as a whole.

In such a group people cancel out and what moves all of them at once does not. So its
own series gets two variances more than that of a team: c, a drift that does not shrink
with n, and g, a shock that is gone with the next wave. Neither is known; both are
integrated over.
"""

from math import log

import numpy as np

from rapport_service.stats.local_level import LevelTrack, LevelVariances, ShownSeries
from rapport_service.stats.sufficient_statistics import Floats

_COMMON = np.exp(np.linspace(np.log(0.05), np.log(16.0), 12))
"""Grid of c and of g, in points squared."""

_COMMON_DRIFT_PRIOR, _COMMON_SHOCK_PRIOR = (0.5, 1.0), (1.0, 1.0)
"""Centre, and standard deviation of the logarithm."""


def track_large_groups(series: ShownSeries, variances: LevelVariances) -> LevelTrack:
    """Return the levels of groups of teams, which common shocks move as a whole."""
    drift_grid, shock_grid = (
        grid.ravel() for grid in np.meshgrid(_COMMON, _COMMON, indexing="ij")
    )
    shown = series.is_shown
    scores = np.where(shown, series.scores, 0.0)
    waves, groups = scores.shape
    own_noise = variances.noise / series.people + series.rounding
    since = series.since_shown
    own_drift = variances.drift / series.people * since
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
        drift = own_drift[t][:, None] + drift_grid * since[t][:, None]
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
