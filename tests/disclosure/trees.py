"""Trees for tests, by hand and at random. A node's external id is its id."""

from hypothesis import strategies as st

from rapport_service.disclosure.tree import Node, Tree


def tree_of(parents):
    """A tree from a mapping of each node to its parent."""
    return Tree(Node(node, parent, node) for node, parent in parents.items())


def build_tree(shape):
    """A tree and its own counts from nested `(name, own people, *children)`."""
    parents, counts = {}, {}
    stack = [(shape, None)]
    while stack:
        (name, people, *children), parent = stack.pop()
        parents[name] = parent
        counts[name] = people
        stack.extend((child, name) for child in children)
    return tree_of(parents), counts


@st.composite
def trees(draw, max_nodes=7):
    """A tree of up to `max_nodes`, its external ids in an order of their own."""
    size = draw(st.integers(1, max_nodes))
    names = draw(st.permutations([f"e{number:02}" for number in range(size)]))
    parents = [None] + [draw(st.integers(0, child - 1)) for child in range(1, size)]
    return Tree(
        Node(f"n{i}", None if parent is None else f"n{parent}", names[i])
        for i, parent in enumerate(parents)
    )


def counts_of(tree, max_people):
    """Own counts for every node of a tree, 0 to `max_people`."""
    return st.fixed_dictionaries({node: st.integers(0, max_people) for node in tree})


def planning_cases(max_nodes=7, max_people=6):
    """A tree, own counts, and a threshold that splits them interestingly."""
    return trees(max_nodes).flatmap(
        lambda tree: st.tuples(
            st.just(tree), counts_of(tree, max_people), st.integers(2, max_people)
        )
    )
