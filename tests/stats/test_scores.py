import math

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from rapport_service.stats.scores import (
    ScoreEstimate,
    favourable_percent,
    is_reportable,
    item_means,
    offsets,
    ratio_estimate,
    to_points,
)
from rapport_service.stats.sufficient_statistics import Layout, SufficientStatistics
from tests.stats.questionnaire import (
    LAYOUT,
    PEOPLE,
    TRUST,
    statistics_of,
    trust_statistics,
)

NONE = dict.fromkeys(LAYOUT.items, 0.0)
OFFSETS = st.fixed_dictionaries(
    {item: st.floats(-2, 2, allow_subnormal=False) for item in LAYOUT.items}
)


def from_people(people, items, shift):
    """Score and standard error straight from the rows, one residual per person."""
    columns = [LAYOUT.items.index(item) for item in items]
    given_answers = [
        [(codes[i], shift[LAYOUT.items[i]]) for i in columns if codes[i] >= 1]
        for codes, _ in people
    ]
    given_answers = [person for person in given_answers if person]
    n, count = len(given_answers), sum(map(len, given_answers))
    theta = sum(x - o for person in given_answers for x, o in person) / count
    spread = sum(sum(x - o - theta for x, o in p) ** 2 for p in given_answers)
    se = math.sqrt(n / (n - 1) * spread) / count if n > 1 else None
    return n, count, theta, se


# Scores worked out by hand


def test_score_without_offsets_is_the_mean_of_all_answers():
    score = ratio_estimate(trust_statistics((4, 5, 0), (3, 0, 2)), "trust", NONE)
    # answers 4 5 3 2; each person's residuals sum to +2 and -2
    expected = ScoreEstimate(n=2, answers=4, theta=3.5, se=math.sqrt(2 * 8) / 4)
    assert score == expected


def test_an_offset_takes_an_easy_question_out_of_the_score():
    easy = {"T1": 1.0, "T2": -1.0, "T3": 0.0}
    lucky, unlucky = trust_statistics((4, 0, 0)), trust_statistics((0, 2, 0))
    assert ratio_estimate(lucky, "trust", easy).theta == 3
    assert ratio_estimate(unlucky, "trust", easy).theta == 3


def test_one_respondent_has_a_score_and_no_standard_error():
    score = ratio_estimate(trust_statistics((4, 5, 0)), "trust", NONE)
    assert score == ScoreEstimate(n=1, answers=2, theta=4.5, se=None)


def test_a_unanimous_team_has_a_standard_error_of_zero():
    score = ratio_estimate(trust_statistics(*[(3, 3, 3)] * 7), "trust", NONE)
    assert score == ScoreEstimate(n=7, answers=21, theta=3, se=0)


def test_a_construct_without_answers_has_no_score():
    nothing = statistics_of([((5, -1, -2, 0, 1, 1), None)] * 6)
    assert ratio_estimate(nothing, "trust", NONE) == ScoreEstimate(
        n=0, answers=0, theta=None, se=None
    )
    assert favourable_percent(nothing, "trust") is None
    assert not is_reportable(nothing, "trust")


def test_an_empty_group_has_no_score():
    assert ratio_estimate(statistics_of([]), "overall", NONE).theta is None
    assert set(item_means(statistics_of([])).values()) == {None}


def test_an_item_without_answers_drops_out():
    statistics = trust_statistics((4, 2, 0), (4, 2, 0))
    assert ratio_estimate(statistics, "trust", NONE).theta == 3
    assert item_means(statistics) == {
        "A0": None,
        "T1": 4,
        "T2": 2,
        "T3": None,
        "C1": None,
        "C2": None,
    }


def test_people_who_answered_nothing_valid_change_nothing():
    some = trust_statistics((4, 5, 0), (3, 0, 2))
    silent = trust_statistics((-1, -2, 0))
    assert ratio_estimate(some + silent, "trust", NONE) == ratio_estimate(
        some, "trust", NONE
    )


