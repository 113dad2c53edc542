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
from rapport_service.narrative import reliability, score_sentences
from rapport_service.narrative.score import crisis_sentence, explain, explain_withheld
from tests.narrative.templates import templates_of

CHANGE = st.none() | st.fixed_dictionaries(
    {
        "direction": st.sampled_from([*score_sentences.CHANGE]),
        "detectable": st.integers(1, 40),
    }
)
INTERVAL = st.fixed_dictionaries(
    {"low": st.integers(0, 50), "high": st.integers(50, 100)}
)
BOUND = st.sampled_from([None, "at_most", "at_least"])
FIGURE = st.fixed_dictionaries(
    {
        "score": st.integers(0, 100),
        "bound": BOUND,
        "interval": INTERVAL,
        "level": st.none()
        | st.fixed_dictionaries({"score": st.integers(0, 100), "interval": INTERVAL}),
        "change": CHANGE,
        "two_wave_change": CHANGE,
        "favourable": st.none(),
        "trend": st.none()
        | st.fixed_dictionaries(
            {
                "direction": st.sampled_from([*score_sentences.TREND]),
                "per_four_weeks": st.none(),
                "detectable": st.integers(1, 9),
            }
        ),
        "against_organization": st.sampled_from(
            [None, *score_sentences.AGAINST_ORGANIZATION]
        ),
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
        "agreement": st.sampled_from([None, *score_sentences.AGREEMENT]),
        "items": st.none(),
        "crisis_percent": st.sampled_from([None, 10, 40, 90]),
    }
)


@given(CONTENT, st.none() | st.just("North {of} here"), st.booleans(), st.booleans())
def test_content_is_explained_in_whole_sentences(
    content, rolled_up_to, of_teams, pilot
):
    sentences = explain(content, rolled_up_to, of_teams=of_teams, pilot=pilot)

    codes = {sentence["code"] for sentence in sentences}
    known = {template.code for template in templates_of(score_sentences)}
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
        for sentence in explain(content, None, of_teams=False, pilot=False)
    }

    for name, figure in content["constructs"].items():
        change = figure["change"]
        values = {figure["against_organization"], change and change["direction"]}
        if moved_both_ways(figure):
            values -= {"up", "down"}
        for value in values - {None}:
            assert name in sentences[value].lower()


def moved_both_ways(figure):
    """Whether this wave and the last two together clearly moved to different sides."""
    moves = [figure["change"], figure["two_wave_change"]]
    return {move["direction"] for move in moves if move} == {"up", "down"}


def test_withheld_score_gives_no_reason():
    (sentence,) = explain_withheld()

    assert sentence["code"] == "withheld"
    assert not re.search(r"few|people|answer|small", sentence["en"])


@pytest.mark.parametrize(
    ("percent", "text"),
    [(10, "at most 10"), (40, "about 40"), (90, "at least 90")],
)
def test_clamped_share_reads_as_a_bound(percent, text):
    assert text in crisis_sentence(percent)["en"]


def test_agreement_names_its_question():
    templates = [*score_sentences.AGREEMENT.values(), reliability.AGREE]

    anchor = json.loads(CURRENT_INSTRUMENT.document)["items"][0]
    assert "pulled together" in anchor["en"]
    assert "trabajó unido" in anchor["es"]
    for template in templates:
        assert "pulled together" in template.en
        assert "trabajó unido" in template.es


# The lead


def figure(level=60, change=None, two_waves=None, against=None):
    """A figure with a level, and the directions of its changes."""
    changes = [
        {"direction": direction or "no_clear_change", "detectable": points}
        for direction, points in ((change, 14), (two_waves, 11))
    ]
    return {
        "score": level,
        "bound": None,
        "interval": {"low": level - 9, "high": level + 9},
        "level": level
        and {"score": level, "interval": {"low": level - 4, "high": level + 4}},
        "change": changes[0],
        "two_wave_change": changes[1],
        "favourable": 50,
        "trend": None,
        "against_organization": against,
    }


def sentences(rolled_up_to=None, *, of_teams=False, language="en", **constructs):
    """The sentences about a group by their codes."""
    figures = dict.fromkeys(("trust", "communication", "overall"), figure())
    content = {
        "tier": "fine",
        "respondents": "10-19",
        "participation": "70-84",
        "tipping_point": 16,
        "constructs": figures | constructs,
        "agreement": None,
        "items": None,
        "crisis_percent": None,
    }
    explained = explain(content, rolled_up_to, of_teams=of_teams, pilot=False)
    return {each["code"]: each[language] for each in explained}


def lead(*rolled_up_to, **context):
    """The sentence with the level of a group, or before it has one."""
    shown = sentences(*rolled_up_to, **context)
    return shown.get("lead") or shown["first_waves"]


def test_lead_names_level_range_and_what_a_change_would_take():
    assert lead() == (
        "This team stands at about 60 of 100, probably between 56 and 64. Overall"
        " there is no clear change: it would take 14 points in one wave, or 11 in two"
        " together. Ask the team what would help most."
    )


