"""Noise of an organization's series: sampling, teams' own drift, and common shocks.

One model for all teams of an organization tells how far a difference of phases may be
chance. What it does not know it integrates over, on a grid, instead of taking the best
guess for true.

A team's series is its phase levels plus its own noise plus the organization's shock:

    y_jt = x_t' b_j + e_jt + g_t
    e_j ~ N(0, k s_j^2 B(f, c)), B(f, c) = (1 - f) I + f R(c), R(r)_st = r^|s - t|
    g   ~ N(0, s^2 R(r))

s_j is the published standard error. It takes people for drawn anew in each wave; that
most of them return makes k less than 1, that teams drift makes f more than 0. A mood
drifts for weeks (c = .7), people who come and go for months (c = .95). All of this is
estimated from the teams' deviations from their mean, which no shock moves; the shock
from the series of the whole organization, with a prior on its size.

Q is the orthonormal complement of the phases' columns: what remains of a series once
its phase levels are taken out, whatever they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np

from rapport_service.stats.intervals import t_p_value, t_quantile
from rapport_service.stats.sufficient_statistics import Floats

MIN_COMPLETE_TEAMS = 3
"""Teams with every wave that the model is estimated from, at least."""

PHASE_CORRELATIONS, TREND_CORRELATIONS = (0.7, 0.95), (0.9,)
"""Grid of c, the correlation of a team's own drift from wave to wave: around phases,
and around a line, which is too much like a slow drift to tell the two apart."""

DRIFT_SHARES = np.arange(10) / 10
"""Grid of f: the share of a team's noise that drifts."""

SHOCK_CORRELATIONS = np.arange(10) / 10
"""Grid of r. For its prior, 0 counts as .03."""

SHOCK_SIZES = np.linspace(0.0, 8.0, 33)
"""Grid of s, in points."""

SHOCK_PRIOR_VARIANCE = 4.0
"""Variance of the normal prior of s, in points squared."""

MIN_FREEDOM = 2.5

_TINY = 1e-9
"""Least variance, in points squared: series without any noise have no density."""


@dataclass(frozen=True)
class TeamSeries:
    """Series of one team over every wave of the model.

    Attributes:
        scores: (T,) in points.
        se2: mean squared published standard error, without finite-population factor.
        eligible: N, its people.
    """

    scores: Floats
    se2: float
    eligible: float


@dataclass(frozen=True)
class ContrastVariance:
    """Variance of a linear combination of a series, and how well it is known.

    Attributes:
        variance: in points squared.
        freedom: degrees of freedom of the t distribution of the estimate.
    """

    variance: float
    freedom: float

    @property
    def se(self) -> float:
        """The standard error."""
        return sqrt(self.variance)

    def quantile(self, p: float) -> float:
        """The p-quantile of the estimate around the truth, in points."""
        return t_quantile(p, self.freedom) * self.se

    def p_value(self, estimate: float) -> float:
        """The two-sided p of an estimate."""
        return t_p_value(estimate / self.se, self.freedom)


def correlation_matrix(times: Floats, r: float) -> Floats:
    """Return R(r) over waves at some numbers, (T, T); the identity for r = 0."""
    distance = np.abs(times[:, None] - times[None, :])
    return np.where(distance == 0, 1.0, r**distance if r > 0 else 0.0)


@dataclass(frozen=True)
class NoiseModel:
    """Posterior of an organization's noise, on grids.

    Attributes:
        correlations: the grid of c.
        drift_weights: (c, f) of the grids of a team's own drift.
        scales: (c, f) k at each place of them.
        freedom: (m - 1) d, the teams' degrees of freedom.
        root_se2: squared standard error of the root's own noise for k = 1.
        shock_weights: (r, s) of the shock's grids.
    """

    correlations: Sequence[float]
    drift_weights: Floats
    scales: Floats
    freedom: float
    root_se2: float
    shock_weights: Floats

    def team_variance(self, se2: float, a: Floats, times: Floats) -> ContrastVariance:
        """Return the variance of a combination of a team's waves.

        Args:
            se2: the team's mean squared published standard error.
            a: (t,) the weight of each of its waves.
            times: (t,) the numbers of these waves.
        """
        own = self._own_terms(a, times) * se2
        v1 = float((self.drift_weights * own).sum())
        shock = self._shock_terms(a, times)
        v2 = float((self.shock_weights * shock).sum())
        total = v1 + v2
        spread = (
            float((self.drift_weights * (own - v1) ** 2).sum())
            + 2 * v1**2 / self.freedom
            + float((self.shock_weights * (shock - v2) ** 2).sum())
        )
        freedom = 2 * total**2 / spread if spread > 0 else np.inf
        return ContrastVariance(max(total, _TINY), max(float(freedom), MIN_FREEDOM))

    def root_variance(self, a: Floats, times: Floats) -> ContrastVariance:
        """Return the variance of a combination of the whole organization's waves."""
        return self.team_variance(self.root_se2, a, times)

    def _own_terms(self, a: Floats, times: Floats) -> Floats:
        """(c, f) k a'B(f, c)a."""
        plain = float(a @ a)
        forms = [float(a @ correlation_matrix(times, c) @ a) for c in self.correlations]
        drift = np.array(forms)[:, None]
        return np.asarray(
            self.scales * ((1 - DRIFT_SHARES) * plain + DRIFT_SHARES * drift)
        )

    def _shock_terms(self, a: Floats, times: Floats) -> Floats:
        """(r, s) s^2 a'R(r)a."""
        forms = [
            float(a @ correlation_matrix(times, r) @ a) for r in SHOCK_CORRELATIONS
        ]
        return np.asarray(np.array(forms)[:, None] * SHOCK_SIZES[None, :] ** 2)


