from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import comb, inf

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rapport_service.measure.contrasts import contrasts, fieller, t_statistic
from rapport_service.measure.dose import dose
from rapport_service.measure.phases import (
    Episode,
    Marker,
    analysed,
    episodes,
    exploratory,
    phase,
    phases,
)
from rapport_service.measure.placebo import can_reach, placebo_test, placements
from rapport_service.measure.segments import levels, slopes
from rapport_service.measure.series import Point, Window
from rapport_service.measure.verdict import find, first_clear, judge
from tests.measure.rows import block_of

FIRST = datetime(2026, 1, 5, tzinfo=UTC)
NOISE = (0.4, -0.8, 1.1, -0.2, 0.6, -1.0, 0.3, -0.5, 0.9, -0.7, 0.2, 0.5)


def at(day):
    return FIRST + timedelta(days=day)


def window(day, days=3):
    return Window(at(day), at(day + days))


def marker(kind, day, declared=-1):
    return Marker(kind, at(day), at(declared))


def crisis(start, end=None, declared=-1):
    closing = None if end is None else marker("crisis_end", end, declared)
    return Episode(marker("crisis_start", start, declared), closing)


def wave(number, score, se=2.0):
    return Point(window(14 * number), score, se)


def fortnights(*levels_and_counts, se=2.0):
    """Points at levels that each last some waves, a little unlike each other."""
    values = [level for level, count in levels_and_counts for _ in range(count)]
    return [
        wave(i, value + NOISE[i % len(NOISE)], se) for i, value in enumerate(values)
    ]


def judged(before, during, after=(0, 0)):
    """What is found of three phases, each a level and a number of waves."""
    names = ("before", "during", "after")
    labels = [
        n
        for n, (_, count) in zip(names, (before, during, after), strict=True)
        for _ in range(count)
    ]
    return find(fortnights(before, during, after), labels)


# Phases


def test_the_middle_of_a_wave_decides_its_phase():
    windows = [window(14 * i) for i in range(6)]
    found = [phase(one, crisis(20, 50)) for one in windows]
    assert found == ["before", "before", "during", "during", "after", "after"]


@pytest.mark.parametrize("day", [14, 15, 17])
def test_a_wave_that_was_open_on_the_date_is_in_transition(day):
    assert phase(window(14), crisis(day)) == "transition"
    assert phase(window(14), crisis(0.5, day)) == "transition"


def test_a_crisis_without_an_end_has_no_after():
    found = [phase(window(14 * i), crisis(20)) for i in range(9)]
    assert set(found) == {"before", "during"}


@given(st.integers(0, 300), st.integers(1, 30), st.integers(0, 300), st.integers(1, 99))
def test_phases_follow_each_other(first, gap, start, length):
    order = ["before", "transition", "during", "transition", "after"]
    found = phases(
        [window(first + gap * i, 0) for i in range(20)], crisis(start, start + length)
    )
    ranks = [("before", "during", "after").index(p) for p in found if p != "transition"]
    assert ranks == sorted(ranks)
    assert set(found) <= set(order)


# Markers


def test_the_end_of_a_crisis_closes_the_earliest_open_one():
    first, second = marker("crisis_start", 10), marker("crisis_start", 50)
    end = marker("crisis_end", 70)
    assert episodes([end, second, first]) == (
        Episode(first, end),
        Episode(second, None),
    )


def test_a_policy_change_has_no_end():
    policy, end = marker("policy_change", 10), marker("crisis_end", 20)
    assert episodes([policy, end]) == (Episode(policy, None),)


def test_an_end_before_any_crisis_ends_none():
    end, start = marker("crisis_end", 5), marker("crisis_start", 10)
    assert episodes([end, start]) == (Episode(start, None),)


def test_of_overlapping_episodes_only_the_earliest_is_analysed():
    early, inside, later = crisis(10, 60), crisis(40, 80), crisis(70, 90)
    assert analysed([later, inside, early]) == (early, later)


def test_nothing_after_the_start_of_an_open_episode_is_analysed():
    assert analysed([crisis(10), crisis(40, 60)]) == (crisis(10),)


def test_waves_of_another_episode_are_no_part_of_this_one():
    first, second = crisis(20, 40), crisis(100, 130)
    windows = [window(14 * i) for i in range(12)]
    found = phases(windows, second, [first, second])
    assert found[:3] == [None] * 3
    assert found[3] == "before"
    assert phases(windows, first, [first, second])[7:] == [None] * 5


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(1, 50) | st.none()), max_size=6)
)
def test_what_is_analysed_never_overlaps(spans):
    found = [crisis(s, None if d is None else s + d) for s, d in spans]
    kept = analysed(found)
    assert bool(kept) == bool(found)
    for one, next_one in pairwise(kept):
        assert one.end.effective < next_one.start.effective


def test_a_marker_declared_after_its_results_were_seen_is_exploratory():
    released = {window(14): at(30), window(28): at(44)}
    assert not exploratory(crisis(20, declared=43), released)
    assert exploratory(crisis(20, declared=44), released)
    assert not exploratory(crisis(40, declared=44), {window(14): at(30)})


