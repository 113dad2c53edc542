import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.disclosure.planner import plan
from rapport_service.disclosure.tiers import (
    MEASURES,
    PublishedGroup,
    Tiers,
    plan_tiers,
    present_groups,
)
from tests.disclosure.linear_attacker import exposed_nodes, small_atoms
from tests.disclosure.trees import build_tree, counts_of, trees

AGENCY, COUNTS = build_tree(
    (
        "agency",
        0,
        ("east", 0, ("east-1", 12), ("east-2", 10), ("east-3", 11)),
        ("west", 0, ("west-1", 9), ("west-2", 9), ("west-3", 3)),
    )
)
ALIKE = dict.fromkeys(MEASURES, COUNTS)


@st.composite
def releases(draw, max_nodes=6, max_people=14):
    """A tree, counts per measure that nest as they must, k, and groups to leave out."""
    tree = draw(trees(max_nodes))
    anyone = draw(counts_of(tree, max_people))
    counts = {"any": anyone}
    for measure in ("trust", "communication"):
        counts[measure] = {
            node: draw(st.integers(max(0, people - 2), people))
            for node, people in anyone.items()
        }
    k = draw(st.sampled_from([5, 5, 5, 8, 12]))
    unreportable = draw(st.sets(st.sampled_from(sorted(tree)), max_size=2))
    return tree, counts, k, unreportable


def test_ten_people_are_fine_and_five_are_coarse():
    planned = plan_tiers(AGENCY, ALIKE, 5, ())
    assert planned.coarse == set(AGENCY) - {"west-1", "west-3"}
    # west's fine atom is all its 21 people: none of its teams has ten
    assert planned.fine == {"agency", "east", "east-1", "east-2", "east-3", "west"}
    assert planned.tier_of("east") == "fine"
    assert planned.tier_of("west-2") == "coarse"


def test_a_group_that_is_not_coarse_is_never_fine_however_many_people_it_has():
    tree, counts = build_tree(("r", 4, ("a", 7, ("a-1", 4)), ("b", 0, ("b-1", 9))))
    planned = plan_tiers(tree, dict.fromkeys(MEASURES, counts), 5, ())
    # a plan for ten people alone would release a and r
    assert planned == Tiers(frozenset({"r", "b", "b-1"}), frozenset({"r"}))


def test_a_higher_k_raises_both_tiers():
    planned = plan_tiers(AGENCY, ALIKE, 12, ())
    assert planned.coarse == planned.fine == {"agency", "east", "west", "east-1"}


def test_a_group_is_released_on_all_three_counts_or_not_at_all():
    fewer = COUNTS | {"east-2": 4}
    planned = plan_tiers(AGENCY, ALIKE | {"communication": fewer}, 5, ())
    assert "east-2" not in planned.coarse
    # on that count east-2 leaves a residual of 4, which costs its section a team
    assert planned.coarse & {"east-1", "east-3"} == {"east-1"}


def test_groups_with_too_few_answers_leave_both_tiers_alone():
    without = plan_tiers(AGENCY, ALIKE, 5, {"east-1", "west-2", "agency"})
    everything = plan_tiers(AGENCY, ALIKE, 5, ())
    assert without.coarse == everything.coarse - {"east-1", "west-2", "agency"}
    assert without.fine == everything.fine - {"east-1", "agency"}


@pytest.mark.parametrize("k", [-1, 0, 1, 4, 26, 1000])
def test_k_is_at_least_five_and_at_most_25(k):
    with pytest.raises(ValueError, match="5 to 25"):
        plan_tiers(AGENCY, ALIKE, k, ())


@pytest.mark.parametrize("k", [5, 25])
def test_agencies_may_raise_k_to_25(k):
    assert plan_tiers(AGENCY, ALIKE, k, ()).coarse


@pytest.mark.parametrize("measure", sorted(MEASURES))
def test_no_measure_can_be_left_out(measure):
    some = {name: counts for name, counts in ALIKE.items() if name != measure}
    with pytest.raises(ValueError, match="all three measures"):
        plan_tiers(AGENCY, some, 5, ())


