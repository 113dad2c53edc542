"""Permutation tests: does an order on one side tell anything about the other side?

A stratum holds people who are exchangeable for an attacker who knows what is public:
those of one wave who vote under one key. Within a stratum every assignment of rows to
people is equally likely if rows tell nothing, so a permutation test is exact. Strata of
all seeds are pooled into one statistic for each attack.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

FAMILY_ERROR = 0.002
"""Probability that a run calls anything significant although nothing is."""

DRAWS = 1 << 21
"""Permutations of each stratum; the smallest p-value is about one in so many."""

FIRST_DRAWS = 1 << 13
"""Permutations that are enough for an attack that is far from significant."""

CLEARLY_NOT_SIGNIFICANT = 0.02
"""A p-value from few permutations above which more of them would change nothing."""

_CHUNK = 1 << 13

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Correlation:
    """Result of one pooled test.

    Attributes:
        strength: mean rank correlation over all people, from -1 to 1.
        people: number of people in all strata.
        p: p-value, two-sided.
    """

    strength: float
    people: int
    p: float


def break_ties(values: Sequence[Any], seed: int) -> Floats:
    """Return the ranks of values, 0 for the lowest; ties are broken at random."""
    order = np.random.default_rng(seed).permutation(len(values))
    ranks = np.empty(len(values))
    by_value = sorted(order.tolist(), key=lambda place: values[place])
    ranks[by_value] = np.arange(len(values))
    return ranks


def rank_correlation(left: Floats, right: Floats) -> float:
    """Return Spearman's correlation of two sets of ranks without ties."""
    size = len(left)
    return float(1 - 6 * np.square(left - right).sum() / (size * (size**2 - 1)))


def measure_correlation(strata: Iterable[tuple[Floats, Floats]]) -> Correlation | None:
    """Test whether two orders are related, pooled over strata.

    Args:
        strata: of each stratum, the ranks of the same people by either order.

    Returns:
        None if no stratum has two people.
    """
    pairs = [(left, right) for left, right in strata if len(left) > 1]
    if not pairs:
        return None
    sizes = [len(left) for left, _ in pairs]
    observed = sum(
        (len(left) - 1) * rank_correlation(left, right) for left, right in pairs
    )
    p = _p_value(sizes, observed, FIRST_DRAWS)
    if p <= CLEARLY_NOT_SIGNIFICANT:
        p = _p_value(sizes, observed, DRAWS)
    return Correlation(observed / sum(size - 1 for size in sizes), sum(sizes), p)


def _p_value(sizes: Sequence[int], observed: float, draws: int) -> float:
    rng = np.random.default_rng(len(sizes))
    total = np.zeros(draws)
    for size in sizes:
        null = _null_correlations(size)
        start = int(rng.integers(DRAWS))
        total += (size - 1) * np.take(
            null, np.arange(start, start + draws), mode="wrap"
        )
    extreme = int((np.abs(total) >= abs(observed) - 1e-9).sum())
    return (extreme + 1) / (draws + 1)


@lru_cache(maxsize=64)
def _null_correlations(size: int) -> Floats:
    """Draw the correlations of random permutations of so many people."""
    rng = np.random.default_rng(size)
    ranks = np.arange(size, dtype=np.float64)
    drawn = np.empty(DRAWS)
    for first in range(0, DRAWS, _CHUNK):
        shuffled = rng.permuted(np.tile(ranks, (_CHUNK, 1)), axis=1)
        distance = np.square(shuffled - ranks).sum(axis=1)
        drawn[first : first + _CHUNK] = 1 - 6 * distance / (size * (size**2 - 1))
    return drawn


def holm(p_values: Mapping[str, float], family_error: float) -> set[str]:
    """Return the names that are significant after Holm's correction."""
    significant = set()
    remaining = len(p_values)
    for name, p in sorted(p_values.items(), key=lambda pair: pair[1]):
        if p > family_error / remaining:
            break
        significant.add(name)
        remaining -= 1
    return significant


def measure_partition(
    strata: Iterable[tuple[Sequence[object], Sequence[object]]], seed: int
) -> float | None:
    """Test whether equal values tell that two rows are of one group of people.

    Args:
        strata: of each stratum, each row's value, and the group that it is of.
        seed: of the permutations.

    Returns:
        The p-value; None where no stratum has two groups and two equal values.
    """
    coded = [
        (_equal_pairs(values), _codes(groups))
        for values, groups in strata
        if len(set(groups)) > 1 and 1 < len(set(values)) < len(values)
    ]
    if not coded:
        return None
    p = _partition_p_value(coded, seed, FIRST_DRAWS)
    if p <= CLEARLY_NOT_SIGNIFICANT:
        p = _partition_p_value(coded, seed, DRAWS)
    return p


def _partition_p_value(
    coded: Sequence[tuple[tuple[Integers, Integers], Integers]], seed: int, draws: int
) -> float:
    rng = np.random.default_rng(seed)
    observed = sum(int((g[left] == g[right]).sum()) for (left, right), g in coded)
    extreme = 0
    for first in range(0, draws, _CHUNK):
        size = min(_CHUNK, draws - first)
        total = np.zeros(size, dtype=np.int64)
        for (left, right), groups in coded:
            shuffled = rng.permuted(np.tile(groups, (size, 1)), axis=1)
            total += (shuffled[:, left] == shuffled[:, right]).sum(axis=1)
        extreme += int((total >= observed).sum())
    return (extreme + 1) / (draws + 1)


def _equal_pairs(values: Sequence[object]) -> tuple[Integers, Integers]:
    """Return the places of all pairs of rows whose values are equal."""
    codes = _codes(values)
    left, right = np.triu_indices(len(codes), 1)
    equal = codes[left] == codes[right]
    return left[equal], right[equal]


def _codes(values: Sequence[object]) -> Integers:
    numbers = {value: number for number, value in enumerate(dict.fromkeys(values))}
    return np.array([numbers[value] for value in values])
