"""Sentence templates: closed lists of codes, each in English and in Spanish."""

from string import Formatter

import pytest

from rapport_service.narrative import (
    comparison,
    reliability,
    score_sentences,
    sustainment,
)
from rapport_service.narrative.sentence import Phrase, join_phrases
from tests.narrative.templates import templates_of

CODES = {
    score_sentences: {
        *("withheld", "rolled_up", "score", "approximate", "how_sure", "pilot"),
        *("up", "down", "no_clear_change", "rising", "falling", "no_clear_trend"),
        *("above", "below", "not_clearly_different", "agree", "no_clear_agreement"),
        *("lead", "levels", "first_waves"),
        *("up_two_waves", "down_two_waves", "no_clear_change_two_waves"),
        *("up_after_fall", "down_after_rise"),
        *("in_crisis", "low_participation", "silent", "group_hidden"),
        *("pending", "clock_unconfirmed"),
    },
    comparison: {
        *("no_waves", "own_scores", "gaps", "no_heading"),
        *("no_ranking", "in_their_place", "not_shown", "not_sealed"),
        "group_hidden",
    },
    reliability: {
        *("pooled", "holds", "doubtful", "too_few_answers", "weak_questions"),
        *("too_few_teams", "between_teams", "team_of_ten", "few_teams", "teams_agree"),
        "checked",
    },
    sustainment: {
        *("sustained", "faded", "accelerated", "accelerated_not_over"),
        *("accelerated_just_over", "accelerated_without_end"),
        *("no_acceleration_detectable", "fell"),
        *("undecided", "undecided_so_far", "undecided_for_good"),
        "undecided_for_long",
        *("too_early", "too_early_not_over", "too_early_chance", "never_to_tell"),
        *("constructs_differ", "exploratory", "not_felt", "turnover"),
        *("rolled_up", "withheld", "group_hidden", "pending"),
        *("provisional", "overlapping", "ends_nothing"),
    },
}
"""By document; programs rely on a code, and a code that was removed stays removed."""

TEMPLATES = [template for module in CODES for template in templates_of(module)]


def placeholders(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("module", CODES, ids=lambda module: module.__name__)
def test_codes_are_a_closed_list_with_one_sentence_each(module):
    codes = [template.code for template in templates_of(module)]

    assert sorted(codes) == sorted(CODES[module])


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.code)
def test_both_languages_have_the_same_placeholders_and_a_full_stop(template):
    assert placeholders(template.en) == placeholders(template.es)
    assert template.en.endswith(".")
    assert template.es.endswith(".")


def test_phrases_are_joined_as_people_enumerate():
    names = [Phrase(letter, letter.upper()) for letter in "abc"]

    assert join_phrases(names) == Phrase("a, b and c", "A, B y C")
    assert join_phrases(names[:1]) == Phrase("a", "A")


@pytest.mark.parametrize(
    ("last", "spanish"),
    [
        *(("Intake", "e"), ("Hidalgo", "e"), ("Ingreso", "e")),
        *(("Hielo", "y"), ("Iowa", "y"), ("Yuma", "y"), ("Norte", "y")),
    ],
)
def test_spanish_conjunction_changes_before_the_same_sound(last, spanish):
    names = [Phrase("Sur", "Sur"), Phrase(last, last)]

    assert join_phrases(names).es == f"Sur {spanish} {last}"


@pytest.mark.parametrize("template", [score_sentences.ROLLED_UP, sustainment.ROLLED_UP])
def test_group_may_have_a_name_of_either_gender(template):
    assert (
        "la Región Norte, que incluye a este equipo"
        in template(group="la Región Norte")["es"]
    )