@pytest.mark.parametrize(
    ("needed", "end"),
    [
        (
            (19, 13),
            "change: it would take 19 points in one wave, or 13 in two together.",
        ),
        ((13, 13), "change: it would take 13 points."),
        ((19, None), "change: it would take 19 points."),
        ((None, None), "change."),
    ],
)
def test_lead_names_no_threshold_that_one_wave_alone_may_have_passed(needed, end):
    changes = [
        points and {"direction": "no_clear_change", "detectable": points}
        for points in needed
    ]
    shown = figure() | {"change": changes[0], "two_wave_change": changes[1]}

    assert f"Overall there is no clear {end}" in lead(overall=shown)


@pytest.mark.parametrize(
    ("constructs", "end"),
    [
        (
            {"trust": figure(change="down"), "overall": figure(change="down")},
            "It is clearly lower than before. Ask the team why trust is lower.",
        ),
        (
            {"communication": figure(two_waves="down"), "trust": figure(change="up")},
            "in two together. Ask the team why communication is lower.",
        ),
        (
            {"overall": figure(two_waves="down")},
            "lower than before. Ask the team what has become harder.",
        ),
        (
            {"trust": figure(against="below"), "communication": figure(change="up")},
            "It is clearly below the organization on trust: ask the team what would"
            " help.",
        ),
        (
            {"communication": figure(change="up")},
            "Ask the team what helped communication, and keep it.",
        ),
        (
            {"overall": figure(change="up")},
            "clearly higher than before. Ask the team what has helped, and keep it.",
        ),
        (
            {"trust": figure(51)},
            "Talk about trust first: it is the lower of the two.",
        ),
        ({"trust": figure(53)}, "Ask the team what would help most."),
    ],
)
def test_lead_names_one_thing_to_talk_about(constructs, end):
    assert lead(**constructs).endswith(end)


@pytest.mark.parametrize(
    ("change", "two_waves", "code", "move"),
    [
        ("up", "down", "up_after_fall", "it fell in the wave before and rose in this"),
        (
            "down",
            "up",
            "down_after_rise",
            "it rose in the wave before and fell in this",
        ),
    ],
)
def test_move_both_ways_is_one_sentence_and_no_gain_or_loss(
    change, two_waves, code, move
):
    shown = sentences(overall=figure(change=change, two_waves=two_waves))

    assert f"It moved both ways: {move}" in shown["lead"]
    assert "what happened, and see the next wave before you act." in shown["lead"]
    assert "overall" in shown[code]
    assert not {"up", "down", "up_two_waves", "down_two_waves"} & set(shown)


def test_team_shown_in_fewer_than_three_waves_reads_how_much_is_chance():
    """It may have had many more waves, in which it was hidden."""
    young = figure() | {"level": None, "change": None, "two_wave_change": None}

    assert lead(trust=young, communication=young, overall=young) == (
        "This team has been shown in fewer than three waves. One wave can be many"
        " points off by chance. Ask the team if these scores fit everyday work."
    )


def test_change_before_the_third_wave_is_in_the_first_sentence():
    young = figure(change="down") | {"level": None, "two_wave_change": None}

    assert lead(trust=young, communication=young, overall=young) == (
        "This team has been shown in fewer than three waves. It is clearly lower than"
        " before. One wave can be many points off by chance. Ask the team why trust is"
        " lower."
    )


TOPICS = {
    "young": {"overall": figure() | {"level": None}},
    "fall_of_part": {"trust": figure(change="down")},
    "fall": {"overall": figure(change="down")},
    "swing_of_part": {"trust": figure(change="up", two_waves="down")},
    "swing": {"overall": figure(change="up", two_waves="down")},
    "difference": {"trust": figure(against="below")},
    "rise_of_part": {"trust": figure(change="up")},
    "rise": {"overall": figure(change="up")},
    "lower": {"trust": figure(51)},
    "needs": {},
}


def test_every_topic_is_one_that_some_figures_have():
    assert set(TOPICS) == set(score_sentences.TALK)


@pytest.mark.parametrize("topic", sorted(set(TOPICS) - {"lower"}))
@pytest.mark.parametrize(
    ("context", "english", "spanish"),
    [
        ({}, "sk the team ", "regunte al equipo "),
        ({"of_teams": True}, "sk its teams ", "regunte a sus equipos "),
        ({"rolled_up_to": "North"}, "sk this team ", "regunte a este equipo "),
    ],
)
def test_advice_is_about_those_whose_figures_they_are(topic, context, english, spanish):
    assert english in lead(**context, **TOPICS[topic])
    assert spanish in lead(language="es", **context, **TOPICS[topic])


def test_larger_group_leaves_open_if_the_team_changed_with_it():
    assert lead("North", trust=figure(change="down")).endswith(
        "Ask this team if trust is lower there too, and why."
    )


def test_clear_change_of_a_part_alone_is_not_one_of_the_whole():
    assert "Overall there is no clear change" in lead(trust=figure(change="down"))