@pytest.mark.parametrize(("answer", "offset", "end"), [(5, -2.0, 5), (1, 2.0, 1)])
def test_a_score_stays_on_the_scale_when_an_offset_would_leave_it(answer, offset, end):
    shift = dict.fromkeys(TRUST, offset)
    assert ratio_estimate(trust_statistics((answer, 0, 0)), "trust", shift).theta == end


def test_the_overall_score_weighs_every_answer_alike():
    statistics = statistics_of([((1, 5, 5, 0, 2, 0), None)] * 2)
    assert (
        ratio_estimate(statistics, "overall", NONE).theta == 4
    )  # the anchor is no part of it


# Laws that every score keeps


@given(PEOPLE, OFFSETS, st.sampled_from(["trust", "communication", "overall"]))
def test_score_equals_that_of_the_rows_themselves(people, shift, group):
    score = ratio_estimate(statistics_of(people), group, shift)
    assume(score.answers)
    n, count, theta, se = from_people(people, LAYOUT.groups[group], shift)
    assert (score.n, score.answers) == (n, count)
    assert score.theta == pytest.approx(min(max(theta, 1), 5), abs=1e-9)
    if se is None:
        assert score.se is None
    else:
        # cancellation leaves some 1e-14 of variance where there is none
        assert score.se == pytest.approx(se, abs=1e-6)


@given(PEOPLE, OFFSETS)
def test_a_score_is_on_the_scale_or_missing(people, shift):
    score = ratio_estimate(statistics_of(people), "overall", shift)
    assert (score.theta is None) == (score.answers == 0)
    assert score.theta is None or 1 <= score.theta <= 5
    assert score.se is None or score.se >= 0


@given(PEOPLE, PEOPLE)
def test_the_score_of_two_teams_is_the_mean_of_theirs_weighted_by_answers(some, others):
    first = ratio_estimate(statistics_of(some), "trust", NONE)
    second = ratio_estimate(statistics_of(others), "trust", NONE)
    both = ratio_estimate(statistics_of(some) + statistics_of(others), "trust", NONE)
    assume(first.answers and second.answers)
    total = first.answers * first.theta + second.answers * second.theta
    assert both.answers == first.answers + second.answers
    assert both.theta == pytest.approx(total / both.answers)


@given(PEOPLE, OFFSETS, st.permutations(LAYOUT.items))
def test_the_order_of_items_does_not_matter(people, shift, order):
    layout = Layout(tuple(order), 5, LAYOUT.groups, LAYOUT.contexts)
    rows = [[codes[LAYOUT.items.index(item)] for item in order] for codes, _ in people]
    matrix = np.array(rows, dtype=np.int64).reshape(-1, len(order))
    shuffled = SufficientStatistics.from_rows(layout, matrix, [None] * len(rows))
    score, again = (
        ratio_estimate(statistics_of(people), "overall", shift),
        ratio_estimate(shuffled, "overall", shift),
    )
    assert again.n == score.n
    assert again.theta == pytest.approx(score.theta)
    assert again.se == pytest.approx(score.se, abs=1e-6)


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=2))
def test_a_step_up_by_everyone_moves_the_score_one_up_and_leaves_the_error(rows):
    higher = [tuple(x + 1 if x else 0 for x in row) for row in rows]
    score = ratio_estimate(trust_statistics(*rows), "trust", NONE)
    moved = ratio_estimate(trust_statistics(*higher), "trust", NONE)
    assume(score.answers)
    assert moved.theta == pytest.approx(score.theta + 1)
    assert moved.se == pytest.approx(score.se, abs=1e-6)


@given(PEOPLE)
def test_score_is_mirrored_on_a_reversed_scale(people):
    turned = [
        (tuple(6 - x if x >= 1 else x for x in codes), context)
        for codes, context in people
    ]
    score = ratio_estimate(statistics_of(people), "trust", NONE)
    mirror = ratio_estimate(statistics_of(turned), "trust", NONE)
    assume(score.answers)
    assert mirror.theta == pytest.approx(6 - score.theta)
    assert mirror.se == pytest.approx(score.se, abs=1e-6)


