"""Sentences about events: a closed list of codes, each in English and in Spanish."""

from datetime import date
from string import Formatter

import pytest

from rapport_service.explanation import what_became
from rapport_service.explanation.event import NAMES, Event, spoken_day
from rapport_service.explanation.sentence import Sentence
from rapport_service.explanation.sustainment import unanalysed
from rapport_service.record.models import MarkerKind

SENTENCES = [one for one in vars(what_became).values() if isinstance(one, Sentence)]

CODES = {
    *("sustained", "faded", "accelerated", "accelerated_not_over"),
    *("accelerated_just_over", "accelerated_without_end", "no_acceleration"),
    *("too_early", "too_early_not_over", "too_early_chance", "never_to_tell"),
    *("constructs_differ", "exploratory", "not_felt", "turnover"),
    *("rolled_up", "withheld", "pending"),
    *("provisional", "overlapping", "ends_nothing"),
}
"""Programs rely on them; a code that is gone stays gone."""


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_codes_are_these_and_each_has_one_sentence():
    assert len(SENTENCES) == len(CODES)
    assert {sentence.code for sentence in SENTENCES} == CODES


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda one: one.code)
def test_both_languages_tell_the_same(sentence):
    assert places(sentence.en) == places(sentence.es)
    assert sentence.en.endswith(".")
    assert sentence.es.endswith(".")


def test_every_kind_of_marker_that_begins_something_has_a_name():
    begin = {kind.value.replace("-", "_") for kind in MarkerKind} - {"crisis_end"}

    assert set(NAMES) == begin


@pytest.mark.parametrize("kind", NAMES)
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
    days = [spoken_day(date(2027, month, 1)) for month in range(1, 13)]

    assert len({day.en for day in days}) == len({day.es for day in days}) == 12


def test_an_overlap_names_what_it_overlaps_with():
    flood = Event("office_closure", date(2027, 8, 31), None)

    told = unanalysed("overlapping", flood)

    assert "the closing of the office on 31 August 2027" in told["en"]
    assert "el cierre de la oficina del 31 de agosto de 2027" in told["es"]
