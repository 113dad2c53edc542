"""False discovery rate: few false alarms although many groups are tested at once."""

from collections.abc import Sequence

FALSE_DISCOVERY_RATE = 0.05
"""Adjusted p-value up to which a difference is called clear."""


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return Benjamini-Hochberg adjusted p-values, in the order given.

    Calling each value of at most .05 a discovery keeps the expected share of false ones
    among all discoveries at 5 %. Reference: Benjamini and Hochberg 1995, J R Stat Soc B
    57:289.
    """
    count = len(p_values)
    order = sorted(range(count), key=lambda i: p_values[i], reverse=True)
    result, smallest = [0.0] * count, 1.0
    for place, i in enumerate(order):
        smallest = min(smallest, p_values[i] * (count / (count - place)))
        result[i] = smallest
    return result


def critical_p(others: Sequence[float]) -> float:
    """Return up to which p a group would be called, given the p of all other groups.

    Benjamini and Hochberg call the k smallest of m if the k-th is at most .05 k / m.
    One more value is among them up to the largest such step that the others leave open.
    """
    count = len(others) + 1
    steps = [FALSE_DISCOVERY_RATE * place / count for place in range(1, count + 1)]
    return max(
        step
        for place, step in enumerate(steps)
        if sum(p <= step for p in others) >= place
    )
