"""Least squares, with standard errors that are robust to autocorrelation.

Waves resemble their neighbours. Reference: Newey and West 1987, Econometrica 55:703.
The estimate equals `NeweyWest(fit, lag, prewhite = FALSE, adjust = TRUE)` of the R
package sandwich.
"""

import math
from dataclasses import dataclass

import numpy as np

from rapport_service.stats.sufficient_statistics import Floats


@dataclass(frozen=True, eq=False)
class Regression:
    """A linear model of T observations by k terms, fitted by (weighted) least squares.

    Attributes:
        design: (T, k) the terms, times the square roots of the weights.
        coefficients: (k,) what each term contributes.
        residuals: (T,) what is left, times the square roots of the weights.
        bread: (k, k) the inverse of design' design.
    """

    design: Floats
    coefficients: Floats
    residuals: Floats
    bread: Floats

    @property
    def freedom(self) -> int:
        """T - k, the residual degrees of freedom."""
        observations, terms = self.design.shape
        return int(observations - terms)

    @property
    def sigma2(self) -> float:
        """The residual variance; 0 without residual degrees of freedom."""
        squares = float(self.residuals @ self.residuals)
        return squares / self.freedom if self.freedom > 0 else 0.0

    @property
    def covariance(self) -> Floats:
        """(k, k) covariance of the coefficients if the waves were independent."""
        return np.asarray(self.sigma2 * self.bread)


def least_squares(
    design: Floats, y: Floats, weights: Floats | None = None
) -> Regression:
    """Fit y by the columns of a design.

    Args:
        design: (T, k) the terms; T at least k.
        y: (T,) what is explained.
        weights: (T,) such as 1/SE^2; all alike if None.

    Raises:
        ValueError: The terms cannot be told apart with these observations.
    """
    root = np.ones(len(y)) if weights is None else np.sqrt(weights)
    scaled = design * root[:, None]
    if np.linalg.matrix_rank(scaled) < design.shape[1]:
        raise ValueError("too few observations to tell the terms apart")
    # QR keeps twice the digits that solving with design' design would.
    q, r = np.linalg.qr(scaled)
    inverse = np.linalg.inv(r)
    coefficients = np.asarray(inverse @ (q.T @ (y * root)), dtype=np.float64)
    return Regression(
        design=scaled,
        coefficients=coefficients,
        residuals=np.asarray(y * root - scaled @ coefficients),
        bread=np.asarray(inverse @ inverse.T, dtype=np.float64),
    )


def default_lag(observations: int) -> int:
    """Return L: 1 up to 16 observations, floor(4 (T/100)^(2/9)) beyond."""
    if observations <= 16:
        return 1
    return math.floor(4 * math.pow(observations / 100, 2 / 9))


def newey_west(model: Regression, lag: int | None = None) -> Floats:
    """Return the autocorrelation-consistent covariance of the coefficients, (k, k).

    bread * (Gamma_0 + sum_l (1 - l/(L+1)) (Gamma_l + Gamma_l')) * bread * T/(T - k),
    with Gamma_l = sum_t x_t e_t e_{t-l} x_{t-l}'.

    Args:
        model: Its observations in the order of time.
        lag: L; `default_lag` if None.

    Raises:
        ValueError: There are no residual degrees of freedom.
    """
    observations = len(model.residuals)
    if model.freedom < 1:
        raise ValueError("a standard error needs more observations than terms")
    reach = default_lag(observations) if lag is None else lag
    moments = model.design * model.residuals[:, None]
    meat = moments.T @ moments
    for distance in range(1, min(reach, observations - 1) + 1):
        gamma = moments[distance:].T @ moments[:-distance]
        meat += (1 - distance / (reach + 1)) * (gamma + gamma.T)
    adjust = observations / model.freedom
    return np.asarray(adjust * model.bread @ meat @ model.bread)
