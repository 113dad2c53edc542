import math

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from rapport_service.stats.finite_population import (
    Census,
    rotation_variance,
    sampling_factor,
)
from rapport_service.stats.intervals import (
    dispersion,
    moderated_dispersion,
    moderated_se,
    pooled_dispersion,
    score_interval,
)
from rapport_service.stats.proportion_interval import wilson_interval
from rapport_service.stats.scores import ScoreEstimate, ratio_estimate
from tests.stats.questionnaire import LAYOUT, PEOPLE, statistics_of, trust_statistics

NONE = dict.fromkeys(LAYOUT.items, 0.0)
POOLED = 0.24
START = 0.22
SCORES = st.builds(
    ScoreEstimate,
    n=st.integers(2, 60),
    answers=st.just(100),
    theta=st.sampled_from([1, 1.01, 2, 2.7, 3, 4.2, 4.99, 5]),
    se=st.floats(0, 0.8),
)
ROTATIONS = st.floats(0, 1)


def interval(score, census=None):
    return score_interval(score, 5, POOLED, census)


# Edges


def test_one_respondent_has_an_interval_of_the_organizations_width():
    score = ratio_estimate(trust_statistics((4, 5, 0)), "trust", NONE)
    ends = interval(score)
    assert score.se is None
    assert ends.low < 4.5 < ends.high
    assert moderated_dispersion(score, 5, POOLED) == POOLED


def test_unanimous_answers_leave_some_doubt():
    score = ratio_estimate(trust_statistics(*[(3, 3, 3)] * 7), "trust", NONE)
    assert score.se == 0
    assert interval(score).high - interval(score).low > 0.3


@pytest.mark.parametrize("end", [1, 5])
def test_everybody_at_an_end_of_the_scale_leaves_some_doubt(end):
    score = ratio_estimate(trust_statistics(*[(end, end, 0)] * 6), "trust", NONE)
    ends = interval(score)
    assert end in (ends.low, ends.high)
    assert ends.high - ends.low > 0.3
    assert dispersion(score, 5) is None


def test_interval_has_no_width_if_everybody_answered_everything():
    score = ratio_estimate(
        trust_statistics((4, 5, 3), (2, 2, 3), (1, 5, 4)), "trust", NONE
    )
    ends = interval(score, Census(eligible=3, rotation=0))
    assert ends.low == ends.high == pytest.approx(score.theta)


def test_interval_keeps_the_width_of_rotation_if_everybody_answered():
    score = ratio_estimate(
        trust_statistics((4, 5, 0), (2, 0, 3), (0, 5, 4)), "trust", NONE
    )
    ends = interval(score, Census(eligible=3, rotation=0.1))
    assert ends.low < score.theta < ends.high


def test_a_roster_that_lags_behind_counts_as_everybody():
    score = ScoreEstimate(n=9, answers=18, theta=3.4, se=0.3)
    assert interval(score, Census(7, 0.1)) == interval(score, Census(9, 0.1))


def test_an_empty_group_has_no_interval():
    empty = ratio_estimate(statistics_of([]), "trust", NONE)
    assert interval(empty) is None
    assert moderated_se(empty, 5, POOLED) is None
    assert wilson_interval(0, 0) is None


# Laws


@given(SCORES, st.integers(0, 80), ROTATIONS)
def test_an_interval_holds_its_score_and_stays_on_the_scale(score, silent, rotation):
    ends = interval(score, Census(score.n + silent, rotation))
    assert 1 <= ends.low <= ends.high <= 5
    assert ends.low - 1e-9 <= score.theta <= ends.high + 1e-9


@given(SCORES, st.integers(0, 80), ROTATIONS)
def test_interval_of_this_wave_is_never_wider_than_that_of_the_long_run(
    score, silent, rotation
):
    now = interval(score, Census(score.n + silent, rotation))
    long_run = interval(score)
    assert now.high - now.low <= long_run.high - long_run.low + 1e-9


@example(ScoreEstimate(2, 100, 2.0, 0.0), 5e-324, 0, 1)
@given(SCORES, st.floats(0, 1), st.integers(0, 50), st.integers(1, 50))
def test_more_silent_people_widen_the_interval(score, rotation, silent, more):
    few = interval(score, Census(score.n + silent, rotation))
    many = interval(score, Census(score.n + silent + more, rotation))
    assert few.high - few.low <= many.high - many.low + 1e-9


