import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.stats.reliability import (
    alpha,
    alpha_interval,
    assess_scale,
    evaluate_gates,
    fit_one_factor,
    harmonic_people,
    item_rest_correlations,
    mean_correlation,
    spearman_brown,
)
from rapport_service.stats.sufficient_statistics import (
    Covariances,
    Layout,
    SufficientStatistics,
    covariances,
    nearest_positive_definite,
)
from tests.stats.questionnaire import PEOPLE, statistics_of


def survey(items, people, *, seed=1, missing=0.0, weights=None):
    """Statistics of made-up answers on 1..5 that one factor explains."""
    rng = np.random.default_rng(seed)
    weights = np.ones(items) if weights is None else np.array(weights)
    factor = rng.normal(size=(people, 1))
    drawn = 3 + 0.8 * weights * factor + rng.normal(0, 0.7, (people, items))
    codes = np.clip(np.rint(drawn), 1, 5).astype(np.int64)
    codes[rng.random(codes.shape) < missing] = 0
    names = tuple(f"i{n}" for n in range(items))
    layout = Layout(names, 5, {"all": names}, ())
    return SufficientStatistics.from_rows(layout, codes, [None] * people)


def covariances_of(matrix):
    matrix = np.array(matrix, dtype=float)
    return Covariances(matrix, np.full(matrix.shape, 100))


# Covariances


@given(PEOPLE)
def test_covariances_are_those_of_the_people_who_answered_both(people):
    result = covariances(statistics_of(people), "overall")
    rows = np.array([codes for codes, _ in people]).reshape(-1, 6)
    for i in range(5):
        for j in range(5):
            both = rows[(rows[:, i + 1] >= 1) & (rows[:, j + 1] >= 1)][
                :, [i + 1, j + 1]
            ]
            if len(both) < 2:
                assert math.isnan(result.matrix[i, j])
            else:
                expected = np.cov(both[:, 0], both[:, 1])[0, 1]
                assert result.matrix[i, j] == pytest.approx(expected, abs=1e-9)


def test_covariances_of_millions_lose_no_digit():
    statistics = statistics_of([((0, 5, 5, 0, 0, 0), None), ((0, 4, 4, 0, 0, 0), None)])
    for _ in range(24):
        statistics += statistics
    n = 2**25
    result = covariances(statistics, "trust").matrix
    assert result[0, 0] == result[0, 1] == n * n / 4 / (n * (n - 1))


def test_a_usable_matrix_is_left_alone():
    matrix = np.array([[1.0, 0.5], [0.5, 1.0]])
    same, clipped = nearest_positive_definite(matrix)
    assert same is matrix
    assert not clipped


def test_an_impossible_matrix_is_repaired_and_flagged():
    impossible = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1.0]])
    repaired, clipped = nearest_positive_definite(impossible)
    assert clipped
    assert np.linalg.eigvalsh(repaired)[0] > 0
    assert fit_one_factor(impossible).clipped


# Alpha and what belongs to it


def test_parallel_items_have_the_alpha_that_spearman_and_brown_foresee():
    matrix = np.full((4, 4), 0.46) + 0.54 * np.eye(4)
    assert alpha(matrix) == pytest.approx(spearman_brown(0.46, 4))
    assert item_rest_correlations(covariances_of(matrix)) == pytest.approx(
        [3 * 0.46 / math.sqrt(3 + 6 * 0.46)] * 4
    )


@pytest.mark.parametrize(("items", "value"), [(2, 0.63), (4, 0.77), (12, 0.91)])
def test_more_items_are_more_reliable(items, value):
    assert spearman_brown(0.46, items) == pytest.approx(value, abs=5e-3)


@given(st.integers(2, 9), st.integers(0, 50))
def test_alpha_is_inside_its_interval_and_narrows_with_people(items, seed):
    few = alpha(covariances(survey(items, 60, seed=seed), "all").matrix)
    narrow, wide = alpha_interval(few, 500, items), alpha_interval(few, 60, items)
    assert wide.low < narrow.low < few < narrow.high < wide.high


def test_one_item_has_no_alpha():
    assert alpha(np.array([[1.0]])) is None
    assert mean_correlation(covariances_of([[1.0]])) is None


def test_items_without_variance_have_no_reliability():
    flat = covariances_of(np.zeros((3, 3)))
    assert alpha(flat.matrix) is None
    assert mean_correlation(flat) is None
    assert item_rest_correlations(flat) == [None] * 3
    assert fit_one_factor(flat.matrix) is None