@given(releases())
def test_both_tiers_are_safe_on_every_count(release):
    tree, counts, k, unreportable = release
    planned = plan_tiers(tree, counts, k, unreportable)
    for own in counts.values():
        assert exposed_nodes(tree, own, planned.coarse, k) is None
        assert exposed_nodes(tree, own, planned.fine, max(10, k)) is None


@given(releases(max_nodes=30))
def test_the_tiers_of_large_trees_have_no_small_atoms(release):
    tree, counts, k, unreportable = release
    planned = plan_tiers(tree, counts, k, unreportable)
    for own in counts.values():
        assert not small_atoms(tree, own, planned.coarse, k)
        assert not small_atoms(tree, own, planned.fine, max(10, k))


def test_releasing_on_any_answer_alone_exposes_the_few_who_answered_about_trust():
    tree, counts = build_tree(("r", 0, ("a", 9), ("b", 9)))
    about_trust = {"a": 9, "b": 2}
    assert exposed_nodes(tree, about_trust, plan(tree, counts, 5), 5) == {"b"}
    counts_by_measure = {"any": counts, "trust": about_trust, "communication": counts}
    planned = plan_tiers(tree, counts_by_measure, 5, ())
    assert exposed_nodes(tree, about_trust, planned.coarse, 5) is None


@given(releases())
def test_fine_is_coarse_and_nothing_unreportable_is_either(release):
    tree, counts, k, unreportable = release
    planned = plan_tiers(tree, counts, k, unreportable)
    assert planned.fine <= planned.coarse <= set(tree) - unreportable


VALID = st.integers(1, 5)
PERSON = st.tuples(st.none() | VALID, st.none() | VALID, st.none() | VALID)


def counted(people):
    """The counts of (node, (anchor, trust, communication)) answers."""
    counts = {measure: {} for measure in MEASURES}
    for node, (anchor, trust, communication) in people:
        for measure, valid in (
            ("any", any((anchor, trust, communication))),
            ("trust", trust),
            ("communication", communication),
        ):
            counts[measure][node] = counts[measure].get(node, 0) + bool(valid)
    return counts


@given(trees(4), st.data())
def test_release_depends_on_counts_and_not_on_answers(tree, data):
    node = st.sampled_from(sorted(tree))
    people = data.draw(st.lists(st.tuples(node, PERSON), min_size=5, max_size=40))
    others = [
        (home, tuple(value and data.draw(VALID) for value in person))
        for home, person in people
    ]
    assert plan_tiers(tree, counted(people), 5, ()) == plan_tiers(
        tree, counted(others), 5, ()
    )


# Roll-up


def test_a_group_shows_its_own_figures_or_those_of_the_nearest_released_around_it():
    shown = present_groups(AGENCY, plan_tiers(AGENCY, ALIKE, 5, ()))
    assert shown["west-2"] == PublishedGroup("released", "west-2")
    assert shown["west-1"] == PublishedGroup("rolled_up", "west")
    assert shown["west-3"] == PublishedGroup("rolled_up", "west")


def test_a_roll_up_passes_over_a_group_that_is_not_released():
    shown = present_groups(AGENCY, plan_tiers(AGENCY, ALIKE, 5, {"west"}))
    assert shown["west-3"] == shown["west"] == PublishedGroup("rolled_up", "agency")


def test_figures_are_withheld_only_if_nothing_around_is_released():
    shown = present_groups(AGENCY, Tiers(coarse=frozenset({"east"}), fine=frozenset()))
    assert shown["east-1"] == PublishedGroup("rolled_up", "east")
    for node in ("agency", "west", "west-1"):
        assert shown[node] == PublishedGroup("withheld", None)


@given(releases(max_nodes=20))
def test_every_node_has_a_status_and_every_source_is_coarse(release):
    tree, counts, k, unreportable = release
    planned = plan_tiers(tree, counts, k, unreportable)
    shown = present_groups(tree, planned)
    assert shown.keys() == set(tree)
    for node, answer in shown.items():
        around = [node, *tree.ancestors(node)]
        nearest = next((n for n in around if n in planned.coarse), None)
        assert answer.source == nearest
        assert (answer.status == "released") == (node in planned.coarse)
        assert (answer.status == "withheld") == (nearest is None)