@dataclass(frozen=True)
class _Complement:
    """Q of a design, and the noise's covariances seen through it."""

    design: Floats

    @cached_property
    def q(self) -> Floats:
        """(T, d) orthonormal complement of the design's columns."""
        waves, terms = self.design.shape
        full, _ = np.linalg.qr(self.design, mode="complete")
        return np.asarray(full[:, terms:waves])

    def correlation(self, r: float) -> Floats:
        """(d, d) Q'R(r)Q."""
        times = np.arange(len(self.design), dtype=np.float64)
        return np.asarray(self.q.T @ correlation_matrix(times, r) @ self.q)


def fit_noise_model(
    design: Floats,
    teams: Sequence[TeamSeries],
    root: TeamSeries,
    correlations: Sequence[float] = PHASE_CORRELATIONS,
) -> NoiseModel | None:
    """Estimate the noise from the teams that have every wave, and from the root.

    Args:
        design: (T, p) the columns of the phases, or of a straight line.
        teams: that share nobody.
        root: the whole organization.
        correlations: the grid of c.

    Returns:
        None with fewer than three teams, or without a wave to spare.
    """
    complement = _Complement(design)
    waves, terms = design.shape
    if len(teams) < MIN_COMPLETE_TEAMS or waves - terms < 1:
        return None
    freedom = (len(teams) - 1) * (waves - terms)
    # (c, f, d, d) Q'BQ
    drifts = np.array(
        [
            [
                (1 - f) * np.eye(waves - terms) + f * complement.correlation(c)
                for f in DRIFT_SHARES
            ]
            for c in correlations
        ]
    )
    scales = _scales(complement, teams, drifts)
    logs = (
        3 * np.log1p(-DRIFT_SHARES)
        - (len(teams) - 1) / 2 * np.linalg.slogdet(drifts)[1]
        - freedom / 2 * np.log(scales)
    )
    drift_weights = _normalize(logs)
    root_se2 = _root_se2(teams, root.eligible)
    return NoiseModel(
        correlations=correlations,
        drift_weights=drift_weights,
        scales=scales,
        freedom=freedom,
        root_se2=root_se2,
        shock_weights=_shock_weights(
            complement,
            root.scores @ complement.q,
            float((drift_weights * scales).sum()) * root_se2,
            np.einsum("cf,cfde->de", drift_weights, drifts),
        ),
    )


def _scales(
    complement: _Complement, teams: Sequence[TeamSeries], drifts: Floats
) -> Floats:
    """Return (c, f) k: the mean square of the teams' deviations from their mean."""
    rows = np.array([team.scores @ complement.q for team in teams])
    se = np.sqrt([team.se2 for team in teams])
    deviations = (rows - rows.mean(axis=0)) / se[:, None]
    squares = np.einsum("jd,cfde,je->cf", deviations, np.linalg.inv(drifts), deviations)
    return np.asarray(np.maximum(squares / ((len(teams) - 1) * rows.shape[1]), _TINY))


def _root_se2(teams: Sequence[TeamSeries], people: float) -> float:
    """Return the squared standard error of the root's own noise, for k = 1.

    People outside of these teams are taken to be like those inside.

    Args:
        teams: that have every wave.
        people: of the whole organization.
    """
    eligible = np.array([team.eligible for team in teams])
    se2 = np.array([team.se2 for team in teams])
    inside = float(eligible.sum())
    own = float(((eligible / inside) ** 2 * se2).sum())
    return own * min(inside / people, 1.0)


def _shock_weights(
    complement: _Complement, u: Floats, own: float, drift: Floats
) -> Floats:
    """Return the posterior of the common shock, (r, s).

    Args:
        u: (d,) the root's series through Q.
        own: variance of the root's own noise.
        drift: (d, d) its covariance for a variance of 1.
    """
    logs = np.empty((len(SHOCK_CORRELATIONS), len(SHOCK_SIZES)))
    for i, r in enumerate(SHOCK_CORRELATIONS):
        weight = max(r, 0.03)
        shock = complement.correlation(r)
        for j, s in enumerate(SHOCK_SIZES):
            covariance = max(own, _TINY) * drift + s * s * shock
            _, determinant = np.linalg.slogdet(covariance)
            logs[i, j] = (
                np.log(weight * (1 - weight))
                - s * s / (2 * SHOCK_PRIOR_VARIANCE)
                - determinant / 2
                - float(u @ np.linalg.solve(covariance, u)) / 2
            )
    return _normalize(logs)


def _normalize(logs: Floats) -> Floats:
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())