def test_a_pair_without_answers_gives_no_reliability():
    statistics = statistics_of(
        [((0, 4, 5, 0, 0, 0), None), ((0, 3, 3, 0, 0, 0), None)] * 60
    )
    result = covariances(statistics, "trust")
    assert alpha(result.matrix) is None
    assert fit_one_factor(result.matrix) is None
    assert harmonic_people(result) == 0
    assert alpha(result.without(2).matrix) == pytest.approx(8 / 9)


# Omega


@given(st.lists(st.floats(0.2, 0.9), min_size=3, max_size=8), st.floats(0.1, 9))
def test_omega_of_a_matrix_that_one_factor_made_is_exact(loadings, unit):
    true = np.array(loadings)
    psi = 1 - true**2
    factor = fit_one_factor(unit * (np.outer(true, true) + np.diag(psi)))
    assert factor.standardized == pytest.approx(true, abs=2e-4)
    expected = true.sum() ** 2 / (true.sum() ** 2 + psi.sum())
    assert factor.omega == pytest.approx(expected, abs=1e-5)


def test_omega_does_not_depend_on_the_order_or_sign_of_the_factor():
    matrix = covariances(survey(5, 300, weights=[1, 0.5, 0.8, 1.2, 0.6]), "all").matrix
    turned = matrix[::-1, ::-1]
    assert fit_one_factor(matrix).omega == pytest.approx(
        fit_one_factor(turned).omega, abs=1e-7
    )
    assert fit_one_factor(matrix).loadings.sum() > 0


def test_two_items_are_too_few_for_a_factor():
    assert fit_one_factor(np.array([[1, 0.5], [0.5, 1.0]])) is None


def test_an_item_without_a_variance_of_its_own_is_flagged():
    # r_12 * r_13 / r_23 = 1.28 would be the first item's communality
    heywood = np.array([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1.0]])
    factor = fit_one_factor(heywood)
    assert factor.heywood
    assert factor.omega <= 1


# Gates and the report


def test_a_good_scale_passes_all_gates():
    report = assess_scale(
        survey(6, 400, missing=0.5), "all", shown=2, reversed_items=["i4"]
    )
    assert report.gates.passed
    assert report.people >= 50
    assert report.alpha_interval.low < report.alpha < report.alpha_interval.high
    assert report.shown_items_reliability < report.omega
    assert report.omega == pytest.approx(report.alpha, abs=0.03)


def test_a_reversed_item_that_measures_something_else_is_dropped():
    statistics = survey(6, 400, weights=[1, 1, 1, 1, 0, 1])
    report = assess_scale(statistics, "all", shown=2, reversed_items=["i4"])
    assert report.gates.weak_items == report.gates.dropped_items == (4,)
    assert not report.gates.passed


def test_a_weak_item_that_was_not_reversed_is_only_named():
    statistics = survey(6, 400, weights=[1, 1, 1, 1, 0, 1])
    report = assess_scale(statistics, "all", shown=2)
    assert report.gates.weak_items == (4,)
    assert report.gates.dropped_items == ()


def test_a_loose_scale_fails_the_gate_of_omega():
    statistics = survey(4, 900, weights=[0.4] * 4)
    result = covariances(statistics, "all")
    assert not evaluate_gates(result, fit_one_factor(result.matrix), set()).omega


def test_fewer_than_fifty_people_on_a_pair_give_no_report():
    assert assess_scale(survey(4, 49), "all", shown=2) is None
    assert assess_scale(survey(4, 50), "all", shown=2) is not None


def test_two_items_have_their_spearman_brown_reliability():
    report = assess_scale(survey(2, 200), "all", shown=2)
    assert report.omega == report.shown_items_reliability
    assert report.loadings == ()
    assert report.gates is None


def test_a_scale_that_everybody_skipped_has_no_report():
    assert (
        assess_scale(statistics_of([((0, -1, -2, -1, 0, 0), None)] * 80), "trust", 2)
        is None
    )


def test_two_items_that_contradict_each_other_wholly_have_no_report():
    layout = Layout(("a", "b"), 5, {"all": ("a", "b")}, ())
    rows = np.array([[1, 4], [5, 2]] * 30)

    statistics = SufficientStatistics.from_rows(layout, rows, [None] * len(rows))

    assert alpha(covariances(statistics, "all").matrix) < 0
    assert assess_scale(statistics, "all", 2) is None
