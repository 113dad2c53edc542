import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rapport_service.stats.agreement.consensus import consensus
from rapport_service.stats.agreement.critical_values import (
    ad_mean_critical,
    r_wg_critical,
    r_wg_null_distribution,
)
from rapport_service.stats.agreement.indices import (
    a_wg,
    ad_mean,
    ad_median,
    item_variance,
    mean_of_items,
    r_star,
    r_wg,
    r_wg_j,
    uniform_variance,
)
from tests.stats.questionnaire import statistics_of

HISTOGRAMS = st.lists(st.integers(0, 9), min_size=2, max_size=9).map(np.array)


def people(histogram):
    return np.repeat(np.arange(1, len(histogram) + 1), histogram)


def anchored(*answers):
    """A team of which only the anchor matters."""
    return statistics_of([((answer, 0, 0, 0, 0, 0), None) for answer in answers])


@given(HISTOGRAMS)
def test_indices_equal_those_of_the_rows_themselves(histogram):
    x = people(histogram)
    assume(len(x) >= 2)
    assert item_variance(histogram) == pytest.approx(x.var(ddof=1))
    assert ad_mean(histogram) == pytest.approx(np.abs(x - x.mean()).mean())
    assert ad_median(histogram) == pytest.approx(np.abs(x - np.median(x)).mean())


@given(HISTOGRAMS)
def test_agreement_is_the_same_on_a_reversed_scale(histogram):
    assume(histogram.sum() >= 2)
    for index in (item_variance, ad_mean, ad_median, a_wg):
        turned = index(histogram[::-1])
        assert turned == (
            None if index(histogram) is None else pytest.approx(index(histogram))
        )


@given(HISTOGRAMS)
def test_indices_keep_their_range(histogram):
    assume(histogram.sum() >= 2)
    variance, null = item_variance(histogram), uniform_variance(len(histogram))
    assert 0 <= r_wg(variance, null) <= 1
    assert r_star([variance], null) <= r_wg(variance, null)
    value = a_wg(histogram)
    assert value is None or -1 - 1e-9 <= value <= 1
    assert ad_median(histogram) <= ad_mean(histogram) + 1e-12


def test_unanimous_answers_agree_fully():
    histogram = np.array([0, 0, 8, 0, 0])
    assert item_variance(histogram) == 0
    assert r_wg(0, 2) == r_wg_j([0, 0], 2) == r_star([0], 2) == a_wg(histogram) == 1
    assert ad_mean(histogram) == ad_median(histogram) == 0


def test_unanimous_answers_at_an_end_agree_fully():
    assert a_wg(np.array([0, 0, 0, 0, 6])) == 1


def test_two_opposite_camps_disagree_fully():
    histogram = np.array([5, 0, 0, 0, 5])
    assert a_wg(histogram) == pytest.approx(-1)
    assert r_wg(item_variance(histogram), 2) == 0


def test_a_wg_is_not_defined_next_to_an_end():
    assert a_wg(np.array([9, 1, 0, 0, 0])) is None


def test_item_without_answers_has_no_index_and_drops_out_of_a_scale():
    empty = np.zeros(5, dtype=int)
    assert item_variance(empty) is None
    assert ad_mean(empty) is None
    assert ad_median(empty) is None
    assert a_wg(empty) is None
    assert r_wg_j([None, 1.0], 2) == r_wg_j([1.0], 2)
    assert r_wg_j([None], 2) is None
    assert r_star([None], 2) is None
    assert mean_of_items([None, 0.5]) == 0.5


def test_more_items_of_equal_spread_look_like_more_agreement_but_are_not():
    assert r_wg_j([1.2] * 11, 2) > r_wg_j([1.2] * 3, 2) > r_wg(1.2, 2)
    assert r_star([1.2] * 11, 2) == pytest.approx(r_star([1.2], 2))


# Chance


@pytest.mark.parametrize(
    ("n", "value"), [(5, 0.85), (6, 0.717), (8, 0.607), (12, 0.455), (30, 0.262)]
)
def test_the_r_wg_that_chance_rarely_reaches_falls_with_n(n, value):
    assert r_wg_critical(n, 5).value == pytest.approx(value, abs=5e-4)


