from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_service.disclosure.planner import plan
from rapport_service.disclosure.tree import Node, Tree
from tests.disclosure import faulty_planners
from tests.disclosure.linear_attacker import exposed_nodes, small_atoms
from tests.disclosure.trees import build_tree, planning_cases, tree_of


def every_small_case(nodes, max_people):
    """Every tree of so many nodes with every own count up to `max_people`."""
    for parents in product(*[range(child) for child in range(1, nodes)]):
        tree = tree_of(
            {"0": None} | {str(i + 1): str(p) for i, p in enumerate(parents)}
        )
        for people in product(range(max_people + 1), repeat=nodes):
            yield tree, dict(zip(map(str, range(nodes)), people, strict=True))


@given(planning_cases())
def test_an_attacker_with_exact_arithmetic_finds_nothing(case):
    tree, counts, threshold = case
    released = plan(tree, counts, threshold)
    assert exposed_nodes(tree, counts, released, threshold) is None


@pytest.mark.parametrize("nodes", [1, 2, 3, 4])
def test_every_small_tree_is_safe(nodes):
    for tree, counts in every_small_case(nodes, max_people=3):
        assert exposed_nodes(tree, counts, plan(tree, counts, 3), 3) is None


@given(planning_cases(), st.data())
def test_hiding_a_released_group_never_exposes_anyone(case, data):
    tree, counts, threshold = case
    released = sorted(plan(tree, counts, threshold))
    left = data.draw(st.sets(st.sampled_from(released)) if released else st.just(set()))
    assert exposed_nodes(tree, counts, left, threshold) is None


@given(planning_cases(), st.data())
def test_a_plan_among_candidates_is_safe_and_keeps_to_them(case, data):
    tree, counts, threshold = case
    candidates = data.draw(st.sets(st.sampled_from(sorted(tree))))
    released = plan(tree, counts, threshold, candidates)
    assert released <= candidates
    assert exposed_nodes(tree, counts, released, threshold) is None


@settings(max_examples=300)
@given(planning_cases(max_nodes=40, max_people=9), st.data())
def test_large_trees_have_no_small_atoms(case, data):
    tree, counts, threshold = case
    candidates = data.draw(st.none() | st.sets(st.sampled_from(sorted(tree))))
    released = plan(tree, counts, threshold, candidates)
    assert not small_atoms(tree, counts, released, threshold)


@given(planning_cases(max_nodes=6, max_people=3), st.data())
def test_a_release_is_safe_exactly_if_it_has_no_small_atom(case, data):
    tree, counts, threshold = case
    released = data.draw(st.sets(st.sampled_from(sorted(tree))))
    leaks = exposed_nodes(tree, counts, released, threshold) is not None
    assert leaks == bool(small_atoms(tree, counts, released, threshold))


@given(planning_cases(max_nodes=20, max_people=9))
def test_a_group_large_enough_is_released_if_nothing_inside_it_is_a_candidate(case):
    tree, counts, threshold = case
    enough = sum(counts.values()) >= threshold
    assert plan(tree, counts, threshold, {tree.root}) == (
        {tree.root} if enough else set()
    )
    assert (tree.root in plan(tree, counts, threshold)) == enough


@given(planning_cases(max_nodes=20, max_people=9))
def test_every_released_group_has_enough_people(case):
    tree, counts, threshold = case
    for group in plan(tree, counts, threshold):
        assert sum(counts[node] for node in tree.subtree(group)) >= threshold


@given(planning_cases(max_nodes=15, max_people=9), st.randoms(use_true_random=False))
def test_neither_ids_nor_the_order_of_input_decide(case, chance):
    tree, counts, threshold = case
    ids = list(tree)
    chance.shuffle(ids)
    renamed = dict(zip(tree, ids, strict=True))
    nodes = [
        Node(renamed[n], renamed.get(tree[n].parent), tree[n].external_id) for n in tree
    ]
    chance.shuffle(nodes)
    again = plan(Tree(nodes), {renamed[n]: c for n, c in counts.items()}, threshold)
    assert again == {renamed[node] for node in plan(tree, counts, threshold)}


# The attacker finds what is wrong with other planners


@pytest.mark.parametrize(
    "planner",
    [
        faulty_planners.plain_threshold,
        faulty_planners.take_back_once,
        faulty_planners.hide_the_next_smallest_child,
    ],
)
def test_the_attacker_finds_the_holes_of_a_faulty_planner(planner):
    leaks = [
        (tree, counts)
        for tree, counts in every_small_case(nodes=4, max_people=3)
        if exposed_nodes(tree, counts, planner(tree, counts, 3), 3)
    ]
    assert leaks


def test_a_parent_minus_its_visible_children_is_the_hidden_child():
    tree, counts = build_tree(("r", 0, ("a", 9), ("b", 7), ("c", 2)))
    released = faulty_planners.plain_threshold(tree, counts, 5)
    assert exposed_nodes(tree, counts, released, 5) == {"c"}


def test_taking_back_once_is_not_enough_for_a_section_without_own_people():
    tree, counts = build_tree(("r", 3, ("s", 0, ("s1", 5), ("s2", 6))))
    released = faulty_planners.take_back_once(tree, counts, 5)
    assert released == {"r", "s1", "s2"}
    assert exposed_nodes(tree, counts, released, 5) == {"r"}
    assert exposed_nodes(tree, counts, plan(tree, counts, 5), 5) is None


def test_two_siblings_can_hide_a_third_only_together():
    tree, counts = build_tree(("r", 0, ("a", 5), ("b", 2), ("c", 2)))
    assert exposed_nodes(tree, counts, {"r", "a"}, 5) == {"b", "c"}
    assert exposed_nodes(tree, counts, {"r", "a"}, 4) is None
