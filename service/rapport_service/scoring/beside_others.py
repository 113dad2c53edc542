"""A group beside the other groups of its organization. No group is ever ranked.

Fine groups that share nobody are drawn toward their mean as far as their differences
are noise. A group's own number of people enters only as the low end of its band: with
the score and the organization's mean, the pull would otherwise tell it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rapport_service.disclosure.bands import fewest, respondents_band
from rapport_service.disclosure.presentation import (
    COARSE_STEP,
    CONSTRUCTS,
    Construct,
    Standing,
    rounded,
)
from rapport_service.measure.discoveries import DISCOVERY, adjusted
from rapport_service.measure.groups import Groups
from rapport_service.measure.scores import hundred
from rapport_service.measure.shrinkage import around, difference_p, model
from rapport_service.scoring.allowed import Allowed
from rapport_service.scoring.figures import Figures

FEWEST_GROUPS = 3


@dataclass(frozen=True)
class Beside:
    """A group beside the others.

    Attributes:
        steadied: its score, drawn toward the others' as far as it is noise; points, to
            the nearest 5.
        against_organization: whether it is clearly another than theirs.
    """

    steadied: int
    against_organization: Standing


def beside_others(
    now: Mapping[str, Figures], allowed: Allowed, categories: int
) -> dict[str, dict[Construct, Beside]]:
    """Every fine group that shares nobody, beside the others; none if fewer than three.

    What is called clear among all groups of a construct is false in at most 5 percent,
    by expectation.
    """
    leaves = allowed.leaves
    if len(leaves) < FEWEST_GROUPS:
        return {}
    bands = [respondents_band(now[node].n["any"]) for node in leaves]
    people = np.array([float(fewest(band)) for band in bands])
    found: dict[str, dict[Construct, Beside]] = {node: {} for node in leaves}
    for name in CONSTRUCTS:
        groups = Groups.from_scores(now[node].constructs[name].score for node in leaves)
        fitted = model(groups)
        shrunk = around(Groups(people, groups.means, groups.within), fitted)
        chances = adjusted(difference_p(shrunk, fitted).tolist())
        for node, mean, p in zip(leaves, shrunk.means.tolist(), chances, strict=True):
            standing: Standing = "not_clearly_different"
            if p <= DISCOVERY:
                standing = "above" if mean > fitted.mu else "below"
            steadied = rounded(hundred(mean, categories), COARSE_STEP)
            found[node][name] = Beside(steadied, standing)
    return found
