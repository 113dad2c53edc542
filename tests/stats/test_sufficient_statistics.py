from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.stats.sufficient_statistics import (
    NOT_APPLICABLE,
    NOT_SHOWN,
    SKIPPED,
    Layout,
    SufficientStatistics,
)
from tests.stats.questionnaire import LAYOUT, PEOPLE, statistics_of


@given(PEOPLE, PEOPLE)
def test_sum_of_two_statistics_is_that_of_all_their_people(some, others):
    assert statistics_of(some) + statistics_of(others) == statistics_of(some + others)


@given(
    PEOPLE.flatmap(lambda people: st.tuples(st.just(people), st.permutations(people)))
)
def test_the_order_of_people_does_not_matter(both):
    people, shuffled = both
    assert statistics_of(people) == statistics_of(shuffled)


@given(st.lists(PEOPLE, max_size=4).flatmap(st.permutations))
def test_statistics_add_up_in_any_order(teams):
    everyone = [person for team in teams for person in team]
    assert sum(map(statistics_of, teams), statistics_of([])) == statistics_of(everyone)


@given(PEOPLE, PEOPLE)
def test_subtraction_undoes_addition(some, others):
    assert statistics_of(some + others) - statistics_of(others) == statistics_of(some)


@given(PEOPLE)
def test_the_arrays_agree_with_each_other(people):
    statistics = statistics_of(people)
    answers = np.arange(1, 6)
    assert (statistics.histogram.sum(axis=1) == statistics.pairs.diagonal()).all()
    assert (statistics.histogram @ answers == statistics.sums.diagonal()).all()
    assert (statistics.histogram @ answers**2 == statistics.products.diagonal()).all()
    assert (statistics.pairs == statistics.pairs.T).all()
    assert (statistics.products == statistics.products.T).all()
    assert (statistics.pairs <= statistics.pairs.diagonal()).all()
    assert (statistics.sums >= statistics.pairs).all()
    assert (statistics.sums <= 5 * statistics.pairs).all()
    assert statistics.respondents_of("trust") <= statistics.respondents_of("overall")
    assert statistics.respondents_of("overall") <= statistics.respondents_of("any")
    assert statistics.respondents_of("any") <= len(people)
    assert statistics.contexts.sum() <= len(people)


@given(PEOPLE)
def test_everything_a_person_was_shown_is_counted_once(people):
    statistics = statistics_of(people)
    shown = sum(code != NOT_SHOWN for codes, _ in people for code in codes)
    counted = (
        statistics.histogram.sum()
        + statistics.not_applicable.sum()
        + statistics.skipped.sum()
    )
    assert counted == shown


@given(PEOPLE)
def test_pairs_equal_a_loop_over_people(people):
    statistics = statistics_of(people)
    for i in range(len(LAYOUT.items)):
        for j in range(len(LAYOUT.items)):
            both = [
                (codes[i], codes[j])
                for codes, _ in people
                if codes[i] >= 1 and codes[j] >= 1
            ]
            assert statistics.pairs[i, j] == len(both)
            assert statistics.sums[i, j] == sum(x for x, _ in both)
            assert statistics.products[i, j] == sum(x * y for x, y in both)


def test_statistics_by_hand():
    statistics = statistics_of(
        [
            ((4, 5, 0, 0, 2, NOT_APPLICABLE), "crisis"),
            ((3, SKIPPED, 4, 0, SKIPPED, 0), "crisis"),
            ((NOT_APPLICABLE, SKIPPED, SKIPPED, 0, SKIPPED, 0), None),
        ]
    )
    assert statistics.histogram[0].tolist() == [0, 0, 1, 1, 0]
    assert statistics.not_applicable.tolist() == [1, 0, 0, 0, 0, 1]
    assert statistics.skipped.tolist() == [0, 2, 1, 0, 2, 0]
    assert statistics.pairs[1].tolist() == [1, 1, 0, 0, 1, 0]
    assert statistics.sums[1].tolist() == [5, 5, 0, 0, 5, 0]
    assert statistics.products[1].tolist() == [20, 25, 0, 0, 10, 0]
    assert statistics.respondents_of("any") == 2
    assert statistics.respondents_of("trust") == 2
    assert statistics.respondents_of("communication") == 1
    assert statistics.contexts.tolist() == [0, 0, 2]


def test_keyed_rows_are_encoded_as_codes():
    rows = [(4, None, "na", "skip", 1, 5), (None,) * 6]
    assert LAYOUT.encode(rows).tolist() == [[4, 0, -1, -2, 1, 5], [0] * 6]


def test_an_empty_group_is_encoded_as_an_empty_matrix():
    statistics = SufficientStatistics.from_rows(LAYOUT, LAYOUT.encode([]), [])
    assert statistics == statistics_of([])


@pytest.mark.parametrize("code", [6, -3])
def test_an_unknown_code_is_refused(code):
    with pytest.raises(ValueError, match="neither an answer"):
        statistics_of([((code, 0, 0, 0, 0, 0), None)])


def test_rows_and_contexts_are_of_the_same_people():
    with pytest.raises(ValueError, match="one context per person"):
        SufficientStatistics.from_rows(LAYOUT, LAYOUT.encode([(1, 2, 3, 4, 5, 1)]), [])


def test_statistics_of_different_layouts_do_not_add_up():
    other = replace(LAYOUT, contexts=("calm", "storm", "crisis"))
    with pytest.raises(ValueError, match="different layouts"):
        statistics_of([]) + SufficientStatistics.from_rows(other, other.encode([]), [])


def test_subtraction_of_other_people_is_refused():
    with pytest.raises(ValueError, match="never part of these"):
        statistics_of([]) - statistics_of([((1, 0, 0, 0, 0, 0), None)])


def test_statistics_cannot_be_altered():
    with pytest.raises(ValueError, match="read-only"):
        statistics_of([]).pairs[0, 0] = 1


def test_statistics_are_not_equal_to_another_type():
    assert statistics_of([]) != "statistics"


def test_a_scale_may_have_any_number_of_categories():
    layout = Layout(("A", "B"), 7, {"any": ("A", "B")}, ())
    statistics = SufficientStatistics.from_rows(layout, layout.encode([(7, 1)]), [None])
    assert statistics.histogram.tolist() == [[0] * 6 + [1], [1] + [0] * 6]
