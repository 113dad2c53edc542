"""Comparison of a group with the other groups of its organization, without ranks.

Fine groups that share nobody are drawn toward their mean as far as their differences
are noise. A group's own number of people enters only as the low end of its band: with
the score and the organization's mean, the pull would otherwise tell it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rapport_schemas.enums import AgainstOrganization
from rapport_service.disclosure.bands import min_of_respondents_band, respondents_band
from rapport_service.disclosure.rounding import (
    COARSE_STEP,
    CONSTRUCTS,
    Construct,
    round_half_up,
)
from rapport_service.releases.scoring.figures import Figures
from rapport_service.releases.scoring.release_plan import ReleasePlan
from rapport_service.stats.false_discovery import (
    FALSE_DISCOVERY_RATE,
    benjamini_hochberg,
)
from rapport_service.stats.icc import Groups
from rapport_service.stats.scores import to_points
from rapport_service.stats.shrinkage import (
    difference_p_values,
    fit_shrinkage_model,
    shrink,
)

MIN_GROUPS = 3


@dataclass(frozen=True)
class OrganizationComparison:
    """Comparison of a group with the others.

    Attributes:
        steadied: its score, drawn toward the others' as far as it is noise; points, to
            the nearest 5.
        against_organization: whether it clearly differs from theirs.
    """

    steadied: int
    against_organization: AgainstOrganization


def compare_to_organization(
    now: Mapping[str, Figures], plan: ReleasePlan, categories: int
) -> dict[str, dict[Construct, OrganizationComparison]]:
    """Compare the fine groups that share no person; empty below three of them.

    What is called clear among all groups of a construct is false in at most 5 percent,
    by expectation.
    """
    leaves = plan.leaves
    if len(leaves) < MIN_GROUPS:
        return {}
    bands = [respondents_band(now[node].n["any"]) for node in leaves]
    people = np.array([float(min_of_respondents_band(band)) for band in bands])
    comparisons: dict[str, dict[Construct, OrganizationComparison]] = {
        node: {} for node in leaves
    }
    for name in CONSTRUCTS:
        groups = Groups.from_scores(now[node].constructs[name].score for node in leaves)
        model = fit_shrinkage_model(groups)
        shrunk = shrink(Groups(people, groups.means, groups.within), model)
        p_values = benjamini_hochberg(difference_p_values(shrunk, model).tolist())
        for node, mean, p in zip(leaves, shrunk.means.tolist(), p_values, strict=True):
            position: AgainstOrganization = "not_clearly_different"
            if p <= FALSE_DISCOVERY_RATE:
                position = "above" if mean > model.mu else "below"
            steadied = round_half_up(to_points(mean, categories), COARSE_STEP)
            comparisons[node][name] = OrganizationComparison(steadied, position)
    return comparisons
