from datetime import UTC, datetime, timedelta
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.stats.detectable_change import (
    detectable_change,
    difference_se,
    direction,
    standard_error_of_measurement,
)
from rapport_service.stats.false_discovery import (
    FALSE_DISCOVERY_RATE,
    benjamini_hochberg,
    critical_p,
)
from rapport_service.stats.regression import default_lag, least_squares, newey_west
from rapport_service.stats.trend import (
    Point,
    Window,
    kendall,
    theil_sen,
    trend,
    weighted_slope,
)

FIRST = datetime(2026, 1, 5, tzinfo=UTC)
POINTS = st.floats(0, 100)
ERRORS = st.floats(0.1, 20)


def point(day, score):
    opens = FIRST + timedelta(days=day)
    return Point(Window(opens, opens + timedelta(days=3)), score, 3.0)


# Change


@given(POINTS, ERRORS, POINTS, ERRORS)
def test_a_change_backwards_is_the_opposite(earlier, earlier_se, later, later_se):
    opposite = {"up": "down", "down": "up", "no_clear_change": "no_clear_change"}
    forth = direction(earlier, earlier_se, later, later_se)
    assert direction(later, later_se, earlier, earlier_se) == opposite[forth]


def test_a_change_is_clear_from_the_detectable_change_on():
    least = detectable_change(6, 8)
    assert least == pytest.approx(19.6)
    assert direction(0, 6, least, 8) == "up"
    assert direction(least, 6, 0, 8) == "down"
    assert direction(50, 6, 50 + least - 0.01, 8) == "no_clear_change"


def test_no_change_is_never_clear():
    assert direction(50, 0, 50, 0) == "no_clear_change"


def test_two_independent_errors_add_up_as_squares():
    assert difference_se(3, 4) == 5


def test_a_perfectly_reliable_score_has_no_noise():
    assert standard_error_of_measurement(2, 1) == 0
    assert standard_error_of_measurement(2, 0.75) == 1


# Trend


def test_slope_of_a_steady_rise_does_not_depend_on_the_dates():
    points = [point(day, 40 + day / 14) for day in (0, 9, 41, 44, 90, 200)]
    rise = trend(points)
    assert rise.slope == pytest.approx(2)
    assert rise.rank.tau == 1
    assert rise.rank.p == pytest.approx(2 / 720)


def test_one_odd_wave_does_not_turn_a_slope():
    scores = [50, 51, 52, 53, 5, 55, 56]
    rise = trend([point(28 * i, y) for i, y in enumerate(scores)])
    assert rise.slope == pytest.approx(1)


def test_a_cancelled_wave_is_a_gap_and_not_a_zero():
    whole = [point(14 * i, 50 + i) for i in range(8)]
    gap = whole[:3] + whole[4:]
    assert trend(gap).slope == pytest.approx(trend(whole).slope)


@pytest.mark.parametrize("waves", [0, 1, 4])
def test_fewer_than_five_waves_have_no_trend(waves):
    assert trend([point(14 * i, 50 + i) for i in range(waves)]) is None


def test_waves_of_one_date_have_no_trend():
    assert trend([point(0, 50 + i) for i in range(6)]) is None
    assert theil_sen(np.zeros(3), np.arange(3.0)) is None
    assert weighted_slope(np.zeros(3), np.arange(3.0), np.ones(3)) is None


@given(st.lists(POINTS, min_size=5, max_size=12), st.floats(-50, 50))
def test_a_slope_does_not_depend_on_the_level(scores, shift):
    plain = trend([point(14 * i, y) for i, y in enumerate(scores)])
    moved = trend([point(14 * i, y + shift) for i, y in enumerate(scores)])
    assert moved.slope == pytest.approx(plain.slope, abs=1e-6)


def test_a_precise_wave_counts_for_more():
    x, y = np.arange(5.0), np.array([1.0, 2, 3, 4, 0])
    doubted = weighted_slope(x, y, np.array([1.0, 1, 1, 1, 1000]))
    assert doubted.estimate == pytest.approx(1, abs=1e-3)
    assert weighted_slope(x, y, np.ones(5)).estimate < 0.5


def test_a_perfect_line_is_certain_and_a_flat_one_is_not():
    x, ones = np.arange(4.0), np.ones(4)
    assert weighted_slope(x, 2 * x, ones).p < 1e-6
    assert weighted_slope(x, 0 * x, ones).p == 1


