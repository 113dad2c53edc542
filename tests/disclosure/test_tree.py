import pytest
from hypothesis import given

from rapport_service.disclosure.tree import Node, Tree
from tests.disclosure.trees import build_tree, tree_of, trees

COUNTY, _ = build_tree(
    ("county", 0, ("north", 0, ("n1", 0), ("n2", 0)), ("south", 0, ("s1", 0)))
)


def test_children_are_the_groups_directly_inside_by_external_id():
    assert COUNTY.children("county") == ("north", "south")
    assert COUNTY.children("n1") == ()
    swapped = Tree([Node("r", None, "r"), Node("a", "r", "2"), Node("b", "r", "1")])
    assert swapped.children("r") == ("b", "a")


def test_a_subtree_is_everything_inside_parents_first():
    assert COUNTY.subtree("county") == ("county", "north", "n1", "n2", "south", "s1")
    assert COUNTY.subtree("south") == ("south", "s1")


def test_ancestors_lead_from_the_nearest_to_the_root():
    assert COUNTY.ancestors("n2") == ("north", "county")
    assert COUNTY.ancestors(COUNTY.root) == ()


def test_a_tree_knows_its_nodes():
    assert len(COUNTY) == 6
    assert "s1" in COUNTY
    assert "s2" not in COUNTY
    assert COUNTY["s1"] == Node("s1", "south", "s1")


@given(trees(max_nodes=12))
def test_a_node_is_in_the_subtrees_of_itself_and_its_ancestors_only(tree):
    for node in tree:
        around = {node, *tree.ancestors(node)}
        assert around == {other for other in tree if node in tree.subtree(other)}


def test_a_chain_may_be_deeper_than_the_stack():
    deep = tree_of({f"{i:05}": f"{i - 1:05}" if i else None for i in range(5000)})
    assert len(deep.subtree(deep.root)) == len(deep.ancestors("04999")) + 1 == 5000


@pytest.mark.parametrize(
    ("nodes", "complaint"),
    [
        ([], "one root"),
        ([Node("a", None, "a"), Node("b", None, "b")], "one root"),
        ([Node("a", "b", "a"), Node("b", "a", "b")], "one root"),
        ([Node("a", "a", "a")], "one root"),
        (
            [Node("r", None, "r"), Node("a", "b", "a"), Node("b", "a", "b")],
            "own ancestors",
        ),
        ([Node("r", None, "r"), Node("a", "a", "a")], "own ancestors"),
        ([Node("r", None, "r"), Node("a", "x", "a")], "not in the tree"),
        ([Node("r", None, "r"), Node("r", "r", "a")], "same id"),
        ([Node("r", None, "r"), Node("a", "r", "r")], "same external id"),
    ],
)
def test_nodes_that_form_no_tree_are_refused(nodes, complaint):
    with pytest.raises(ValueError, match=complaint):
        Tree(nodes)
