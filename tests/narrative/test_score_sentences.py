"""What figures mean, in two languages, from closed lists."""

import json
import re
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.disclosure.bands import (
    PARTICIPATION_BANDS,
    RESPONDENT_BANDS,
    tipping_point,
)
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.narrative import (
    reliability,
    reliability_sentences,
    score_sentences,
)
from rapport_service.narrative.score import explain, explain_withheld
from rapport_service.narrative.sentence import Phrase, SentenceTemplate, join_phrases

OF_SCORES = {
    *("withheld", "rolled_up", "score", "approximate", "how_sure", "pilot"),
    *("up", "down", "no_clear_change", "rising", "falling", "no_clear_trend"),
    *("above", "below", "not_clearly_different", "agree", "no_clear_agreement"),
    *("in_crisis", "low_participation", "silent"),
}
OF_RELIABILITY = {
    *("pooled", "holds", "doubtful", "too_few_answers", "weak_questions"),
    *("too_few_teams", "between_teams", "team_of_ten", "few_teams", "teams_agree"),
    "checked",
}


def every(module):
    """All sentences of a module, those in tables too."""
    for value in vars(module).values():
        for one in value.values() if isinstance(value, dict) else [value]:
            if isinstance(one, SentenceTemplate):
                yield one


@pytest.mark.parametrize(
    ("module", "codes"),
    [(score_sentences, OF_SCORES), (reliability_sentences, OF_RELIABILITY)],
)
def test_codes_are_a_closed_list(module, codes):
    assert {sentence.code for sentence in every(module)} == codes


@pytest.mark.parametrize(
    "sentence",
    [*every(score_sentences), *every(reliability_sentences)],
    ids=lambda sentence: sentence.code,
)
def test_both_languages_have_the_same_places_and_end_as_sentences_do(sentence):
    places = [
        {name for _, name, _, _ in Formatter().parse(text) if name}
        for text in (sentence.en, sentence.es)
    ]
    assert places[0] == places[1]
    assert sentence.en.endswith(".")
    assert sentence.es.endswith(".")


FIGURE = st.fixed_dictionaries(
    {
        "score": st.integers(0, 100),
        "bound": st.sampled_from([None, "at_most", "at_least"]),
        "interval": st.fixed_dictionaries(
            {"low": st.integers(0, 50), "high": st.integers(50, 100)}
        ),
        "change": st.sampled_from([None, *score_sentences.CHANGE]),
        "favourable": st.none(),
        "trend": st.none()
        | st.fixed_dictionaries(
            {
                "direction": st.sampled_from([*score_sentences.TREND]),
                "per_four_weeks": st.none(),
            }
        ),
        "steadied": st.none(),
        "against_organization": st.sampled_from(
            [None, *score_sentences.AGAINST_ORGANIZATION]
        ),
    }
)
SHOWN = st.fixed_dictionaries(
    {
        "tier": st.sampled_from(["coarse", "fine"]),
        "respondents": st.sampled_from(RESPONDENT_BANDS),
        "participation": st.sampled_from(PARTICIPATION_BANDS),
        "tipping_point": st.sampled_from(PARTICIPATION_BANDS).map(tipping_point),
        "constructs": st.fixed_dictionaries(
            dict.fromkeys(("trust", "communication", "overall"), FIGURE)
        ),
        "agreement": st.sampled_from([None, *score_sentences.AGREEMENT]),
        "items": st.none(),
        "dose": st.sampled_from([None, 10, 40, 90]),
    }
)


@given(SHOWN, st.none() | st.just("North {of} here"), st.booleans())
def test_whatever_is_shown_is_told_in_whole_sentences(shown, above, pilot):
    told = explain(shown, above, pilot=pilot)

    assert {one["code"] for one in told} <= OF_SCORES - {"withheld"}
    assert len({one["code"] for one in told}) == len(told)
    for one in told:
        for text in (one["en"], one["es"]):
            assert re.fullmatch(r"[A-ZÁÉÍÓÚ].*\.", text)
            assert "None" not in text
    scores = next(one["en"] for one in told if one["code"] == "score")
    for figure in shown["constructs"].values():
        assert str(figure["score"]) in scores


