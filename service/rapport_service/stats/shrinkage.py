"""Empirical-Bayes means: each group's figure, drawn toward all as far as it is noise.

They tell which groups differ from all. A team is shown its own raw score, and beside it
at most this one.
Reference: Efron and Morris 1975, J Am Stat Assoc 70:311.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from rapport_service.stats.covariances import Floats
from rapport_service.stats.groups import Groups
from rapport_service.stats.icc import MIN_RELIABLE_GROUPS
from rapport_service.stats.random_intercept import (
    RandomIntercept,
    fit_random_intercept,
    random_intercept_at_ratio,
)

ASSUMED_ICC = 0.10
"""What share of variance lies between groups, where too few groups could tell."""


@dataclass(frozen=True, eq=False)
class ShrunkMeans:
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


def fit_shrinkage_model(groups: Groups) -> RandomIntercept:
    """Return the model that groups are shrunk by.

    With at least eight groups the variances are fitted by REML. With fewer, or where
    nobody shares a group, an ICC of .10 is assumed.

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
