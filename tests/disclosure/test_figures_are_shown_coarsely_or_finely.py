from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.disclosure.presentation import (
    PARTICIPATION_BANDS,
    RESPONDENT_BANDS,
    Figure,
    constructs,
    participation_band,
    respondents_band,
)

PERCENT = st.floats(0, 100)


def shown(tier, score, favourable=None):
    return constructs(tier, {"trust": Figure(score, favourable)})["trust"]


@pytest.mark.parametrize(
    ("respondents", "band"),
    [
        (5, "5-9"),
        (9, "5-9"),
        (10, "10-19"),
        (19, "10-19"),
        (20, "20-49"),
        (49, "20-49"),
        (50, "50+"),
        (100_000, "50+"),
    ],
)
def test_respondents_are_shown_in_bands(respondents, band):
    assert respondents_band(respondents) == band


@pytest.mark.parametrize("respondents", [4, 1, 0, -1])
def test_there_is_no_band_below_five(respondents):
    with pytest.raises(ValueError, match="never released"):
        respondents_band(respondents)


@pytest.mark.parametrize(
    ("respondents", "eligible", "band"),
    [
        (5, 1000, "<50"),
        (499, 1000, "<50"),
        (500, 1000, "50-69"),
        (699, 1000, "50-69"),
        (700, 1000, "70-84"),
        (849, 1000, "70-84"),
        (850, 1000, "85+"),
        (7, 10, "70-84"),  # exactly 70 percent, which floats miss
        (10, 10, "85+"),
        (11, 10, "85+"),
    ],
)
def test_participation_is_shown_in_bands(respondents, eligible, band):
    assert participation_band(respondents, eligible) == band


def test_participation_of_nobody_is_refused():
    with pytest.raises(ValueError, match="someone"):
        participation_band(5, 0)


@given(st.integers(5, 300), st.integers(5, 300))
def test_bands_rise_with_the_numbers(one, more):
    few, many = sorted((one, more))
    for bands, band in (
        (RESPONDENT_BANDS, respondents_band),
        (PARTICIPATION_BANDS, lambda people: participation_band(people, 300)),
    ):
        assert bands.index(band(few)) <= bands.index(band(many))


@pytest.mark.parametrize(
    ("score", "expected", "bound"),
    [
        (0, 10, "at_most"),
        (10, 10, "at_most"),
        (12.4, 10, "at_most"),
        (12.5, 15, None),
        (17.4, 15, None),
        (50, 50, None),
        (72.4, 70, None),
        (72.5, 75, None),
        (72.499999999999986, 75, None),  # 72.5 but for the order of a sum
        (72.499, 70, None),
        (87.4, 85, None),
        (87.5, 90, "at_least"),
        (95, 90, "at_least"),
        (100, 90, "at_least"),
    ],
)
def test_a_coarse_score_is_rounded_to_5_and_clamped(score, expected, bound):
    assert shown("coarse", score, 62.0) == {
        "score": expected,
        "bound": bound,
        "favourable": None,
    }


@pytest.mark.parametrize(
    ("score", "expected"),
    [(0, 0), (0.5, 1), (72.4, 72), (72.5, 73), (72.49999999999999, 73), (100, 100)],
)
def test_a_fine_score_is_an_integer(score, expected):
    assert shown("fine", score) == {
        "score": expected,
        "bound": None,
        "favourable": None,
    }


@pytest.mark.parametrize(("percent", "expected"), [(62.5, 63), (0, 0), (99.5, 100)])
def test_a_fine_favourable_share_is_an_integer_percentage(percent, expected):
    assert shown("fine", 50, percent)["favourable"] == expected


def test_all_constructs_are_shown_under_their_names():
    figures = {
        "trust": Figure(74.0, 60.0),
        "communication": Figure(55.5, None),
        "overall": Figure(66.0, 58.2),
    }
    assert constructs("fine", figures) == {
        "trust": {"score": 74, "bound": None, "favourable": 60},
        "communication": {"score": 56, "bound": None, "favourable": None},
        "overall": {"score": 66, "bound": None, "favourable": 58},
    }


@given(PERCENT)
def test_only_seventeen_coarse_answers_exist(score):
    coarse = shown("coarse", score)
    assert coarse["score"] in range(10, 91, 5)
    assert (coarse["bound"] == "at_most") == (coarse["score"] == 10)
    assert (coarse["bound"] == "at_least") == (coarse["score"] == 90)


@given(PERCENT, PERCENT)
def test_a_higher_score_is_never_shown_lower(one, other):
    low, high = sorted((one, other))
    for tier in ("coarse", "fine"):
        assert shown(tier, low)["score"] <= shown(tier, high)["score"]


@given(st.integers(5, 40), st.data())
def test_scores_of_real_answers_are_rounded_exactly(answers, data):
    total = data.draw(st.integers(answers, 5 * answers))
    exact = Fraction(100 * (total - answers), 4 * answers)
    fine = shown("fine", 100 * (total / answers - 1) / 4)["score"]
    assert fine == (exact + Fraction(1, 2)).__floor__()