def test_a_late_declared_end_is_exploratory_too():
    late_end = Episode(
        marker("crisis_start", 20), marker("crisis_end", 40, declared=70)
    )
    assert exploratory(late_end, {window(42): at(60)})
    assert not exploratory(late_end, {window(28): at(44)})


# Terms


def test_levels_are_one_in_their_phase():
    assert levels(5, 2, 4).tolist() == [
        [1, 0, 0],
        [1, 0, 0],
        [1, 1, 0],
        [1, 1, 0],
        [1, 0, 1],
    ]
    assert levels(4, 2).tolist() == [[1, 0], [1, 0], [1, 1], [1, 1]]


def test_slopes_begin_with_their_phase():
    times = np.array([0.0, 1, 3, 4, 8, 9])
    found = slopes(times, 2, 4)
    assert found[:, 1].tolist() == times.tolist()
    assert found[:, 3].tolist() == [0, 0, 0, 1, 0, 0]
    assert found[:, 5].tolist() == [0, 0, 0, 0, 0, 1]
    assert slopes(times, 2).shape == (6, 4)


# Contrasts


@given(st.lists(st.floats(0, 100), min_size=9, max_size=9))
def test_contrasts_are_differences_of_phase_means(scores):
    y = np.array(scores)
    found = contrasts(y, 3, 6)
    before, during, after = y[:3].mean(), y[3:6].mean(), y[6:].mean()
    assert found.accel.estimate == pytest.approx(during - before, abs=1e-9)
    assert found.sustain.estimate == pytest.approx(after - before, abs=1e-9)
    assert found.fade.estimate == pytest.approx(after - during, abs=1e-9)
    bounds = found.accel
    assert bounds.interval.low <= bounds.lower_bound <= bounds.upper_bound
    assert bounds.upper_bound <= bounds.interval.high


def test_without_an_after_there_is_only_acceleration():
    found = contrasts(np.array([1.0, 2, 5, 6, 5]), 2)
    assert found.accel.estimate == pytest.approx(16 / 3 - 1.5)
    assert found.sustain is found.fade is found.retention is None


def test_flat_phases_are_certain():
    y = np.array([40.0, 40, 50, 50, 45, 45])
    assert t_statistic(y, (0, 1), 2, 4) == inf
    assert t_statistic(-y, (0, 1), 2, 4) == -inf
    assert t_statistic(0 * y + 7, (0, 1), 2, 4) == 0
    kept = contrasts(y, 2, 4).retention
    assert kept.share == pytest.approx(0.5)
    assert kept.interval.low == pytest.approx(kept.interval.high)


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
    found = fieller(over, under, (v_over, v_both, v_under), 9)
    assume(found is not None)
    q2 = 2.2621571627409915**2
    for end in (found.interval.low, found.interval.high):
        left = (over - end * under) ** 2
        right = q2 * (v_over - 2 * end * v_both + end**2 * v_under)
        assert left == pytest.approx(right, rel=1e-5, abs=1e-6)
    assert found.interval.low <= found.share <= found.interval.high


def test_a_gain_that_is_not_clear_has_no_retention():
    assert fieller(3, 1, (1, 0, 1), 9) is None


# Placebo dates


@pytest.mark.parametrize("waves", range(4, 20))
def test_there_are_as_many_placements_as_the_formula_says(waves):
    with_end = placements(waves, ends=True)
    assert len(with_end) == comb(waves - 4, 2)
    assert len(placements(waves, ends=False)) == max(waves - 3, 0)
    assert all(min(s, e - s, waves - e) >= 2 for s, e in with_end)


def test_eleven_waves_are_the_fewest_that_can_reach_significance():
    assert not can_reach(len(placements(10, ends=True)))
    assert can_reach(len(placements(11, ends=True)))
    assert not can_reach(len(placements(22, ends=False)))
    assert can_reach(len(placements(23, ends=False)))


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30), st.data())
def test_a_placebo_p_counts_the_truth_itself(values, data):
    true = data.draw(st.integers(0, len(values) - 1))
    found = placebo_test(range(len(values)), true, lambda i: values[i])
    assert 1 / len(values) <= found.p <= 1
    assert found.observed == abs(values[true])


def test_dates_that_leave_a_phase_too_short_are_refused():
    with pytest.raises(ValueError, match="too few"):
        placebo_test(placements(12, ends=True), (1, 6), lambda _: 1.0)


# Verdicts


def test_a_gain_that_stays_is_sustained():
    found = judged((50, 6), (62, 6), (61, 5))
    assert found.verdict == "sustained"
    assert found.p <= 0.05
    assert found.contrasts.retention.share > 0.8


def test_a_gain_that_goes_is_faded():
    found = judged((50, 5), (62, 5), (50, 5))
    assert found.verdict == "faded"
    assert found.contrasts.fade.upper_bound < 0


def test_a_gain_of_which_less_than_half_stays_is_only_accelerated():
    assert judged((50, 5), (62, 5), (54, 5)).verdict == "accelerated"


