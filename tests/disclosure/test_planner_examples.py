import pytest

from rapport_service.disclosure.planner import plan
from rapport_service.disclosure.tree import Node, Tree
from tests.disclosure.linear_attacker import exposed_nodes
from tests.disclosure.trees import build_tree

# (what happens, tree with own counts, what is released), all with a threshold of 5
EXAMPLES = [
    ("five are enough", ("r", 5), "r"),
    ("four are not", ("r", 4), ""),
    ("nobody is not", ("r", 0), ""),
    ("two safe teams", ("r", 0, ("a", 5), ("b", 5)), "r a b"),
    ("all teams too small", ("r", 0, ("a", 4), ("b", 4)), "r"),
    ("everything too small", ("r", 1, ("a", 1), ("b", 2)), ""),
    ("a small team hides the only other", ("r", 0, ("a", 5), ("b", 4)), "r"),
    ("two small teams hide each other", ("r", 0, ("a", 5), ("b", 4), ("c", 1)), "r a"),
    ("an empty team hides nothing", ("r", 0, ("a", 5), ("b", 0)), "r a"),
    ("a tie is broken by name", ("r", 0, ("a", 5), ("b", 5), ("c", 4)), "r b"),
    ("the smallest is taken back", ("r", 0, ("a", 9), ("b", 6), ("c", 4)), "r a"),
    ("own people are a remainder too", ("r", 3, ("a", 5), ("b", 6)), "r b"),
    ("five own people are safe", ("r", 5, ("a", 5)), "r a"),
    ("one team and a few own people", ("r", 3, ("a", 5)), "r"),
    ("a chain adds nobody", ("r", 0, ("a", 0, ("b", 5))), "r a b"),
    ("a chain adds a few", ("r", 1, ("a", 9)), "r"),
    ("a chain adds a few twice", ("r", 2, ("a", 3, ("b", 5))), "r"),
    ("a chain adds enough twice", ("r", 5, ("a", 5, ("b", 5))), "r a b"),
    (
        "taking back a section without people of its own brings up its teams",
        ("r", 3, ("s", 0, ("s1", 5), ("s2", 6))),
        "r s2",
    ),
    (
        "taking back a section with people of its own leaves its teams",
        ("r", 3, ("s", 5, ("s1", 5), ("s2", 6))),
        "r s1 s2",
    ),
    (
        "a large section with people of its own goes before a small one without",
        ("r", 2, ("s", 0, ("s1", 5)), ("t", 9, ("t1", 5))),
        "r s s1 t1",
    ),
    (
        "a small section leaves its residual to the county",
        ("r", 0, ("s", 0, ("s1", 2), ("s2", 2)), ("t", 0, ("t1", 7), ("t2", 7))),
        "r t2",
    ),
    (
        "two small sections cover each other",
        ("r", 0, ("s", 2, ("s1", 1)), ("t", 4), ("u", 0, ("u1", 7), ("u2", 7))),
        "r u u1 u2",
    ),
    (
        "a section that is not released leaves its team released",
        ("r", 5, ("s", 0, ("s1", 5), ("s2", 0)), ("t", 1)),
        "r s s1",
    ),
    (
        "each section mends its own residual",
        (
            "r",
            0,
            ("s", 0, ("s1", 6), ("s2", 1)),
            ("t", 0, ("t1", 5), ("t2", 8), ("t3", 2)),
        ),
        "r s t t2",
    ),
]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [pytest.param(shape, expected, id=name) for name, shape, expected in EXAMPLES],
)
def test_an_example(shape, expected):
    tree, counts = build_tree(shape)
    released = plan(tree, counts, 5)
    assert released == frozenset(expected.split())
    assert exposed_nodes(tree, counts, released, 5) is None


SECTIONS = build_tree(
    (
        "county",
        0,
        ("east", 0, ("east-1", 10), ("east-2", 10), ("east-3", 10)),
        ("west", 0, ("west-1", 9), ("west-2", 9), ("west-3", 3)),
    )
)


def test_three_people_in_one_team_cost_their_section_the_first_of_its_equal_teams():
    tree, counts = SECTIONS
    released = plan(tree, counts, 5)
    teams = {node for node in released if not tree.children(node)}
    assert teams == {"east-1", "east-2", "east-3", "west-2"}
    assert released - teams == {"county", "east", "west"}


def test_equal_groups_go_by_external_id_not_by_id():
    nodes = [("r", None, "0"), ("a", "r", "3"), ("b", "r", "2"), ("c", "r", "1")]
    tree = Tree(Node(*node) for node in nodes)
    assert plan(tree, {"a": 5, "b": 5, "c": 4}, 5) == {"r", "a"}


def test_only_candidates_are_released_and_the_others_count_into_what_is_around_them():
    tree, counts = SECTIONS
    candidates = {"county", "west", "west-1", "east-1"}
    # east-2 and east-3, 20 people, are the county's residual; west's is 12
    assert plan(tree, counts, 10, candidates) == {"county", "west", "east-1"}


def test_teams_can_be_released_without_anything_around_them():
    tree, counts = SECTIONS
    teams = {"west-1", "west-2", "west-3"}
    assert plan(tree, counts, 5, teams) == {"west-1", "west-2"}


def test_plan_without_candidates_releases_no_group():
    tree, counts = SECTIONS
    assert plan(tree, counts, 5, ()) == frozenset()


def test_nodes_without_a_count_have_no_people():
    tree, _ = SECTIONS
    assert plan(tree, {"east-1": 5}, 5) == {"county", "east", "east-1"}


def test_a_threshold_of_one_releases_everyone_who_is_there():
    tree, counts = SECTIONS
    assert plan(tree, counts, 1) == set(tree)


@pytest.mark.parametrize(
    ("counts", "threshold", "complaint"),
    [
        ({"north": 5}, 5, "no node"),
        ({"east": -1}, 5, "negative"),
        ({}, 0, "min_respondents"),
    ],
)
def test_impossible_input_is_refused(counts, threshold, complaint):
    tree, _ = SECTIONS
    with pytest.raises(ValueError, match=complaint):
        plan(tree, counts, threshold)
