"""Faulty planners, each with an error that people make; the attacker must notice."""


def people_below(tree, counts, node):
    return sum(counts.get(inside, 0) for inside in tree.subtree(node))


def plain_threshold(tree, counts, threshold):
    """Release every group that is large enough by itself."""
    return frozenset(n for n in tree if people_below(tree, counts, n) >= threshold)


def take_back_once(tree, counts, threshold):
    """Mend a small residual by taking back one subgroup, and look no further."""
    released = set()
    for node in reversed(tree.subtree(tree.root)):
        people = people_below(tree, counts, node)
        if people < threshold:
            continue
        inside = [
            group
            for group in released
            if next((a for a in tree.ancestors(group) if a in released), None) is None
            and node in tree.ancestors(group)
        ]
        residual = people - sum(people_below(tree, counts, g) for g in inside)
        if 0 < residual < threshold:
            released.remove(
                min(inside, key=lambda g: (people_below(tree, counts, g), g))
            )
        released.add(node)
    return frozenset(released)


def hide_the_next_smallest_child(tree, counts, threshold):
    """Hide the smallest sibling of each hidden child as well."""
    released = set(plain_threshold(tree, counts, threshold))
    for node in tree:
        shown = [child for child in tree.children(node) if child in released]
        if shown and len(shown) < len(tree.children(node)):
            released.remove(min(shown, key=lambda g: people_below(tree, counts, g)))
    return frozenset(released)
