"""Exhaustive attacker: every linear combination of published sums, in exact numbers.

It knows nothing of atoms or of how a plan was made. A release publishes, per released
group, the sum over the people below it. An attacker can isolate a set of people if some
combination of those sums gives weight to them and to no one else. People at one node
appear in the same sums, so sets of nodes are all that has to be tried.
"""

from fractions import Fraction
from itertools import chain, combinations


def exposed_nodes(tree, counts, released, threshold):
    """Return nodes whose fewer than `threshold` people can be isolated, or None."""
    peopled = [node for node in tree if counts.get(node, 0)]
    sums = [
        [Fraction(int(node in below)) for node in peopled]
        for below in (set(tree.subtree(group)) for group in released)
    ]
    full = rank(sums)
    for targets in subsets(range(len(peopled))):
        if sum(counts[peopled[i]] for i in targets) >= threshold:
            continue
        # A combination that vanishes on all others but not on these few exists
        # exactly if leaving out their columns loses rank.
        others = [i for i in range(len(peopled)) if i not in targets]
        if rank([[row[i] for i in others] for row in sums]) < full:
            return {peopled[i] for i in targets}
    return None


def subsets(indices):
    return chain.from_iterable(
        combinations(indices, size) for size in range(1, len(indices) + 1)
    )


def rank(rows):
    """The rank of a matrix of fractions, by elimination."""
    rows = [list(row) for row in rows]
    pivots = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(pivots, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[pivots], rows[pivot] = rows[pivot], rows[pivots]
        for i in range(pivots + 1, len(rows)):
            if rows[i][column]:
                factor = rows[i][column] / rows[pivots][column]
                rows[i] = [
                    mine - factor * theirs
                    for mine, theirs in zip(rows[i], rows[pivots], strict=True)
                ]
        pivots += 1
    return pivots


def small_atoms(tree, counts, released, threshold):
    """Return the released groups whose atom has 1 to `threshold` - 1 people.

    The atoms are counted by walking up from each person, unlike in the planner.
    """
    atoms = dict.fromkeys(released, 0)
    for node in tree:
        around = (node, *tree.ancestors(node))
        owner = next((group for group in around if group in released), None)
        if owner is not None:
            atoms[owner] += counts.get(node, 0)
    return {group for group, people in atoms.items() if 0 < people < threshold}
