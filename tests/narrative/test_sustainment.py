"""Sentences about the effect of an event."""

from dataclasses import replace
from datetime import date

import pytest

from rapport_schemas.enums import MarkerKind
from rapport_service.narrative import sustainment
from rapport_service.narrative.sentence import format_day
from rapport_service.narrative.sustainment import (
    EVENT_NAMES,
    Event,
    SustainmentContent,
    explain_exclusion,
    explain_verdict,
)
from tests.narrative.templates import templates_of


def test_each_kind_of_marker_that_begins_an_event_has_a_name():
    kinds = {kind.value for kind in MarkerKind} - {"crisis_end"}

    assert set(EVENT_NAMES) == kinds


@pytest.mark.parametrize("kind", EVENT_NAMES)
def test_event_is_named_with_its_date(kind):
    event = Event(kind, date(2027, 3, 1), None)

    assert event.span.en.startswith("since the ")
    assert event.span.en.endswith("on 1 March 2027")
    assert event.span.es.startswith("desde ")
    assert event.span.es.endswith("l 1 de marzo de 2027")


def test_event_that_ended_reads_as_a_time_span():
    event = Event("crisis_start", date(2027, 3, 1), date(2027, 5, 31))

    assert event.span.en == "during the crisis that began on 1 March 2027"


def test_months_have_different_names():
    days = [format_day(date(2027, month, 1)) for month in range(1, 13)]

    assert len({day.en for day in days}) == len({day.es for day in days}) == 12


def test_overlap_names_the_earlier_event():
    flood = Event("office_closure", date(2027, 8, 31), None)

    sentence = explain_exclusion("overlapping", flood)

    assert "the closing of the office on 31 August 2027" in sentence["en"]
    assert "el cierre de la oficina del 31 de agosto de 2027" in sentence["es"]


def unfinished(waves_needed, waves_after=0, points=None, end=date(2027, 5, 31)):
    """The content about a group that needs more waves for a verdict."""
    accel = points and {"points": points}
    verdict = "accelerated" if points else "too_early_to_tell"
    effect = {"verdict": verdict, "accel": accel, "sustain": None, "retention": None}
    event = Event("crisis_start", date(2027, 3, 1), end)
    effects = dict.fromkeys(("trust", "communication", "overall"), effect)
    return SustainmentContent(
        event, effects, waves_after, waves_needed, False, (None, None), None
    )


@pytest.mark.parametrize(
    ("content", "code", "spanish"),
    [
        (unfinished(1), "too_early", ": hace falta al menos una ronda más."),
        (unfinished(3), "too_early", ": hacen falta al menos 3 rondas más."),
        (
            unfinished(4, end=None),
            "too_early_not_over",
            ": hacen falta al menos 4 rondas más, dos de ellas cuando la crisis haya"
            " terminado.",
        ),
        (
            unfinished(0, 1, points=8),
            "accelerated_just_over",
            "si esa mejora se sostiene, hace falta al menos una ronda más.",
        ),
        (
            unfinished(0, 0, points=8),
            "accelerated_just_over",
            "si esa mejora se sostiene, hacen falta al menos 2 rondas más.",
        ),
    ],
)
def test_spanish_verb_agrees_with_the_number_of_waves(content, code, spanish):
    sentence = explain_verdict(content)

    assert sentence["code"] == code
    assert sentence["es"].endswith(spanish)


@pytest.mark.parametrize("code", ["accelerated_not_over", "accelerated_without_end"])
def test_gain_that_still_lasts_is_in_the_present_perfect(code):
    (template,) = [
        template for template in templates_of(sustainment) if template.code == code
    ]

    assert "have risen" in template.en
    assert "han subido" in template.es


def test_change_without_an_end_needs_waves_without_a_limit():
    content = no_gain(-9, 15, 12, 3, end=None)
    change = Event("policy_change", date(2027, 3, 1), None)

    sentence = explain_verdict(replace(content, event=change))

    assert sentence["en"].endswith("needs at least 3 more waves.")


def test_team_without_a_noise_model_reads_why_it_is_open():
    """Placebo dates decide: there is no interval, no threshold and no number."""
    content = no_gain(-9, 15, None)
    for effect in content.effects.values():
        effect["accel"]["interval"] = None

    sentence = explain_verdict(content)

    assert sentence["code"] == "too_early_chance"
    assert "Fewer than three teams had exact scores in every wave" in sentence["en"]
    assert "ten people or more answer every wave" in sentence["en"]


def no_gain(low, high, detectable, more=None, end=date(2027, 5, 31)):
    """The content about a group without a clear gain, of so many points."""
    effect = {
        "verdict": "no_acceleration" if high < 10 else "too_early_to_tell",
        "accel": {
            "points": (low + high) // 2,
            "interval": {"low": low, "high": high},
        },
        "sustain": None,
        "retention": None,
        "p": 0.4,
        "detectable": detectable,
        "waves_to_detect": more,
    }
    event = Event("crisis_start", date(2027, 3, 1), end)
    effects = dict.fromkeys(("trust", "communication", "overall"), effect)
    return SustainmentContent(event, effects, 2, 0, False, (None, None), None)


@pytest.mark.parametrize(
    ("content", "code", "english"),
    [
        (no_gain(-7, 9, 8, 0), "no_acceleration_detectable", "it would take 8 points."),
        (no_gain(-19, -5, 7, 0), "fell", "by about 12 points."),
        (
            no_gain(-9, 15, 12, 3, end=None),
            "undecided",
            "3 more waves before it is over.",
        ),
        (no_gain(-5, 11, 8, 0, end=None), "undecided_so_far", "More waves will tell."),
        (no_gain(-9, 15, 12, end=None), "undecided_for_long", "may not tell it from"),
        (no_gain(-9, 15, 12), "undecided_for_good", "more waves help only a little."),
        (no_gain(-5, 11, 8, 0), "undecided_for_good", "more waves help only a little."),
        (no_gain(-9, 15, None), "too_early_chance", "nobody can say how many more"),
    ],
)
def test_absent_gain_says_what_it_would_have_taken(content, code, english):
    sentence = explain_verdict(content)

    assert sentence["code"] == code
    assert english in sentence["en"]
    assert "None" not in sentence["en"] + sentence["es"]


@pytest.mark.parametrize("high", [-1, 9, 10, 30])
def test_no_sentence_denies_a_gain_of_ten_points_that_is_not_ruled_out(high):
    sentence = explain_verdict(no_gain(-20, high, 12))

    assert ("unlikely" in sentence["en"]) == (0 <= high < 10)
