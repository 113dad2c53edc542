from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.disclosure.bands import (
    PARTICIPATION_BANDS,
    RESPONDENT_BANDS,
    SMALL_TEAM_PARTICIPATION_BANDS,
    TIPPING_CHANGE,
    min_of_participation_band,
    min_of_respondents_band,
    participation_band,
    respondents_band,
    tipping_point,
)
from rapport_service.disclosure.rounding import (
    coarse_score,
    coarse_share,
    round_half_up,
    round_outward,
)

PERCENT = st.floats(0, 100)


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
def test_number_below_five_has_no_band(respondents):
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
        (14, 20, "70-84"),  # exactly 70 percent, which floats miss
        (15, 15, "85+"),
        (16, 15, "85+"),
        (7, 10, "70+"),
        (12, 14, "70+"),
        (14, 14, "70+"),
        (15, 14, "70+"),
        (6, 10, "50-69"),
    ],
)
def test_participation_is_shown_in_bands(respondents, eligible, band):
    assert participation_band(respondents, eligible) == band


@given(st.integers(5, 14))
def test_small_team_never_tells_all_answered_from_all_but_one(eligible):
    assert len({participation_band(eligible - n, eligible) for n in (0, 1)}) == 1


def test_participation_of_an_empty_group_is_refused():
    with pytest.raises(ValueError, match="someone"):
        participation_band(5, 0)


@given(st.integers(5, 300), st.integers(5, 300))
def test_bands_rise_with_the_numbers(first, second):
    few, many = sorted((first, second))
    for bands, band in (
        (RESPONDENT_BANDS, respondents_band),
        (PARTICIPATION_BANDS, lambda people: participation_band(people, 300)),
        (
            SMALL_TEAM_PARTICIPATION_BANDS,
            lambda people: participation_band(people, 14),
        ),
    ):
        assert bands.index(band(few)) <= bands.index(band(many))


@given(st.integers(5, 300), st.integers(5, 300))
def test_low_end_of_a_band_is_never_more_than_its_numbers(n, eligible):
    assert min_of_respondents_band(respondents_band(n)) <= n
    least = min_of_participation_band(participation_band(n, eligible))
    assert least * eligible <= 100 * n


@pytest.mark.parametrize(
    ("participation", "points"),
    [("<50", 5), ("50-69", 10), ("70-84", 16), ("70+", 16), ("85+", 33)],
)
def test_the_tipping_point_follows_from_the_band_alone(participation, points):
    assert tipping_point(participation) == points


@given(st.integers(5, 300), st.integers(1, 300))
def test_tipping_point_is_never_more_than_the_silent_need(n, silent):
    shown = tipping_point(participation_band(n, n + silent))
    assert shown <= TIPPING_CHANGE * (n + silent) / silent


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
    assert coarse_score(score) == (expected, bound)


@pytest.mark.parametrize(
    ("score", "expected"),
    [(0, 0), (0.5, 1), (72.4, 72), (72.5, 73), (72.49999999999999, 73), (100, 100)],
)
def test_a_fine_score_is_an_integer(score, expected):
    assert round_half_up(score) == expected


@pytest.mark.parametrize(
    ("low", "high", "step", "expected"),
    [
        (61.2, 64.8, 1, (61, 65)),
        (61.2, 64.8, 5, (60, 65)),
        (60.0, 65.0, 5, (60, 65)),
        (60.000000000000007, 64.99999999999999, 5, (60, 65)),
        (0.0, 100.0, 5, (0, 100)),
    ],
)
def test_the_ends_of_an_interval_are_rounded_outward(low, high, step, expected):
    assert tuple(round_outward(low, high, step).values()) == expected


@pytest.mark.parametrize(
    ("percent", "expected"), [(0, 10), (7.4, 10), (12.5, 15), (41, 40), (100, 90)]
)
def test_a_share_is_rounded_to_5_and_clamped(percent, expected):
    assert coarse_share(percent) == expected


@given(PERCENT)
def test_only_seventeen_coarse_answers_exist(score):
    coarse, bound = coarse_score(score)
    assert coarse in range(10, 91, 5)
    assert (bound == "at_most") == (coarse == 10)
    assert (bound == "at_least") == (coarse == 90)


@given(PERCENT, PERCENT)
def test_a_higher_score_is_never_shown_lower(first, second):
    low, high = sorted((first, second))
    assert coarse_score(low)[0] <= coarse_score(high)[0]
    assert round_half_up(low) <= round_half_up(high)


@given(st.integers(5, 40), st.data())
def test_scores_of_real_answers_are_rounded_exactly(answers, data):
    total = data.draw(st.integers(answers, 5 * answers))
    exact = Fraction(100 * (total - answers), 4 * answers)
    assert (
        round_half_up(100 * (total / answers - 1) / 4)
        == (exact + Fraction(1, 2)).__floor__()
    )
