"""Empirical-Bayes means: each group's mean, drawn toward all as far as it is noise.

They tell which groups differ from all. A team is shown its own raw score, and at most
this one next to it. Reference: Efron and Morris 1975, J Am Stat Assoc 70:311.

Their model is a random intercept: theta_j = mu + u_j + e_j with u_j ~ (0, tau^2) and
e_j ~ (0, sigma^2 / n_j). Given the ratio t = tau^2 / sigma^2 everything else has a
closed form, so restricted maximum likelihood (REML) and maximum likelihood (ML) are a
search over t alone:

    v_j = t + 1/n_j, w_j = 1/v_j, mu = sum w m / sum w
    Q = SSW + sum w (m - mu)^2, sigma^2 = Q / (N - 1)
    deviance = (N - 1) ln sigma^2 + sum ln(n_j v_j) + ln sum w

and N in place of N - 1 without the last term for ML. Reference: Bates et al. 2015, J
Stat Softw 67(1), whose fit this equals.
"""

from dataclasses import dataclass
from math import inf, log, pi
from typing import Literal

import numpy as np
from scipy import optimize, special

from rapport_service.stats.icc import MIN_RELIABLE_GROUPS, Groups
from rapport_service.stats.sufficient_statistics import Floats

Method = Literal["reml", "ml"]

_LOG_RATIOS = np.linspace(-18, 6, 97)


@dataclass(frozen=True)
class RandomIntercept:
    """Fitted random-intercept model, in the unit of the groups' means.

    Attributes:
        mu: The mean of the distribution of groups.
        mu_variance: Its squared standard error.
        tau2: The variance between groups.
        sigma2: The variance between people of a group.
        log_likelihood: Of the method that was used; infinite without variance
            within groups.
    """

    mu: float
    mu_variance: float
    tau2: float
    sigma2: float
    log_likelihood: float

    @property
    def icc1(self) -> float | None:
        """tau^2/(tau^2 + sigma^2), 0 to 1; None without any variance."""
        total = self.tau2 + self.sigma2
        return self.tau2 / total if total > 0 else None

    def icc2(self, size: float) -> float | None:
        """Return the reliability of the mean of a group of this size, 0 to 1."""
        icc = self.icc1
        return None if icc is None else size * icc / (1 + (size - 1) * icc)


def fit_random_intercept(groups: Groups, method: Method = "reml") -> RandomIntercept:
    """Fit the model to groups of any sizes.

    Raises:
        ValueError: There are fewer than two groups, or none has two people, so that
            the two variances are not identified.
    """
    if groups.count < 2 or groups.people <= groups.count:
        raise ValueError("two groups, and two people in one of them, at least")
    if groups.within <= 0:
        return _degenerate_fit(groups, method)
    deviances = [_deviance(groups, x, method) for x in np.exp(_LOG_RATIOS)]
    best = int(np.argmin(deviances))
    lower = _LOG_RATIOS[max(best - 1, 0)]
    upper = _LOG_RATIOS[min(best + 1, len(_LOG_RATIOS) - 1)]
    # The zero of the slope is exact to the last digit; the bottom of a valley is not.
    if (
        _deviance_slope(groups, lower, method)
        < 0
        < _deviance_slope(groups, upper, method)
    ):
        log_ratio = optimize.brentq(
            lambda x: _deviance_slope(groups, x, method), lower, upper, xtol=1e-13
        )
        ratio = float(np.exp(log_ratio))
    else:
        ratio = float(np.exp(_LOG_RATIOS[best]))
    if _deviance(groups, 0.0, method) <= _deviance(groups, ratio, method):
        ratio = 0.0
    return random_intercept_at_ratio(groups, ratio, method)


def random_intercept_at_ratio(
    groups: Groups, ratio: float, method: Method = "reml"
) -> RandomIntercept:
    """Return the model whose ratio tau^2/sigma^2 is given instead of fitted."""
    weights = 1 / (ratio + 1 / groups.n)
    mu, spread = _centre(groups, weights)
    freedom = _degrees_of_freedom(groups, method)
    # One person alone has no variance.
    sigma2 = spread / freedom if freedom > 0 else 0.0
    deviance = _deviance(groups, ratio, method) if spread > 0 else -inf
    return RandomIntercept(
        mu=mu,
        mu_variance=sigma2 / float(weights.sum()),
        tau2=ratio * sigma2,
        sigma2=sigma2,
        log_likelihood=-0.5 * (deviance + freedom * (1 + log(2 * pi))),
    )


