"""McDonald's omega: the reliability of a scale that one factor explains.

The one-factor model Sigma = l l' + diag(psi) is fitted by maximum likelihood, that is
by minimising ln|Sigma| + tr(C Sigma^-1). References: McDonald 1999, Test Theory;
Joreskog 1967, Psychometrika 32:443.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from rapport_service.stats.covariances import Floats, nearest_positive_definite

_MIN_UNIQUENESS = 1e-6
_HEYWOOD = 1e-3


@dataclass(frozen=True, eq=False)
class OneFactorModel:
    """A fitted one-factor model of K items.

    Attributes:
        loadings: (K,) l, in the unit of the items; their sum is not negative.
        uniquenesses: (K,) psi, the variance of an item that the factor leaves.
        standardized: (K,) the loadings of items of variance 1.
        clipped: The covariances were not positive definite and were repaired.
        heywood: Some item has hardly a variance of its own, so that the solution lies
            at the border of what is possible and should not be trusted.
    """

    loadings: Floats
    uniquenesses: Floats
    standardized: Floats
    clipped: bool
    heywood: bool

    @property
    def omega(self) -> float:
        """(sum l)^2 / ((sum l)^2 + sum psi), 0 to 1."""
        common = float(self.loadings.sum()) ** 2
        return common / (common + float(self.uniquenesses.sum()))


def fit_one_factor(matrix: Floats) -> OneFactorModel | None:
    """Fit one factor to the covariances of three items or more.

    Args:
        matrix: (K, K) covariances.

    Returns:
        None below three items, where the model is not identified (two have their
        Spearman-Brown reliability), and where an item has no variance or a pair was
        answered by nobody.
    """
    size = len(matrix)
    if size < 3 or not np.isfinite(matrix).all() or not (matrix.diagonal() > 0).all():
        return None
    usable, clipped = nearest_positive_definite(matrix)
    # The fit does not depend on the items' units, and is well scaled without them.
    deviation = np.sqrt(usable.diagonal())
    correlations = usable / np.outer(deviation, deviation)
    values, vectors = np.linalg.eigh(correlations)
    first = vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.1))
    start = np.clip(first, -0.95, 0.95)
    found = optimize.minimize(
        _discrepancy,
        np.concatenate([start, np.log(1 - start**2)]),
        args=(correlations,),
        jac=True,
        method="L-BFGS-B",
        bounds=[(None, None)] * size + [(np.log(_MIN_UNIQUENESS), None)] * size,
        options={"maxiter": 5000, "maxfun": 20000, "ftol": 1e-15, "gtol": 1e-9},
    )
    standardized, psi = found.x[:size], np.exp(found.x[size:])
    if standardized.sum() < 0:
        standardized = -standardized
    return OneFactorModel(
        loadings=standardized * deviation,
        uniquenesses=psi * deviation**2,
        standardized=standardized,
        clipped=clipped,
        heywood=bool((psi < _HEYWOOD).any()),
    )


def _discrepancy(parameters: Floats, matrix: Floats) -> tuple[float, Floats]:
    """Return the discrepancy and its gradient by the loadings and ln psi.

    With G = Sigma^-1 - Sigma^-1 C Sigma^-1 the gradient is 2 G l and diag(G) * psi.
    """
    size = len(matrix)
    loadings, psi = parameters[:size], np.exp(parameters[size:])
    sigma = np.outer(loadings, loadings) + np.diag(psi)
    inverse = np.linalg.inv(sigma)
    fitted = inverse @ matrix
    value = float(np.linalg.slogdet(sigma)[1] + np.trace(fitted))
    gap = inverse - fitted @ inverse
    return value, np.concatenate([2 * gap @ loadings, gap.diagonal() * psi])