def test_a_gain_that_crumbles_without_going_is_only_accelerated():
    assert judged((50, 5), (56.5, 5), (52.6, 5)).verdict == "accelerated"


def test_a_small_gain_is_no_acceleration():
    assert judged((50, 5), (54, 5), (54, 5)).verdict == "no_acceleration"


def test_a_loss_is_no_acceleration():
    assert judged((60, 5), (45, 5), (60, 5)).verdict == "no_acceleration"


def test_what_counts_as_a_gain_can_be_set_beforehand():
    labels = ["before"] * 6 + ["during"] * 6 + ["after"] * 5
    points = fortnights((50, 6), (54.5, 6), (54, 5))
    assert find(points, labels).verdict == "no_acceleration"
    assert find(points, labels, meaningful=3).verdict == "sustained"


@pytest.mark.parametrize(
    ("before", "during", "after"),
    [(4, 3, 3), (1, 8, 8), (8, 1, 8), (0, 6, 9), (9, 0, 0)],
)
def test_too_few_waves_are_too_early_to_tell(before, during, after):
    found = judged((50, before), (62, during), (62, after))
    assert found.verdict == "too_early_to_tell"
    assert found.contrasts is found.p is None


def test_a_gain_that_stays_is_too_early_to_tell_while_dates_cannot_show_it():
    found = judged((50, 4), (62, 4), (61, 4))
    assert found.verdict == "too_early_to_tell"
    assert found.contrasts.accel.estimate > 5
    assert 0.05 < found.p < 0.2


def test_a_single_wave_is_too_early_to_tell():
    assert find([wave(0, 50)], ["before"]).verdict == "too_early_to_tell"
    assert find([], []).verdict == "too_early_to_tell"


def test_a_crisis_without_an_end_needs_twenty_three_waves():
    assert judged((50, 11), (62, 11)).verdict == "too_early_to_tell"
    found = judged((50, 12), (62, 11))
    assert found.verdict == "accelerated"
    assert found.contrasts.retention is None


def test_one_wave_after_does_not_make_an_after():
    found = judged((50, 12), (62, 11), (50, 1))
    assert found.verdict == "accelerated"
    assert found.contrasts.sustain is None


def test_waves_in_transition_do_not_count():
    points = fortnights((50, 6), (0, 1), (62, 6), (61, 5))
    labels = ["before"] * 6 + ["transition"] + ["during"] * 6 + ["after"] * 5
    assert find(points, labels).verdict == "sustained"


def test_a_cancelled_wave_in_the_series_is_a_gap():
    points = fortnights((50, 6), (62, 7), (61, 5))
    labels = ["before"] * 6 + ["during"] * 7 + ["after"] * 5
    del points[9], labels[9]
    assert find(points, labels).verdict == "sustained"


def test_irregular_dates_change_the_phases_and_not_the_rule():
    before, during = [0, 5, 30, 33, 51, 60], [70, 100, 101, 140, 150, 160]
    after = [190, 230, 250, 251, 300]
    days, values = before + during + after, [50] * 6 + [62] * 6 + [61] * 5
    points = [
        Point(window(day, 1), value + NOISE[i % 12], 2.0)
        for i, (day, value) in enumerate(zip(days, values, strict=True))
    ]
    labels = phases([p.window for p in points], crisis(65, 170))
    assert labels == ["before"] * 6 + ["during"] * 6 + ["after"] * 5
    assert find(points, labels).verdict == "sustained"


def test_noise_is_rarely_called_a_gain():
    dice = np.random.default_rng(7)
    labels = ["before"] * 4 + ["during"] * 4 + ["after"] * 4
    verdicts = [
        find([wave(i, y) for i, y in enumerate(50 + 8 * row)], labels).verdict
        for row in dice.normal(size=(200, 12))
    ]
    cautious = verdicts.count("no_acceleration") + verdicts.count("too_early_to_tell")
    assert cautious >= 190
    assert verdicts.count("no_acceleration") >= 160


def test_the_verdict_on_given_contrasts_asks_for_significance():
    found = contrasts(np.array([50.0, 51, 49, 62, 61, 63, 60, 61, 62]), 3, 6)
    assert judge(found, p=0.05) == "sustained"
    assert judge(found, p=0.051) == "no_acceleration"


# Speed and dose


def test_the_first_clear_wave_is_counted_from_the_start():
    before = [wave(i, 50, 2) for i in range(4)]
    during = [wave(4 + i, y, 2) for i, y in enumerate([51, 53, 60, 61])]
    assert first_clear(before, during) == 2
    assert first_clear(before, during[:2]) is None


def test_the_dose_is_the_share_of_those_who_tapped():
    taps = ["crisis", "crisis", "normal", None, "stretched"]
    block = block_of([((0,) * 6, tap) for tap in taps])
    found = dose(block)
    assert (found.share, found.n) == (0.5, 4)
    assert found.interval.low < 0.5 < found.interval.high
    assert dose(block, "normal").share == 0.25


def test_without_a_tap_there_is_no_dose():
    assert dose(block_of([((4,) * 6, None)] * 5)) is None
