import numpy as np
import pytest

from rapport_service.stats.contrasts import Contrast, Contrasts, contrasts
from rapport_service.stats.event_effect import assess, classify, find_first_clear_wave
from rapport_service.stats.event_phases import phases_of_windows
from rapport_service.stats.intervals import t_quantile
from rapport_service.stats.trend import Point
from tests.stats.event_series import (
    NOISE,
    assess_levels,
    crisis,
    fortnightly_points,
    wave,
    window,
)

# Verdicts


def test_a_gain_that_stays_is_sustained():
    assessment = assess_levels((50, 6), (62, 6), (61, 5))
    assert assessment.verdict == "sustained"
    assert assessment.p <= 0.05
    assert assessment.contrasts.retention.share > 0.8


def test_a_gain_that_goes_is_faded():
    assessment = assess_levels((50, 5), (62, 5), (50, 5))
    assert assessment.verdict == "faded"
    assert assessment.contrasts.fade.upper_bound < 0


def test_a_gain_of_which_less_than_half_stays_is_only_accelerated():
    assert assess_levels((50, 5), (65, 5), (56, 5)).verdict == "accelerated"


def test_a_gain_that_crumbles_without_going_is_only_accelerated():
    assert assess_levels((50, 5), (56.5, 5), (52.6, 5)).verdict == "accelerated"


@pytest.mark.parametrize("during", [45, 60, 64])
def test_unknown_noise_rules_nothing_out(during):
    """A gain of 10 points may be there; placebo dates cannot say that it is not."""
    seen = assess_levels((60, 5), (during, 5), (60, 5))
    assert seen.method == "placebo_dates"
    assert seen.verdict == "too_early_to_tell"


@pytest.mark.parametrize(
    ("before", "during", "after"),
    [(4, 3, 3), (1, 8, 8), (8, 1, 8), (0, 6, 9), (9, 0, 0)],
)
def test_too_few_waves_are_too_early_to_tell(before, during, after):
    assessment = assess_levels((50, before), (62, during), (62, after))
    assert assessment.verdict == "too_early_to_tell"
    assert assessment.contrasts is assessment.p is None


def test_dates_with_the_same_start_say_nothing_against_a_gain_that_stays():
    assessment = assess_levels((50, 4), (62, 4), (61, 4))
    assert assessment.method == "placebo_dates"
    assert assessment.verdict == "sustained"
    assert assessment.placebo_dates == 23
    assert assessment.p == pytest.approx(1 / 24)


@pytest.mark.parametrize(
    ("levels", "verdict"),
    [
        (((50, 5), (70, 5), (70, 6)), "sustained"),
        (((25, 4), (31, 5), (25, 5)), "faded"),
        (((25, 5), (31, 5), (31, 5)), "sustained"),
        (((40, 5), (40, 5), (40, 5)), "too_early_to_tell"),
    ],
)
def test_flat_phases_are_judged_by_their_levels(levels, verdict):
    """A rounding error of a difference that is 0 does not count."""
    names = ("before", "during", "after")
    labels = [
        name for name, (_, n) in zip(names, levels, strict=True) for _ in range(n)
    ]
    values = [level for level, n in levels for _ in range(n)]
    points = [wave(number, value) for number, value in enumerate(values)]

    assert assess(points, labels).verdict == verdict


def test_a_single_wave_is_too_early_to_tell():
    assert assess([wave(0, 50)], ["before"]).verdict == "too_early_to_tell"
    assert assess([], []).verdict == "too_early_to_tell"


def test_a_crisis_without_an_end_needs_twenty_three_waves():
    assert assess_levels((50, 11), (62, 11)).verdict == "too_early_to_tell"
    assessment = assess_levels((50, 12), (62, 11))
    assert assessment.verdict == "accelerated"
    assert assessment.contrasts.retention is None


def test_one_wave_after_does_not_make_an_after():
    assessment = assess_levels((50, 12), (62, 11), (50, 1))
    assert assessment.verdict == "accelerated"
    assert assessment.contrasts.sustain is None


def test_waves_in_transition_do_not_count():
    points = fortnightly_points((50, 6), (0, 1), (62, 6), (61, 5))
    labels = ["before"] * 6 + ["transition"] + ["during"] * 6 + ["after"] * 5
    assert assess(points, labels).verdict == "sustained"


def test_a_cancelled_wave_in_the_series_is_a_gap():
    points = fortnightly_points((50, 6), (62, 7), (61, 5))
    labels = ["before"] * 6 + ["during"] * 7 + ["after"] * 5
    del points[9], labels[9]
    assert assess(points, labels).verdict == "sustained"


def test_irregular_dates_change_the_phases_and_not_the_rule():
    before, during = [0, 5, 30, 33, 51, 60], [70, 100, 101, 140, 150, 160]
    after = [190, 230, 250, 251, 300]
    days, values = before + during + after, [50] * 6 + [62] * 6 + [61] * 5
    points = [
        Point(window(day, 1), value + NOISE[i % 12], 2.0)
        for i, (day, value) in enumerate(zip(days, values, strict=True))
    ]
    labels = phases_of_windows([p.window for p in points], crisis(65, 170))
    assert labels == ["before"] * 6 + ["during"] * 6 + ["after"] * 5
    assert assess(points, labels).verdict == "sustained"


def test_noise_is_rarely_called_a_gain():
    rng = np.random.default_rng(7)
    labels = ["before"] * 4 + ["during"] * 4 + ["after"] * 4
    verdicts = [
        assess([wave(i, y) for i, y in enumerate(50 + 8 * row)], labels).verdict
        for row in rng.normal(size=(200, 12))
    ]
    cautious = verdicts.count("no_acceleration") + verdicts.count("too_early_to_tell")
    assert cautious >= 190


@pytest.mark.parametrize("phase", [4, 6, 8])
def test_a_clear_gain_that_stays_is_rarely_called_none(phase):
    rng = np.random.default_rng(7)
    labels = ["before"] * phase + ["during"] * phase + ["after"] * phase
    steps = np.repeat([50, 60, 60], phase) + 4 * rng.normal(size=(100, 3 * phase))
    verdicts = [
        assess([wave(i, y) for i, y in enumerate(row)], labels).verdict for row in steps
    ]
    assert verdicts.count("no_acceleration") <= 10
    assert verdicts.count("faded") <= 3


def test_the_verdict_on_given_contrasts_asks_for_significance():
    result = contrasts(np.array([50.0, 51, 49, 62, 61, 63, 60, 61, 62]), 3, 6)
    assert classify(result, p=0.05) == "sustained"
    assert classify(result, p=0.051) == "too_early_to_tell"


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [((-9, 9.9), "no_acceleration"), ((-2, 10.1), "too_early_to_tell")],
)
def test_no_acceleration_needs_ten_points_to_be_ruled_out(interval, verdict):
    low, high = interval
    reach = (high - low) / 2
    accel = Contrast((low + high) / 2, reach / t_quantile(0.975, 20), 20)

    assert classify(Contrasts(accel, None, None, None), p=0.4) == verdict


# Speed


def test_the_first_clear_wave_is_counted_from_the_start():
    before = [wave(i, 50, 2) for i in range(4)]
    during = [wave(4 + i, y, 2) for i, y in enumerate([51, 53, 60, 61])]
    assert find_first_clear_wave(before, during) == 2
    assert find_first_clear_wave(before, during[:2]) is None
