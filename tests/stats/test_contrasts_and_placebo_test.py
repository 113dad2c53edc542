from math import comb, inf

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rapport_service.stats.contrasts import contrasts, fieller, t_statistic
from rapport_service.stats.placebo_test import (
    can_reach_significance,
    placebo_test,
    placements,
)
from rapport_service.stats.segmented_regression import level_design, slope_design

# Terms


def test_levels_are_one_in_their_phase():
    assert level_design(5, 2, 4).tolist() == [
        [1, 0, 0],
        [1, 0, 0],
        [1, 1, 0],
        [1, 1, 0],
        [1, 0, 1],
    ]
    assert level_design(4, 2).tolist() == [[1, 0], [1, 0], [1, 1], [1, 1]]


def test_slopes_begin_with_their_phase():
    times = np.array([0.0, 1, 3, 4, 8, 9])
    design = slope_design(times, 2, 4)
    assert design[:, 1].tolist() == times.tolist()
    assert design[:, 3].tolist() == [0, 0, 0, 1, 0, 0]
    assert design[:, 5].tolist() == [0, 0, 0, 0, 0, 1]
    assert slope_design(times, 2).shape == (6, 4)


# Contrasts


@given(st.lists(st.floats(0, 100), min_size=9, max_size=9))
def test_contrasts_are_differences_of_phase_means(scores):
    y = np.array(scores)
    result = contrasts(y, 3, 6)
    before, during, after = y[:3].mean(), y[3:6].mean(), y[6:].mean()
    assert result.accel.estimate == pytest.approx(during - before, abs=1e-9)
    assert result.sustain.estimate == pytest.approx(after - before, abs=1e-9)
    assert result.fade.estimate == pytest.approx(after - during, abs=1e-9)
    bounds = result.accel
    assert bounds.interval.low <= bounds.lower_bound <= bounds.upper_bound
    assert bounds.upper_bound <= bounds.interval.high


def test_series_without_an_after_has_acceleration_only():
    result = contrasts(np.array([1.0, 2, 5, 6, 5]), 2)
    assert result.accel.estimate == pytest.approx(16 / 3 - 1.5)
    assert result.sustain is result.fade is result.retention is None


def test_flat_phases_are_certain():
    y = np.array([40.0, 40, 50, 50, 45, 45])
    assert t_statistic(y, (0, 1), 2, 4) == inf
    assert t_statistic(-y, (0, 1), 2, 4) == -inf
    assert t_statistic(0 * y + 7, (0, 1), 2, 4) == 0
    retention = contrasts(y, 2, 4).retention
    assert retention.share == pytest.approx(0.5)
    assert retention.interval.low == pytest.approx(retention.interval.high)


def test_a_phase_without_a_wave_is_refused():
    with pytest.raises(ValueError, match="too few"):
        contrasts(np.array([1.0, 2, 3, 4]), 2, 2)


@given(
    st.floats(-20, 20),
    st.floats(-20, 20),
    st.floats(0.1, 9),
    st.floats(0.1, 9),
    st.floats(-0.9, 0.9),
)
def test_fiellers_ends_solve_their_equation(over, under, v_over, v_under, r):
    v_both = r * (v_over * v_under) ** 0.5
    retention = fieller(over, under, (v_over, v_both, v_under), 9)
    assume(retention is not None)
    q2 = 2.2621571627409915**2
    for end in (retention.interval.low, retention.interval.high):
        left = (over - end * under) ** 2
        right = q2 * (v_over - 2 * end * v_both + end**2 * v_under)
        assert left == pytest.approx(right, rel=1e-5, abs=1e-6)
    assert retention.interval.low <= retention.share <= retention.interval.high


def test_a_gain_that_is_not_clear_has_no_retention():
    assert fieller(3, 1, (1, 0, 1), 9) is None


# Placebo dates


@pytest.mark.parametrize("waves", range(4, 20))
def test_number_of_placements_is_that_of_the_formula(waves):
    with_end = placements(waves, ends=True)
    assert len(with_end) == comb(waves - 4, 2)
    assert len(placements(waves, ends=False)) == max(waves - 3, 0)
    assert all(min(s, e - s, waves - e) >= 2 for s, e in with_end)


def test_eleven_waves_are_the_fewest_that_can_reach_significance():
    assert not can_reach_significance(len(placements(10, ends=True)))
    assert can_reach_significance(len(placements(11, ends=True)))
    assert not can_reach_significance(len(placements(22, ends=False)))
    assert can_reach_significance(len(placements(23, ends=False)))


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30), st.data())
def test_a_placebo_p_counts_the_truth_itself(values, data):
    true = data.draw(st.integers(0, len(values) - 1))
    result = placebo_test(range(len(values)), true, lambda i: values[i])
    assert 1 / len(values) <= result.p <= 1
    assert result.observed == abs(values[true])


def test_dates_that_leave_a_phase_too_short_are_refused():
    with pytest.raises(ValueError, match="too few"):
        placebo_test(placements(12, ends=True), (1, 6), lambda _: 1.0)