# Rank correlation


def brute_force(y):
    """The two-sided p of a rank correlation over all orders of y, ties and all."""

    def score(order):
        return sum(
            (order[j] > order[i]) - (order[j] < order[i])
            for i in range(len(order))
            for j in range(i + 1, len(order))
        )

    scores = [score(order) for order in permutations(y)]
    low = sum(s <= score(y) for s in scores) / len(scores)
    high = sum(s >= score(y) for s in scores) / len(scores)
    return min(1, 2 * min(low, high))


@given(st.lists(st.integers(1, 4), min_size=2, max_size=6))
def test_the_exact_p_is_that_of_all_orders_ties_included(y):
    time = list(range(len(y)))
    assert kendall(time, y).p == pytest.approx(brute_force(y))
    assert kendall(y, time).p == pytest.approx(brute_force(y))


@given(st.lists(st.integers(1, 30), min_size=2, max_size=70))
def test_rank_correlation_changes_its_sign_when_time_is_reversed(y):
    time = list(range(len(y)))
    forth, back = kendall(time, y), kendall(time, y[::-1])
    assert back.tau == pytest.approx(-forth.tau)
    assert back.p == pytest.approx(forth.p)
    assert -1 <= forth.tau <= 1
    assert 0 <= forth.p <= 1


def test_exact_and_approximate_p_meet():
    y = [(7 * i) % 60 + i / 3 for i in range(61)]
    exact, approximate = kendall(range(60), y[:60]).p, kendall(range(61), y).p
    assert exact == pytest.approx(approximate, abs=0.05)


def test_nothing_but_ties_is_no_correlation():
    assert kendall([1, 2, 3], [5, 5, 5]).tau == 0
    assert kendall([1, 2, 3], [5, 5, 5]).p == 1
    assert kendall([1, 1], [5, 5]).p == 1


# Many teams


@given(st.lists(st.floats(0, 1), max_size=12))
def test_adjusting_never_lowers_a_p_value_and_keeps_their_order(p_values):
    adjusted = benjamini_hochberg(p_values)
    assert all(p <= q <= 1 for p, q in zip(p_values, adjusted, strict=True))
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    ranked = [adjusted[i] for i in order]
    assert ranked == sorted(ranked)


def test_one_team_needs_no_adjustment():
    assert benjamini_hochberg([0.03]) == [0.03]
    assert critical_p([]) == FALSE_DISCOVERY_RATE


@given(st.lists(st.integers(0, 120), min_size=1, max_size=12))
def test_a_p_is_called_exactly_up_to_what_the_others_leave_open(thousandths):
    p_values = [each / 1001 for each in thousandths]
    adjusted = benjamini_hochberg(p_values)
    for place, p in enumerate(p_values):
        others = p_values[:place] + p_values[place + 1 :]
        assert (p <= critical_p(others)) == (adjusted[place] <= FALSE_DISCOVERY_RATE)


# Robust errors


@pytest.mark.parametrize(
    ("waves", "lag"), [(8, 1), (16, 1), (17, 2), (24, 2), (100, 4)]
)
def test_the_lag_grows_with_the_series(waves, lag):
    assert default_lag(waves) == lag


def test_covariance_without_a_lag_allows_for_unequal_variances_only():
    x = np.column_stack([np.ones(6), np.arange(6.0)])
    y = np.array([1.0, 3, 2, 5, 4, 9])
    model = least_squares(x, y)
    meat = (x * model.residuals[:, None]).T @ (x * model.residuals[:, None])
    expected = model.bread @ meat @ model.bread * 6 / 4
    assert newey_west(model, 0) == pytest.approx(expected)


def test_a_lag_longer_than_the_series_is_harmless():
    model = least_squares(np.ones((4, 1)), np.array([1.0, 2, 4, 3]))
    assert np.isfinite(newey_west(model, 50)).all()


def test_too_few_waves_for_the_terms_are_refused():
    with pytest.raises(ValueError, match="too few"):
        least_squares(np.ones((3, 2)), np.ones(3))
    with pytest.raises(ValueError, match="more observations"):
        newey_west(least_squares(np.eye(2), np.ones(2)))
