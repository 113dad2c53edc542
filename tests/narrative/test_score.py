"""Sentences about the scores of a group."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.disclosure.bands import (
    ALL_PARTICIPATION_BANDS,
    RESPONDENT_BANDS,
    tipping_point,
)
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.narrative import reliability, score
from rapport_service.narrative.score import explain, explain_withheld
from tests.narrative.templates import templates_of

FIGURE = st.fixed_dictionaries(
    {
        "score": st.integers(0, 100),
        "bound": st.sampled_from([None, "at_most", "at_least"]),
        "interval": st.fixed_dictionaries(
            {"low": st.integers(0, 50), "high": st.integers(50, 100)}
        ),
        "change": st.sampled_from([None, *score.CHANGE]),
        "favourable": st.none(),
        "trend": st.none()
        | st.fixed_dictionaries(
            {
                "direction": st.sampled_from([*score.TREND]),
                "per_four_weeks": st.none(),
            }
        ),
        "steadied": st.none(),
        "against_organization": st.sampled_from([None, *score.AGAINST_ORGANIZATION]),
    }
)
CONTENT = st.fixed_dictionaries(
    {
        "tier": st.sampled_from(["coarse", "fine"]),
        "respondents": st.sampled_from(RESPONDENT_BANDS),
        "participation": st.sampled_from(ALL_PARTICIPATION_BANDS),
        "tipping_point": st.sampled_from(ALL_PARTICIPATION_BANDS).map(tipping_point),
        "constructs": st.fixed_dictionaries(
            dict.fromkeys(("trust", "communication", "overall"), FIGURE)
        ),
        "agreement": st.sampled_from([None, *score.AGREEMENT]),
        "items": st.none(),
        "crisis_percent": st.sampled_from([None, 10, 40, 90]),
    }
)


@given(CONTENT, st.none() | st.just("North {of} here"), st.booleans())
def test_content_is_explained_in_whole_sentences(content, rolled_up_to, pilot):
    sentences = explain(content, rolled_up_to, pilot=pilot)

    codes = {sentence["code"] for sentence in sentences}
    known = {template.code for template in templates_of(score)}
    assert codes <= known - {"withheld"}
    assert len(codes) == len(sentences)
    for sentence in sentences:
        for text in (sentence["en"], sentence["es"]):
            assert re.fullmatch(r"[A-ZÁÉÍÓÚ].*\.", text)
            assert "None" not in text
    scores = next(
        sentence["en"] for sentence in sentences if sentence["code"] == "score"
    )
    for figure in content["constructs"].values():
        assert str(figure["score"]) in scores


@given(CONTENT)
def test_constructs_with_the_same_value_share_a_sentence(content):
    sentences = {
        sentence["code"]: sentence["en"]
        for sentence in explain(content, None, pilot=False)
    }

    for name, figure in content["constructs"].items():
        for value in (figure["change"], figure["against_organization"]):
            if value is not None:
                assert name in sentences[value].lower()


def test_withheld_score_gives_no_reason():
    (sentence,) = explain_withheld()

    assert sentence["code"] == "withheld"
    assert not re.search(r"few|people|answer|small", sentence["en"])


@pytest.mark.parametrize(
    ("percent", "text"),
    [(10, "at most 10"), (40, "about 40"), (90, "at least 90")],
)
def test_clamped_share_reads_as_a_bound(percent, text):
    assert text in score.crisis_sentence(percent)["en"]


def test_agreement_names_its_question():
    templates = [*score.AGREEMENT.values(), reliability.AGREE]

    anchor = json.loads(CURRENT_INSTRUMENT.document)["items"][0]
    assert "pulled together" in anchor["en"]
    assert "trabajó unido" in anchor["es"]
    for template in templates:
        assert "pulled together" in template.en
        assert "trabajó unido" in template.es


@pytest.mark.parametrize(
    "template", score.CHANGE.values(), ids=lambda template: template.code
)
def test_change_is_since_the_last_score_however_many_waves_lie_between(template):
    sentence = template(names="x")

    assert "last time" in sentence["en"]
    assert "la última vez" in sentence["es"]
    assert not re.search("wave|ronda", sentence["en"] + sentence["es"])
