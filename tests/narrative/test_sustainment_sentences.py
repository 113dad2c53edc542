"""Sentences about events: a closed list of codes, each in English and in Spanish."""

from datetime import date
from string import Formatter

import pytest

from rapport_service.narrative import score_sentences, sustainment_sentences
from rapport_service.narrative.event_names import EVENT_NAMES, Event, format_day
from rapport_service.narrative.sentence import SentenceTemplate
from rapport_service.narrative.sustainment import (
    SustainmentContent,
    explain_exclusion,
    explain_verdict,
)
from rapport_service.registry.models import MarkerKind

SENTENCES = [
    one
    for one in vars(sustainment_sentences).values()
    if isinstance(one, SentenceTemplate)
]

CODES = {
    *("sustained", "faded", "accelerated", "accelerated_not_over"),
    *("accelerated_just_over", "accelerated_without_end", "no_acceleration"),
    *("too_early", "too_early_not_over", "too_early_chance", "never_to_tell"),
    *("constructs_differ", "exploratory", "not_felt", "turnover"),
    *("rolled_up", "withheld", "pending"),
    *("provisional", "overlapping", "ends_nothing"),
}
"""Programs rely on them; a code that is gone stays gone."""


def placeholders(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_codes_are_these_and_each_has_one_sentence():
    assert len(SENTENCES) == len(CODES)
    assert {sentence.code for sentence in SENTENCES} == CODES


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda one: one.code)
def test_both_languages_tell_the_same(sentence):
    assert placeholders(sentence.en) == placeholders(sentence.es)
    assert sentence.en.endswith(".")
    assert sentence.es.endswith(".")


def test_every_kind_of_marker_that_begins_something_has_a_name():
    begin = {kind.value.replace("-", "_") for kind in MarkerKind} - {"crisis_end"}

    assert set(EVENT_NAMES) == begin


@pytest.mark.parametrize("kind", EVENT_NAMES)
def test_an_event_is_named_with_its_date(kind):
    event = Event(kind, date(2027, 3, 1), None)

    assert event.span.en.startswith("since the ")
    assert event.span.en.endswith("on 1 March 2027")
    assert event.span.es.startswith("desde ")
    assert event.span.es.endswith("l 1 de marzo de 2027")


def test_what_is_over_happened_during_it():
    event = Event("crisis_start", date(2027, 3, 1), date(2027, 5, 31))

    assert event.span.en == "during the crisis that began on 1 March 2027"


def test_every_month_has_a_name_of_its_own():
    days = [format_day(date(2027, month, 1)) for month in range(1, 13)]

    assert len({day.en for day in days}) == len({day.es for day in days}) == 12


def test_an_overlap_names_what_it_overlaps_with():
    flood = Event("office_closure", date(2027, 8, 31), None)

    told = explain_exclusion("overlapping", flood)

    assert "the closing of the office on 31 August 2027" in told["en"]
    assert "el cierre de la oficina del 31 de agosto de 2027" in told["es"]


def unfinished(waves_needed, waves_after=0, points=None, end=date(2027, 5, 31)):
    """A group of which more waves are needed to say what became of it."""
    accel = points and {"points": points}
    verdict = "accelerated" if points else "too_early_to_tell"
    effect = {"verdict": verdict, "accel": accel, "sustain": None, "retention": None}
    event = Event("crisis_start", date(2027, 3, 1), end)
    effects = dict.fromkeys(("trust", "communication", "overall"), effect)
    return SustainmentContent(
        event, effects, waves_after, waves_needed, False, (None, None), None
    )


@pytest.mark.parametrize(
    ("shown", "code", "spanish"),
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
            "si eso se sostiene hace falta al menos una ronda más.",
        ),
        (
            unfinished(0, 0, points=8),
            "accelerated_just_over",
            "si eso se sostiene hacen falta al menos 2 rondas más.",
        ),
    ],
)
def test_in_spanish_the_verb_goes_with_the_number_of_waves(shown, code, spanish):
    told = explain_verdict(shown)

    assert told["code"] == code
    assert told["es"].endswith(spanish)


@pytest.mark.parametrize("code", ["accelerated_not_over", "accelerated_without_end"])
def test_what_has_happened_since_something_is_not_said_to_be_past(code):
    (sentence,) = [one for one in SENTENCES if one.code == code]

    assert "have risen" in sentence.en
    assert "han subido" in sentence.es


@pytest.mark.parametrize(
    "sentence", [sustainment_sentences.ROLLED_UP, score_sentences.ROLLED_UP]
)
def test_a_group_may_have_a_name_of_either_gender(sentence):
    assert (
        "la Región Norte, que incluye a este equipo"
        in sentence(group="la Región Norte")["es"]
    )
