"""Sufficient statistics of a group of people: integers that add and subtract.

Everything a score needs is a sum over people, so the statistics of a region are the sum
of those of its teams, in any order, and a withdrawn answer is a subtraction. Statistics
of a few people disclose them: they stay inside the job that seals a wave.

Covariances use, for each pair of items, the people who answered both. Such a matrix
need not be positive definite; `nearest_positive_definite` comes before an inverse.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]

NOT_SHOWN, NOT_APPLICABLE, SKIPPED = 0, -1, -2
"""Codes of a cell that holds no answer; answers are 1..A, after reverse keying."""


@dataclass(frozen=True)
class Layout:
    """Meaning of the columns of the arrays; only statistics of one layout add up.

    Attributes:
        items: The K item ids, in column order.
        categories: A, the number of answer options; answers are 1..A.
        groups: Named sets of items whose respondents are counted. A respondent of a
            group gave a valid answer to at least one of its items.
        contexts: The values of the context question.
    """

    items: tuple[str, ...]
    categories: int
    groups: Mapping[str, tuple[str, ...]]
    contexts: tuple[str, ...]

    def columns(self, group: str) -> list[int]:
        """Return the column numbers of a group's items."""
        return [self.items.index(item) for item in self.groups[group]]

    def encode(
        self, rows: Iterable[Sequence[int | Literal["na", "skip"] | None]]
    ) -> Integers:
        """Return people's keyed answers as a matrix (people x K) of codes.

        Args:
            rows: Per person one value per item: 1..A, "na", "skip", or None for an
                item that was not shown.
        """
        codes = {None: NOT_SHOWN, "na": NOT_APPLICABLE, "skip": SKIPPED}
        matrix = [
            [value if isinstance(value, int) else codes[value] for value in row]
            for row in rows
        ]
        return np.array(matrix, dtype=np.int64).reshape(-1, len(self.items))


@dataclass(frozen=True, eq=False)
class SufficientStatistics:
    """Integer statistics of some people, x being a keyed answer.

    Attributes:
        layout: The items, groups and contexts that the arrays are about.
        histogram: (K, A) people per answer.
        not_applicable: (K,) people who answered that the item does not apply.
        skipped: (K,) people who saw the item and skipped it.
        pairs: (K, K) people who answered both i and j; the diagonal is the number of
            answers to i.
        sums: (K, K) sum of x_i over the people who answered j too.
        products: (K, K) sum of x_i * x_j over the people who answered both.
        respondents: (groups,) people with a valid answer in each of the groups.
        contexts: (contexts,) people per answer to the context question.
    """

    layout: Layout
    histogram: Integers
    not_applicable: Integers
    skipped: Integers
    pairs: Integers
    sums: Integers
    products: Integers
    respondents: Integers
    contexts: Integers

    def __post_init__(self) -> None:
        for array in self._arrays():
            array.setflags(write=False)

    @classmethod
    def from_rows(
        cls, layout: Layout, rows: Integers, contexts: Sequence[str | None]
    ) -> Self:
        """Count people's answers.

        Args:
            layout: The meaning of the columns.
            rows: (people, K) codes: an answer 1..A after reverse keying, or
                NOT_SHOWN, NOT_APPLICABLE or SKIPPED.
            contexts: Per person the answer to the context question, or None.

        Raises:
            ValueError: A code is none of these, or the shapes do not match.
        """
        if rows.shape != (len(contexts), len(layout.items)):
            raise ValueError("rows must be people x items, with one context per person")
        if rows.size and not (
            rows.min() >= SKIPPED and rows.max() <= layout.categories
        ):
            raise ValueError("a code is neither an answer nor a reason for none")
        valid = (rows >= 1).astype(np.int64)
        answers = rows * valid
        options = range(1, layout.categories + 1)
        return cls(
            layout=layout,
            histogram=np.stack([_count_people(rows == x) for x in options], axis=1),
            not_applicable=_count_people(rows == NOT_APPLICABLE),
            skipped=_count_people(rows == SKIPPED),
            pairs=valid.T @ valid,
            sums=answers.T @ valid,
            products=answers.T @ answers,
            respondents=np.array(
                [valid[:, layout.columns(g)].any(axis=1).sum() for g in layout.groups],
                dtype=np.int64,
            ),
            contexts=np.array(
                [sum(answer == c for answer in contexts) for c in layout.contexts],
                dtype=np.int64,
            ),
        )

    def respondents_of(self, group: str) -> int:
        """Return how many people gave a valid answer to an item of the group."""
        return int(self.respondents[list(self.layout.groups).index(group)])

    def __add__(self, other: Self) -> Self:
        return self._combine(other, 1)

    def __sub__(self, other: Self) -> Self:
        return self._combine(other, -1)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, SufficientStatistics)
            and self.layout == other.layout
            and all(map(np.array_equal, self._arrays(), other._arrays()))
        )

    __hash__ = None  # type: ignore[assignment] # equal statistics may be distinct arrays

    def _combine(self, other: Self, sign: int) -> Self:
        if self.layout != other.layout:
            raise ValueError("statistics of different layouts do not add up")
        arrays = [
            left + sign * right
            for left, right in zip(self._arrays(), other._arrays(), strict=True)
        ]
        if any((array < 0).any() for array in arrays):
            raise ValueError("the statistics subtracted were never part of these")
        return type(self)(self.layout, *arrays)

    def _arrays(self) -> tuple[Integers, ...]:
        """Return the arrays that add up, in the order of the attributes."""
        return (
            self.histogram,
            self.not_applicable,
            self.skipped,
            self.pairs,
            self.sums,
            self.products,
            self.respondents,
            self.contexts,
        )


def _count_people(condition: npt.NDArray[np.bool_]) -> Integers:
    """Count people, the first axis, for whom a condition holds."""
    return np.asarray(condition.sum(axis=0), dtype=np.int64)


Floats = npt.NDArray[np.float64]

MIN_EIGENVALUE = 1e-6

MIN_PEOPLE_PER_PAIR = 50
"""People who must have answered both items of every pair in a figure."""


@dataclass(frozen=True, eq=False)
class Covariances:
    """Pairwise covariances of K items.

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


def covariances(statistics: SufficientStatistics, group: str) -> Covariances:
    """Return the pairwise covariances of a group's items.

    C_ij = (P_ij - S_ij * S_ji / n_ij) / (n_ij - 1). The numerator is formed in whole
    numbers, so no digit is lost however many people there are.
    """
    columns = statistics.layout.columns(group)
    square = np.ix_(columns, columns)
    pairs, sums = statistics.pairs[square], statistics.sums[square]
    numerator = pairs * statistics.products[square] - sums * sums.T
    denominator = (pairs * (pairs - 1)).astype(np.float64)
    defined = denominator > 0
    matrix = np.full(numerator.shape, np.nan)
    matrix[defined] = numerator[defined] / denominator[defined]
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
