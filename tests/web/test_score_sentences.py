"""Sentences of a score: each has its place on the screen, and no place is for none."""

import re

from rapport_service.narrative import score_sentences
from rapport_service.narrative.sentence import SentenceTemplate
from rapport_service.web.assets import read_source

LISTS = re.compile(r"^(?:const HEADLINES =|  \w+:) \[([^\]]*)\]", re.MULTILINE)


def list_written():
    """Codes of the sentences that the service writes about scores."""
    members = vars(score_sentences).values()
    groups = [each.values() if isinstance(each, dict) else [each] for each in members]
    templates = [each for group in groups for each in group]
    return {each.code for each in templates if isinstance(each, SentenceTemplate)}


def list_placed(source):
    """Codes of the sentences that have a place of their own on the screen."""
    return set(re.findall(r'"(\w+)"', " ".join(LISTS.findall(source))))


def test_places_are_for_sentences_that_the_service_writes():
    placed = list_placed(read_source("score.js"))

    assert len(placed) > 15
    assert placed - list_written() == set()


def test_sentence_about_a_change_is_placed_with_the_changes():
    changes = {
        code
        for code in list_written()
        if re.match("(up|down|rising|falling|no_clear_(change|trend))", code)
    }

    assert changes - list_placed(read_source("score.js")) == set()


def test_place_without_a_sentence_is_detected():
    planted = 'const HEADLINES = ["lead", "steadied"];'

    assert list_placed(planted) - list_written() == {"steadied"}
