"""Statistics of ``make attack``: planted orders are seen, random ones are not."""

import numpy as np
import pytest

from tools.attack.statistics import (
    break_ties,
    holm,
    measure_correlation,
    measure_partition,
    rank_correlation,
)

SIZES = (3, 4, 7, 9, 5) * 8


def orders(noise, seed=1):
    """Two orders of the people of each stratum, related up to noise."""
    rng = np.random.default_rng(seed)
    for size in SIZES:
        left = rng.permutation(size).astype(float)
        yield left, break_ties((left + rng.normal(0, noise, size)).tolist(), size)


@pytest.mark.parametrize("seed", range(5))
def test_unrelated_orders_are_not_significant(seed):
    rng = np.random.default_rng(seed)
    strata = [(rng.permutation(s) * 1.0, rng.permutation(s) * 1.0) for s in SIZES]

    assert measure_correlation(strata).p > 1e-3


def test_weak_relation_is_significant_once_strata_are_pooled():
    strata = list(orders(noise=3.0))

    pooled = measure_correlation(strata)

    assert pooled.p < 1e-5
    assert 0.1 < pooled.strength < 0.8
    assert min(measure_correlation([each]).p for each in strata) > 1e-4


def test_reversed_order_is_as_significant():
    strata = [(left, -right + len(right) - 1) for left, right in orders(noise=3.0)]

    assert measure_correlation(strata).strength < -0.1
    assert measure_correlation(strata).p < 1e-5


def test_no_stratum_of_two_people_is_no_test():
    assert measure_correlation([(np.zeros(1), np.zeros(1))]) is None


def test_rank_correlation_is_spearmans():
    left, right = np.array([0.0, 1, 2, 3]), np.array([1.0, 0, 3, 2])

    assert rank_correlation(left, left) == 1
    assert rank_correlation(left, 3 - left) == -1
    assert rank_correlation(left, right) == pytest.approx(
        np.corrcoef(left, right)[0, 1]
    )


def test_ties_are_broken_at_random():
    first, second = (break_ties([5] * 20, seed) for seed in (1, 2))

    assert sorted(first) == sorted(second) == list(range(20))
    assert first.tolist() != second.tolist()
    assert break_ties(["b", "a", "c"], 1).tolist() == [1, 0, 2]


def test_holm_stops_at_the_first_p_value_that_is_too_large():
    p_values = {"a": 0.001, "b": 0.02, "c": 0.02, "d": 0.9}

    assert holm(p_values, 0.05) == {"a"}
    assert holm({"a": 0.01, "b": 0.02, "c": 0.04}, 0.05) == {"a", "b", "c"}


def test_values_that_part_the_groups_are_significant():
    groups = [0] * 6 + [1] * 6 + [2] * 6
    rng = np.random.default_rng(1)
    random = rng.permutation(groups).tolist()

    assert measure_partition([(groups, groups)] * 3, 1) < 1e-6
    assert measure_partition([(random, groups)] * 3, 1) > 1e-2
    assert measure_partition([(list(range(18)), groups)], 1) is None
