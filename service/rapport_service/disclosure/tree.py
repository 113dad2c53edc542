"""Reporting tree: groups inside groups, one root."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    """A group in the tree.

    Attributes:
        id: Its name everywhere else.
        parent: The id of the group it is part of; None for the root.
        external_id: The organization's own name for it, unique in the tree; it orders
            groups wherever an order must not depend on random ids.
    """

    id: str
    parent: str | None
    external_id: str


class Tree:
    """A validated tree. Sets of people below its nodes are nested or disjoint.

    Args:
        nodes: The groups, in any order.

    Raises:
        ValueError: An id or external id occurs twice, a parent is missing, there is not
            exactly one root, or some groups are their own ancestors.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        ordered = sorted(nodes, key=lambda node: node.external_id)
        self._nodes = {node.id: node for node in ordered}
        if len(self._nodes) != len(ordered):
            raise ValueError("two groups have the same id")
        if len({node.external_id for node in ordered}) != len(ordered):
            raise ValueError("two groups have the same external id")
        self._children: dict[str, list[str]] = {node.id: [] for node in ordered}
        roots = []
        for node in ordered:
            if node.parent is None:
                roots.append(node.id)
            elif node.parent in self._nodes:
                self._children[node.parent].append(node.id)
            else:
                raise ValueError(f"the parent of {node.id} is not in the tree")
        if len(roots) != 1:
            raise ValueError(f"a tree has one root, not {len(roots)}")
        self.root = roots[0]
        if len(self.subtree(self.root)) != len(ordered):
            raise ValueError("some groups are their own ancestors")

    def __contains__(self, node: object) -> bool:
        return node in self._nodes

    def __iter__(self) -> Iterator[str]:
        """Iterate over the node ids in the order of their external ids."""
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def __getitem__(self, node: str) -> Node:
        return self._nodes[node]

    def children(self, node: str) -> tuple[str, ...]:
        """Return the groups directly inside this one, by external id."""
        return tuple(self._children[node])

    def subtree(self, node: str) -> tuple[str, ...]:
        """Return the group and everything inside it, each before its own children."""
        nodes: list[str] = []
        stack = [node]
        while stack:
            nodes.append(stack.pop())
            stack.extend(reversed(self._children[nodes[-1]]))
        return tuple(nodes)

    def ancestors(self, node: str) -> tuple[str, ...]:
        """Return the groups around this one, the nearest first, the root last."""
        groups: list[str] = []
        parent = self._nodes[node].parent
        while parent is not None:
            groups.append(parent)
            parent = self._nodes[parent].parent
        return tuple(groups)