@given(SHOWN)
def test_every_word_of_a_figure_is_told_once_for_all_constructs_that_share_it(shown):
    told = {one["code"]: one["en"] for one in explain(shown, None, pilot=False)}

    for name, figure in shown["constructs"].items():
        for word in (figure["change"], figure["against_organization"]):
            if word is not None:
                assert name in told[word].lower()


def test_what_is_withheld_does_not_tell_why():
    (told,) = explain_withheld()

    assert told["code"] == "withheld"
    assert not re.search(r"few|people|answer|small", told["en"])


@pytest.mark.parametrize(
    ("percent", "words"),
    [(10, "at most 10"), (40, "about 40"), (90, "at least 90")],
)
def test_a_share_at_its_end_is_told_as_one(percent, words):
    assert words in score_sentences.crisis_sentence(percent)["en"]


def test_agreement_is_said_to_be_on_the_question_that_it_is_of():
    said = [*score_sentences.AGREEMENT.values(), reliability_sentences.AGREE]

    anchor = json.loads(CURRENT_INSTRUMENT.document)["items"][0]
    assert "pulled together" in anchor["en"]
    assert "trabajó unido" in anchor["es"]
    for sentence in said:
        assert "pulled together" in sentence.en
        assert "trabajó unido" in sentence.es


def test_a_list_is_enumerated_as_people_do():
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
def test_spanish_says_and_otherwise_before_the_same_sound(last, spanish):
    names = [Phrase("Sur", "Sur"), Phrase(last, last)]

    assert join_phrases(names).es == f"Sur {spanish} {last}"


@pytest.mark.parametrize(
    "change", score_sentences.CHANGE.values(), ids=lambda one: one.code
)
def test_a_change_is_since_the_last_score_however_many_waves_lie_between(change):
    told = change(names="x")

    assert "last time" in told["en"]
    assert "la última vez" in told["es"]
    assert not re.search("wave|ronda", told["en"] + told["es"])


# Reliability


def scale(verdict="holds", weak=()):
    return {"verdict": verdict, "weak_items": list(weak)}


def report(trust, communication, **more):
    scales = {"trust": trust, "communication": communication, "overall": None}
    return {
        "waves": ["w1", "w2"],
        "checked": reliability.is_checked(scales),
        "scales": scales,
        "teams": {"overall": None},
        "agreement": {"anchor": None},
        **more,
    }


def codes(report):
    return [one["code"] for one in reliability.explain(report)]


def test_scores_are_a_pilot_until_both_constructs_hold():
    assert codes(report(scale(), scale()))[-1] == "checked"
    assert codes(report(scale(), scale("doubtful", ["T5R"])))[-1] == "pilot"
    assert codes(report(scale(), None))[-1] == "pilot"


def test_weak_questions_are_named():
    told = reliability.explain(report(scale("doubtful", ["T5R", "T6"]), scale()))

    weak = next(one for one in told if one["code"] == "weak_questions")
    assert "T5R, T6" in weak["es"]


def test_the_reliability_of_a_team_is_told_in_percent():
    team = {"icc1": 0.08, "by_people": {"10": 0.47}, "few": True}
    told = {
        one["code"]: one["en"]
        for one in reliability.explain(report(None, None, teams={"overall": team}))
    }

    assert "8 percent" in told["between_teams"]
    assert "47 percent" in told["team_of_ten"]
    assert "few_teams" in told


def test_a_negative_share_between_teams_is_told_as_none():
    team = {"icc1": -0.03, "by_people": {"10": 0.0}, "few": False}
    told = reliability.explain(report(None, None, teams={"overall": team}))

    assert any("0 percent lies" in one["en"] for one in told)