def _degenerate_fit(groups: Groups, method: Method) -> RandomIntercept:
    """Return the model where all variance lies between groups."""
    mu = float(groups.means.mean())
    freedom = groups.count - (method == "reml")
    tau2 = float(((groups.means - mu) ** 2).sum()) / freedom
    return RandomIntercept(mu, tau2 / groups.count, tau2, 0.0, inf)


def _degrees_of_freedom(groups: Groups, method: Method) -> float:
    return groups.people - (method == "reml")


def _centre(groups: Groups, weights: Floats) -> tuple[float, float]:
    """Return mu and Q at some weights."""
    mu = float((weights * groups.means).sum() / weights.sum())
    spread = groups.within + float((weights * (groups.means - mu) ** 2).sum())
    return mu, spread


def _deviance(groups: Groups, ratio: float, method: Method) -> float:
    weights = 1 / (ratio + 1 / groups.n)
    freedom = _degrees_of_freedom(groups, method)
    _, spread = _centre(groups, weights)
    value = freedom * log(spread / freedom) + float(np.log(groups.n / weights).sum())
    return value + log(float(weights.sum())) if method == "reml" else value


def _deviance_slope(groups: Groups, log_ratio: float, method: Method) -> float:
    """Return the derivative of the deviance by the ratio."""
    weights = 1 / (np.exp(log_ratio) + 1 / groups.n)
    mu, spread = _centre(groups, weights)
    pull = float((weights**2 * (groups.means - mu) ** 2).sum())
    slope = float(weights.sum()) - _degrees_of_freedom(groups, method) * pull / spread
    if method == "reml":
        slope -= float((weights**2).sum() / weights.sum())
    return slope


ASSUMED_ICC = 0.10
"""Share of variance between groups that is assumed where groups are too few."""


@dataclass(frozen=True, eq=False)
class ShrunkMeans:
    """Empirical-Bayes means of J groups.

    Attributes:
        means: (J,) mu + lambda_j (m_j - mu), in the unit of the groups' means.
        reliability: (J,) lambda_j, the weight of a group's own mean, 0 to 1.
        conditional: (J,) variance of a group's true mean with mu known.
        variance: (J,) the same, mu being estimated:
            tau^2 (1 - lambda_j) + (1 - lambda_j)^2 Var(mu).
    """

    means: Floats
    reliability: Floats
    conditional: Floats
    variance: Floats


def fit_shrinkage_model(groups: Groups) -> RandomIntercept:
    """Return the model that groups are shrunk by.

    With at least eight groups the variances are fitted by REML. With fewer, or where
    every group is one person, an ICC of .10 is assumed.

    Raises:
        ValueError: There is no group.
    """
    if groups.count == 0:
        raise ValueError("there is no group")
    if groups.count >= MIN_RELIABLE_GROUPS and groups.people > groups.count:
        return fit_random_intercept(groups)
    return random_intercept_at_ratio(groups, ASSUMED_ICC / (1 - ASSUMED_ICC))


def shrink(groups: Groups, model: RandomIntercept) -> ShrunkMeans:
    """Return empirical-Bayes means of groups under a model that is already fitted."""
    total = model.tau2 + model.sigma2 / groups.n
    own = np.divide(model.tau2, total, out=np.zeros_like(total), where=total > 0)
    conditional = model.tau2 * (1 - own)
    return ShrunkMeans(
        means=model.mu + own * (groups.means - model.mu),
        reliability=own,
        conditional=conditional,
        variance=conditional + (1 - own) ** 2 * model.mu_variance,
    )


def difference_p_values(shrunk: ShrunkMeans, model: RandomIntercept) -> Floats:
    """Return the two-sided p-value of each group's difference from mu.

    p_j = 2 Phi(-|EB_j - mu| / sqrt(Var_j)). With d the distance of the raw mean and s
    its standard error this is a z test of d/s * sqrt(lambda_j), so it is never less
    careful than the test of the raw mean, and groups without any true variance never
    differ.

    Returns:
        (J,) p-values, for `false_discovery.benjamini_hochberg`.
    """
    distance, deviation = np.abs(shrunk.means - model.mu), np.sqrt(shrunk.variance)
    # A mean that is known exactly differs however little it does.
    z = np.where(distance > 0, np.inf, 0.0)
    np.divide(distance, deviation, out=z, where=deviation > 0)
    return np.asarray(2 * special.ndtr(-z), dtype=np.float64)