@given(PEOPLE, st.integers(2, 5))
def test_a_team_several_times_over_scores_the_same_with_a_smaller_error(people, times):
    once, often = (
        ratio_estimate(statistics_of(p), "trust", NONE)
        for p in (people, people * times)
    )
    assume(once.n >= 2)
    assert often.theta == pytest.approx(once.theta)
    assert often.se <= once.se + 1e-6


# Offsets


def many(*rows, times):
    return trust_statistics(*rows * times)


def test_offsets_are_distances_of_item_means_from_their_mean():
    statistics = many((5, 3, 1), times=30)
    assert offsets(statistics, "trust") == {"T1": 2, "T2": 0, "T3": -2}


@pytest.mark.parametrize(("answers", "calibrated"), [(29, False), (30, True)])
def test_offsets_are_zero_until_every_item_has_30_answers(answers, calibrated):
    statistics = many((5, 3, 0), times=60) + many((0, 0, 1), times=answers)
    assert any(offsets(statistics, "trust").values()) == calibrated


@given(PEOPLE)
@example([])
def test_offsets_sum_to_zero(people):
    shift = offsets(statistics_of(people * 30), "overall")
    assert shift.keys() == set(LAYOUT.groups["overall"])
    assert sum(shift.values()) == pytest.approx(0)


@given(st.lists(st.tuples(*[st.integers(1, 5)] * 3), min_size=1))
def test_offsets_leave_the_score_of_people_who_answered_everything_alone(rows):
    statistics = many(*rows, times=30)
    adjusted = ratio_estimate(statistics, "trust", offsets(statistics, "trust"))
    assert adjusted.theta == pytest.approx(
        ratio_estimate(statistics, "trust", NONE).theta
    )


# Points and favourable share


@pytest.mark.parametrize(
    ("theta", "points"), [(1, 0), (2, 25), (3, 50), (4.5, 87.5), (5, 100)]
)
def test_the_answer_scale_becomes_0_to_100(theta, points):
    assert to_points(theta, 5) == points


def test_favourable_percent_is_the_unweighted_mean_of_item_shares():
    # T1: 4 of 4 favourable; T2: 0 of 1; T3: nobody
    statistics = trust_statistics((4, 3, 0), (5, 0, 0), (5, -1, 0), (4, -2, 0))
    assert favourable_percent(statistics, "trust") == 50


@pytest.mark.parametrize(("answer", "percent"), [(3, 0), (4, 100), (5, 100)])
def test_the_top_two_answers_are_favourable(answer, percent):
    assert favourable_percent(trust_statistics((answer, answer, 0)), "trust") == percent


@given(PEOPLE)
def test_favourable_is_a_percentage(people):
    percent = favourable_percent(statistics_of(people), "overall")
    assert percent is None or 0 <= percent <= 100


# Enough answers


def test_five_people_ten_answers_and_half_the_items_are_enough():
    assert is_reportable(trust_statistics(*[(4, 4, 0)] * 5), "trust")


def test_four_people_are_not_enough():
    assert not is_reportable(trust_statistics(*[(4, 4, 4)] * 4), "trust")


def test_nine_answers_are_not_enough():
    assert not is_reportable(trust_statistics(*[(4, 4, 0)] * 4, (4, 0, 0)), "trust")


def test_one_item_of_three_is_not_enough_even_if_the_others_were_shown():
    assert not is_reportable(trust_statistics(*[(4, -1, -2)] * 12), "trust")


def test_the_overall_score_needs_enough_answers_to_both_constructs():
    trusting = statistics_of([((4, 4, 4, 4, 0, 0), None)] * 9)
    talking = statistics_of([((4, 0, 0, 0, 4, 4), None)] * 9)
    assert is_reportable(trusting, "trust")
    assert not is_reportable(trusting, "trust", "communication")
    assert is_reportable(trusting + talking, "trust", "communication")
