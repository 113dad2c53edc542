import pytest

from rapport_service.stats.contrasts import Contrast, Contrasts, Retention
from rapport_service.stats.event_effect import EventAssessment
from rapport_service.stats.intervals import Interval
from rapport_service.sustainment.analysis.presentation import (
    mean_crisis_percent,
    present_effect,
    summarize_effect,
)


def contrast(estimate, se=1.0):
    return Contrast(estimate, se, freedom=10)


def assessment(verdict="sustained", p=0.0256, **more):
    contrasts = Contrasts(
        accel=contrast(9.5),
        sustain=contrast(7.4),
        fade=contrast(-2.1),
        retention=Retention(0.779, Interval(0.551, 1.012)),
    )
    return EventAssessment(
        **{"verdict": verdict, "method": "noise_model", "contrasts": contrasts, "p": p}
        | {"first_clear_wave": 1}
        | more
    )


def test_points_are_rounded_and_ends_rounded_outward():
    shown = present_effect(assessment())

    assert shown["accel"] == {"points": 10, "interval": {"low": 7, "high": 12}}
    assert shown["fade"] == {"points": -2, "interval": {"low": -5, "high": 1}}
    assert shown["retention"] == {"percent": 78, "interval": {"low": 55, "high": 102}}
    assert shown["first_clear_wave"] == 2


def test_placebo_dates_give_figures_without_intervals():
    shown = present_effect(assessment(method="placebo_dates", placebo_dates=78))

    assert shown["accel"] == {"points": 10, "interval": None}
    assert shown["sustain"] == {"points": 7, "interval": None}
    assert shown["retention"] == {"percent": 78, "interval": None}


@pytest.mark.parametrize(
    ("p", "shown"), [(1 / 78, 0.02), (0.05, 0.05), (4 / 78, 0.06), (1.0, 1.0)]
)
def test_a_p_is_never_shown_smaller_than_it_is(p, shown):
    assert present_effect(assessment(p=p))["p"] == shown


@pytest.mark.parametrize("verdict", ["no_acceleration", "too_early_to_tell"])
def test_retention_is_shown_only_of_a_clear_gain(verdict):
    assert present_effect(assessment(verdict))["retention"] is None


def test_effect_of_too_few_waves_has_no_figures():
    shown = present_effect(
        assessment("too_early_to_tell", p=None, contrasts=None, first_clear_wave=None)
    )

    assert {shown[name] for name in ("accel", "sustain", "fade", "p", "retention")} == {
        None
    }


def test_no_difference_is_larger_than_the_scale():
    wide = Contrasts(contrast(60.0, se=50.0), None, None, None)

    assert present_effect(assessment("accelerated", contrasts=wide))["accel"][
        "interval"
    ] == {
        "low": -52,
        "high": 100,
    }


def test_summary_has_points_and_percents_alone():
    assert summarize_effect(present_effect(assessment())) == {
        "verdict": "sustained",
        "accel": 10,
        "sustain": 7,
        "retention": 78,
        "first_clear_wave": 2,
    }


@pytest.mark.parametrize(
    ("shares", "shown"),
    [([], None), ([None, None], None), ([10, None, 15], 15), ([10, 10, 20], 15)],
)
def test_crisis_share_of_a_phase_is_the_mean_of_those_shown(shares, shown):
    assert mean_crisis_percent(shares) == shown