@pytest.mark.parametrize(
    ("n", "value"), [(5, 0.4), (6, 0.556), (8, 0.688), (12, 0.819), (20, 0.925)]
)
def test_the_deviation_that_chance_rarely_undercuts_rises_with_n(n, value):
    assert ad_mean_critical(n, 5).value == pytest.approx(value, abs=5e-4)


@pytest.mark.parametrize("categories", [2, 3, 5, 7])
def test_random_answers_pass_at_most_five_percent_of_the_time(categories):
    rng = np.random.default_rng(1)
    answers = rng.integers(1, categories + 1, (20_000, 9))
    critical = ad_mean_critical(9, categories)
    assert critical.p <= 0.05
    deviation = np.abs(answers - answers.mean(axis=1, keepdims=True)).mean(axis=1)
    passed = (deviation <= critical.value + 1e-9).mean()
    assert passed == pytest.approx(critical.p, abs=0.006)


def test_two_people_cannot_agree_beyond_chance():
    assert r_wg_critical(2, 5) is None
    assert r_wg_critical(1, 5) is None
    assert ad_mean_critical(2, 5) is None


@pytest.mark.parametrize("critical", [r_wg_critical, ad_mean_critical])
def test_exact_and_approximate_critical_values_meet(critical):
    assert critical(30, 5).value == pytest.approx(critical(31, 5).value, abs=0.02)
    assert critical(30, 5).p < critical(31, 5).p == 0.05


@pytest.mark.parametrize(
    ("n", "categories"), [(5, 21), (9, 11), (12, 11), (15, 7), (40, 5), (200, 7)]
)
def test_random_answers_rarely_pass_asymptotic_critical_values(n, categories):
    drawn = np.random.default_rng(n).integers(1, categories + 1, (40_000, n))
    variances = drawn.var(axis=1, ddof=1)
    agreed = 1 - np.minimum(variances, (null := (categories**2 - 1) / 12)) / null
    deviation = np.abs(drawn - drawn.mean(axis=1)[:, None]).mean(axis=1)
    passed = (deviation <= ad_mean_critical(n, categories).value + 1e-9).mean()
    assert 0.035 < passed < 0.065
    assert (agreed >= r_wg_critical(n, categories).value).mean() < 0.055


def test_a_million_random_answers_deviate_as_the_scale_does():
    assert r_wg_critical(10**6, 5).value == pytest.approx(0, abs=0.01)
    assert ad_mean_critical(10**6, 5).value == pytest.approx(1.2, abs=0.01)


def test_few_answers_on_a_fine_scale_agree_beyond_chance_if_fully():
    assert r_wg_critical(3, 100).value == 1
    assert ad_mean_critical(3, 100).value > 0


def test_the_chances_of_all_spreads_add_up_to_one():
    values, chances = r_wg_null_distribution(7, 6)
    assert chances.sum() == pytest.approx(1)
    assert values.min() >= 0


@pytest.mark.parametrize("n", [1, 500])
def test_a_null_distribution_that_cannot_be_enumerated_is_refused(n):
    with pytest.raises(ValueError, match="enumerated"):
        r_wg_null_distribution(n, 5)


# A team's consensus on one item


def test_five_nearly_unanimous_answers_agree_beyond_chance():
    agreement = consensus(anchored(4, 4, 4, 4, 5), "A0")
    assert agreement.is_r_wg_significant
    assert agreement.is_ad_significant


def test_five_who_would_pass_the_fixed_rule_do_not_agree_beyond_chance():
    agreement = consensus(anchored(2, 3, 3, 4, 4), "A0")
    assert agreement.ad_mean <= 5 / 6
    assert not agreement.is_ad_significant
    assert not agreement.is_r_wg_significant


def test_a_value_that_is_exactly_critical_counts():
    assert consensus(anchored(3, 3, 3, 4, 4), "A0").r_wg == pytest.approx(0.85)
    assert consensus(anchored(3, 3, 3, 4, 4), "A0").is_r_wg_significant


@pytest.mark.parametrize("answers", [(4, 4, 4, 4), (4, 4, 4, 4, -1), (-1,) * 9, ()])
def test_fewer_than_five_answers_have_no_consensus(answers):
    assert consensus(anchored(*answers), "A0") is None
