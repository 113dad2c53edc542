"""Covariances of items that not everybody answered, from the additive statistics.

Each pair of items uses the people who answered both. Such a matrix need not be positive
definite; whoever inverts it asks `positive_definite` first.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rapport_service.stats.sufficient_statistics import Integers, SufficientStatistics

Floats = npt.NDArray[np.float64]

MIN_EIGENVALUE = 1e-6

MIN_PEOPLE_PER_PAIR = 50
"""People who must have answered both items of every pair that a figure is made of."""


@dataclass(frozen=True, eq=False)
class Covariances:
    """The pairwise covariances of K items.

    Attributes:
        matrix: (K, K) covariances with divisor n_ij - 1; NaN below two people.
        pairs: (K, K) n_ij, the people who answered both.
    """

    matrix: Floats
    pairs: Integers

    @property
    def correlations(self) -> Floats:
        """(K, K) correlations: the covariance over both items' own deviations.

        NaN where an item has no variance.
        """
        deviation = np.sqrt(self.matrix.diagonal())
        scale = np.outer(deviation, deviation)
        result: Floats = np.full(scale.shape, np.nan)
        np.divide(self.matrix, scale, out=result, where=scale > 0)
        return result

    def without(self, item: int) -> "Covariances":
        """Return the same without one item, by its place."""
        return Covariances(
            np.delete(np.delete(self.matrix, item, 0), item, 1),
            np.delete(np.delete(self.pairs, item, 0), item, 1),
        )


def covariances(block: SufficientStatistics, group: str) -> Covariances:
    """Return the pairwise covariances of a group's items.

    C_ij = (P_ij - S_ij * S_ji / n_ij) / (n_ij - 1). The numerator is formed in whole
    numbers, so no digit is lost however many people there are.
    """
    columns = block.layout.columns(group)
    square = np.ix_(columns, columns)
    pairs, sums = block.pairs[square], block.sums[square]
    whole = pairs * block.products[square] - sums * sums.T
    freedom = (pairs * (pairs - 1)).astype(np.float64)
    enough = freedom > 0
    matrix = np.full(whole.shape, np.nan)
    matrix[enough] = whole[enough] / freedom[enough]
    return Covariances(matrix, pairs)


def nearest_positive_definite(matrix: Floats) -> tuple[Floats, bool]:
    """Return the nearest usable covariance matrix, and whether it had to be changed.

    Eigenvalues below 1e-6 are raised to it.
    """
    values, vectors = np.linalg.eigh(matrix)
    if values[0] >= MIN_EIGENVALUE:
        return matrix, False
    raised = np.maximum(values, MIN_EIGENVALUE)
    return (vectors * raised) @ vectors.T, True
