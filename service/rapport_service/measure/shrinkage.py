"""Empirical-Bayes means: each group's figure, drawn toward all as far as it is noise.

They serve alerts and comparison with similar groups. A team is shown its own raw score.
Reference: Efron and Morris 1975, J Am Stat Assoc 70:311.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from rapport_service.measure.covariances import Floats
from rapport_service.measure.groups import Groups
from rapport_service.measure.icc import ENOUGH_GROUPS
from rapport_service.measure.random_intercept import (
    Method,
    RandomIntercept,
    at_ratio,
    fit,
)

ASSUMED_ICC = 0.10
"""What share of variance lies between groups, where too few groups could tell."""


@dataclass(frozen=True, eq=False)
class Shrunk:
    """The empirical-Bayes means of J groups.

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


def shrink(groups: Groups) -> Shrunk:
    """Return empirical-Bayes means of any number of groups, under their own `model`.

    Raises:
        ValueError: There is no group.
    """
    return around(groups, model(groups))


def model(groups: Groups) -> RandomIntercept:
    """Return the model that groups are shrunk by.

    With at least eight groups the variances are fitted by REML. With fewer, or where
    nobody shares a group, an ICC of .10 is assumed.

    Raises:
        ValueError: There is no group.
    """
    if groups.count == 0:
        raise ValueError("there is no group")
    if groups.count >= ENOUGH_GROUPS and groups.people > groups.count:
        return fit(groups)
    return at_ratio(groups, ASSUMED_ICC / (1 - ASSUMED_ICC))


def around(groups: Groups, model: RandomIntercept) -> Shrunk:
    """Return empirical-Bayes means under a model that is already fitted."""
    return _toward(
        groups.means, model.sigma2 / groups.n, model.mu, model.mu_variance, model.tau2
    )


def difference_p(shrunk: Shrunk, model: RandomIntercept) -> Floats:
    """Return how likely each group is to lie on the other side of mu, twice over.

    p_j = 2 Phi(-|EB_j - mu| / sqrt(Var_j)). With d the distance of the raw mean and s
    its standard error this is a z test of d/s * sqrt(lambda_j), so it is never bolder
    than the test of the raw mean, and groups without any true variance never differ.

    Returns:
        (J,) p-values, for `discoveries.adjusted`.
    """
    distance, deviation = np.abs(shrunk.means - model.mu), np.sqrt(shrunk.variance)
    # A mean that is known exactly differs however little it does.
    z = np.where(distance > 0, np.inf, 0.0)
    np.divide(distance, deviation, out=z, where=deviation > 0)
    return np.asarray(2 * special.ndtr(-z), dtype=np.float64)


def shrink_known(means: Floats, variances: Floats, method: Method = "reml") -> Shrunk:
    """Return empirical-Bayes values of J figures with known sampling variances.

    For slopes and other figures that come with a standard error. tau^2 is fitted by
    REML or ML over the same one dimension; it is taken as 0 for one figure.

    Args:
        means: (J,) the figures.
        variances: (J,) their squared standard errors, above 0.
        method: How tau^2 is fitted.
    """

    def deviance(tau2: float) -> float:
        weights = 1 / (tau2 + variances)
        mu = (weights * means).sum() / weights.sum()
        value = (weights * (means - mu) ** 2).sum() - np.log(weights).sum()
        return float(value + (np.log(weights.sum()) if method == "reml" else 0.0))

    tau2 = 0.0
    if len(means) > 1:
        unit = float(variances.mean())
        logs = np.linspace(-18, 18, 145)
        best = int(np.argmin([deviance(unit * x) for x in np.exp(logs)]))
        found = optimize.minimize_scalar(
            lambda x: deviance(unit * float(np.exp(x))),
            bounds=(logs[max(best - 1, 0)], logs[min(best + 1, 144)]),
            method="bounded",
            options={"xatol": 1e-10},
        )
        tau2 = unit * float(np.exp(found.x))
        if deviance(0.0) <= deviance(tau2):
            tau2 = 0.0
    weights = 1 / (tau2 + variances)
    mu = float((weights * means).sum() / weights.sum())
    return _toward(means, variances, mu, 1 / float(weights.sum()), tau2)


def _toward(
    means: Floats, sampling: Floats, mu: float, mu_variance: float, tau2: float
) -> Shrunk:
    total = tau2 + sampling
    own = np.divide(tau2, total, out=np.zeros_like(total), where=total > 0)
    conditional = tau2 * (1 - own)
    return Shrunk(
        means=mu + own * (means - mu),
        reliability=own,
        conditional=conditional,
        variance=conditional + (1 - own) ** 2 * mu_variance,
    )
