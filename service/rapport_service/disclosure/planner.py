"""Planner: the groups that can be released together without exposing a few people.

A released group publishes a sum over the people below it. Released groups are nested or
disjoint, so everything that anyone can compute from their sums by adding, subtracting
and scaling is constant on the *atoms*: a released group minus its largest released
subgroups. A release is therefore safe against every linear differencing attack exactly
if each atom is empty or has at least the threshold of people. That holds for any subset
of a safe release too: hiding a group only merges atoms.
"""

from collections.abc import Collection, Mapping

from rapport_service.disclosure.tree import Tree


def plan(
    tree: Tree,
    counts: Mapping[str, int],
    min_respondents: int,
    candidates: Collection[str] | None = None,
) -> frozenset[str]:
    """Return the groups to release; every non-empty atom has `min_respondents` people.

    Children are decided before their parent. A group of at least `min_respondents`
    people is released; if that would leave a residual of fewer, the cheapest of its
    largest released subgroups is taken back, again and again, until the residual is
    safe. It ends: with every subgroup taken back the residual is the whole group.

    Args:
        tree: The reporting tree.
        counts: People who belong to each node itself, not to one inside it; nodes
            without people may be left out.
        min_respondents: The fewest people that any computable figure may rest on.
        candidates: The only nodes that may be released; None means all.

    Raises:
        ValueError: min_respondents is below 1, a count is negative or of a node that is
            not in the tree.
    """
    if min_respondents < 1:
        raise ValueError("min_respondents is at least 1")
    if any(node not in tree or count < 0 for node, count in counts.items()):
        raise ValueError("a count is negative, or of no node in the tree")
    planning = _Planning(tree, counts)
    for node in reversed(tree.subtree(tree.root)):
        allowed = candidates is None or node in candidates
        planning.visit(node, min_respondents, allowed=allowed)
    return frozenset(planning.released)


class _Planning:
    """State of one run: the groups released so far, and their atoms."""

    def __init__(self, tree: Tree, counts: Mapping[str, int]) -> None:
        self.tree = tree
        self.counts = counts
        self.released: set[str] = set()
        self.people: dict[str, int] = {}
        # Per node visited: the largest released groups strictly inside it. Only a
        # released node's is kept up to date; of the others it is read once, by their
        # parent, before anything inside them can be taken back.
        self.inside: dict[str, set[str]] = {}

    def visit(self, node: str, min_respondents: int, *, allowed: bool) -> None:
        """Decide about a node whose children have been decided about."""
        children = self.tree.children(node)
        self.people[node] = self.counts.get(node, 0) + sum(
            self.people[child] for child in children
        )
        self.inside[node] = set()
        for child in children:
            if child in self.released:
                self.inside[node].add(child)
            else:
                self.inside[node] |= self.inside[child]
        if allowed and self.people[node] >= min_respondents:
            while 0 < self.atom(node) < min_respondents:
                self.take_back(node, min(self.inside[node], key=self.cost))
            self.released.add(node)

    def atom(self, node: str) -> int:
        """Count the people in a node but in none of the released groups inside it."""
        return self.people[node] - sum(self.people[d] for d in self.inside[node])

    def cost(self, node: str) -> tuple[bool, int, str]:
        """Order released groups by what taking them back loses.

        A group with people of its own comes first: they join the residual at once,
        while taking back one without only brings up the groups inside it.
        """
        return self.atom(node) == 0, self.people[node], self.tree[node].external_id

    def take_back(self, node: str, group: str) -> None:
        """Un-release a group; the released groups inside it become the largest."""
        self.released.remove(group)
        self.inside[node].remove(group)
        self.inside[node] |= self.inside[group]