@given(st.floats(0, 2), st.integers(1, 30), st.integers(0, 30), st.floats(0, 1))
def test_the_factor_lies_between_that_of_a_census_and_one(v, n, silent, rotation):
    f = silent / (n + silent)
    assert f - 1e-12 <= sampling_factor(v, n, Census(n + silent, rotation)) <= 1


@given(SCORES)
def test_a_moderated_standard_error_is_never_zero(score):
    assert moderated_se(score, 5, POOLED) > 0


@given(SCORES)
def test_interval_is_mirrored_on_a_reversed_scale(score):
    turned = ScoreEstimate(score.n, score.answers, 6 - score.theta, score.se)
    assert interval(turned).low == pytest.approx(6 - interval(score).high, abs=1e-7)


def test_the_factor_shrinks_only_what_people_differ_in():
    v, rotation, f = 0.9, 0.3, 0.25
    expected = (f * (v - rotation) + rotation) / v
    assert sampling_factor(v, 6, Census(8, rotation)) == pytest.approx(expected)


def test_the_interval_by_hand():
    score = ScoreEstimate(n=8, answers=16, theta=3.4, se=0.3)
    own = 0.3**2 * 7 / (2.4 * 1.6)
    c = (4 * POOLED + 7 * own) / 11
    q, n_e, p = 2.200985160082949, 8 / c, 0.6
    centre = (p + q**2 / (2 * n_e)) / (1 + q**2 / n_e)
    half = math.sqrt(p * (1 - p) / n_e + q**2 / (4 * n_e**2)) * q / (1 + q**2 / n_e)
    ends = interval(score)
    assert ends.low == pytest.approx(1 + 4 * (centre - half))
    assert ends.high == pytest.approx(1 + 4 * (centre + half))


# Pooled quantities


def test_dispersion_is_pooled_over_the_groups_that_have_one():
    scores = [
        ScoreEstimate(8, 16, 3.0, 0.3),
        ScoreEstimate(8, 16, 5.0, 0.0),
        ScoreEstimate(1, 2, 3.0, None),
        ScoreEstimate(6, 12, 2.0, 0.4),
    ]
    known = [dispersion(scores[0], 5), dispersion(scores[3], 5)]
    assert pooled_dispersion(scores, 5, 0.24) == pytest.approx(sum(known) / 2)


@pytest.mark.parametrize("scores", [[], [ScoreEstimate(6, 12, 3.0, 0.0)]])
def test_dispersion_starts_from_a_default(scores):
    assert pooled_dispersion(scores, 5, 0.24) == 0.24


def test_rotation_is_the_usual_one_where_nothing_is_known():
    for statistics in (None, trust_statistics(), trust_statistics((4, 5, 3))):
        assert rotation_variance(statistics, "trust", 2, START) == START


def test_rotation_adds_nothing_where_everybody_sees_everything():
    assert rotation_variance(statistics_of([]), "trust", 3, START) == 0


@pytest.mark.parametrize("times", [1, 8, 100])
def test_rotation_by_hand_takes_over_from_the_usual_one(times):
    """Each question varies alone, so their covariance is 0 and their variance 1."""
    rows = [(a, b, c) for a in (2, 4) for b in (2, 4) for c in (2, 4)] * times
    people = len(rows)
    own = people / (people - 1) * (1 - 1 / 3)

    rotation = rotation_variance(trust_statistics(*rows), "trust", 1, START)

    assert rotation == pytest.approx((20 * START + people * own) / (20 + people))


def test_own_rotation_of_a_large_organization_hides_the_usual_one():
    rows = [(a, b, c) for a in (2, 4) for b in (2, 4) for c in (2, 4)] * 500
    statistics = trust_statistics(*rows)

    low, high = (rotation_variance(statistics, "trust", 1, s) for s in (0.1, 0.5))

    assert low == pytest.approx(2 / 3, abs=0.005)
    assert high - low == pytest.approx(0.4 * 20 / 4020)


# Shares


@given(st.integers(1, 50), st.floats(0, 1))
def test_a_shares_interval_holds_it(n, part):
    count = round(part * n)
    ends = wilson_interval(count, n)
    assert 0 <= ends.low <= count / n + 1e-12
    assert count / n - 1e-12 <= ends.high <= 1


@given(PEOPLE)
def test_any_team_with_an_answer_has_an_interval(people):
    score = ratio_estimate(statistics_of(people), "overall", NONE)
    assume(score.answers)
    assert interval(score) is not None
