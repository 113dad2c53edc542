"""Linear system of ``make attack``, against a safe planner and plain minimums."""

from fractions import Fraction

from hypothesis import given

from rapport_service.disclosure.planner import plan
from tests.disclosure.linear_attacker import exposed_nodes
from tests.disclosure.trees import planning_cases
from tools.attack.linear import (
    Sum,
    is_unanimous,
    isolate,
    published_range,
)


def total(name, people, low=0, high=100):
    return Sum(name, frozenset(people), Fraction(low), Fraction(high))


def test_difference_of_two_sums_isolates_the_rest():
    sums = [total("all", range(12), 600, 612), total("team", range(9), 500, 509)]

    isolation = isolate(sums, 5)

    assert isolation.people == {9, 10, 11}
    assert set(isolation.weights) == {"all", "team"}
    low, high = sorted(map(abs, (isolation.low, isolation.high)))
    assert (low, high) == (91, 112)


def test_sums_of_enough_people_isolate_none():
    sums = [total("all", range(12)), total("team", range(7))]

    assert isolate(sums, 5) is None
    assert isolate(sums, 6).people == set(range(7, 12))


def test_three_sums_isolate_what_no_two_do():
    sums = [
        total("all", range(20)),
        total("north", range(9)),
        total("south", range(9, 18)),
    ]

    assert isolate(sums[:2], 5) is None
    assert isolate(sums, 5).people == {18, 19}


def test_unknowns_of_one_person_count_once():
    unknowns = [(person, item) for person in range(4) for item in "ab"]

    assert isolate([total("all", unknowns)], 5) is None
    assert isolate([total("all", unknowns)], 5, owner=lambda each: each[0]) is not None


@given(planning_cases())
def test_isolation_agrees_with_the_exhaustive_attacker(case):
    tree, counts, threshold = case
    people = {
        node: [(below, n) for below in tree.subtree(node) for n in range(counts[below])]
        for node in tree
    }
    large = {node for node in tree if len(people[node]) >= threshold}

    for released in (large, plan(tree, counts, threshold)):
        sums = [total(group, people[group]) for group in released]
        exposed = exposed_nodes(tree, counts, released, threshold)
        assert (isolate(sums, threshold) is None) == (exposed is None)


def test_published_range_is_what_rounds_to_the_score():
    assert published_range(40, 5, None) == (Fraction("37.5"), Fraction("42.5"))
    assert published_range(10, 5, "at_most") == (0, Fraction("12.5"))
    assert published_range(90, 5, "at_least") == (Fraction("87.5"), 100)


def test_unanimity_is_a_range_with_one_mean():
    assert is_unanimous(10, Fraction("99.5"), Fraction(100), 4)
    assert not is_unanimous(10, Fraction("87.5"), Fraction(100), 4)
    assert not is_unanimous(60, Fraction("99.5"), Fraction(100), 4)
