"""How much people differ, as a share of the most that the scale allows.

Five people do not tell their own variance, so each group borrows from the whole
organization. Reference: Smyth 2004, Stat Appl Genet Mol Biol 3:3.
"""

from collections.abc import Iterable

from rapport_service.stats.scores import Score

PRIOR_WEIGHT = 4.0
"""How many degrees of freedom the organization's dispersion is worth."""

START_DISPERSION = {1: 0.32, 2: 0.24, 4: 0.17}
"""The dispersion to start from, by the number of items that a person was shown."""


def dispersion(score: Score, categories: int) -> float | None:
    """Return how much people differ, as a share of the most that the scale allows.

    c = v * (n - 1) / n / ((theta - 1) * (A - theta)), v = n * SE^2. None below two
    people or with the score at an end of the scale, where nothing can be learnt.
    """
    if score.theta is None or score.se is None:
        return None
    room = (score.theta - 1) * (categories - score.theta)
    # Offsets may leave a score a rounding error away from an end.
    return score.se**2 * (score.n - 1) / room if room > 1e-9 else None


def pooled_dispersion(scores: Iterable[Score], categories: int, start: float) -> float:
    """Return the mean dispersion of some groups' scores on one construct.

    Args:
        scores: Of teams, or the one of the whole organization.
        categories: A, the number of answer options.
        start: What to return where no group tells: one of `START_DISPERSION`.
    """
    known = [c for s in scores if (c := dispersion(s, categories)) is not None]
    mean = sum(known) / len(known) if known else 0.0
    return mean if mean > 0 else start


def moderated_dispersion(score: Score, categories: int, pooled: float) -> float:
    """Return (4 * c_0 + (n - 1) * c) / (4 + n - 1), c_0 the organization's dispersion.

    A group that cannot tell its own dispersion c takes the organization's.
    """
    own = dispersion(score, categories)
    if own is None:
        return pooled
    freedom = score.n - 1
    return (PRIOR_WEIGHT * pooled + freedom * own) / (PRIOR_WEIGHT + freedom)
