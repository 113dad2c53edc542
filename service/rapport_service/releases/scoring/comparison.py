"""Comparison of a group with the other groups of its organization, without ranks.

Levels are compared, those of fine groups that share nobody: functions of what is
published, drawn toward the organization's mean as far as they are noise.
"""

from collections.abc import Sequence

import numpy as np
from scipy import special

from rapport_schemas.enums import AgainstOrganization
from rapport_service.disclosure.rounding import CONSTRUCTS, Construct
from rapport_service.releases.scoring.levels import OrganizationLevels
from rapport_service.stats.false_discovery import (
    FALSE_DISCOVERY_RATE,
    benjamini_hochberg,
)
from rapport_service.stats.intervals import CONFIDENCE, normal_quantile
from rapport_service.stats.local_level import LEVEL_FACTOR, difference_from_mean

MIN_GROUPS = 3


def compare_to_organization(
    levels: OrganizationLevels, leaves: Sequence[str]
) -> dict[str, dict[Construct, AgainstOrganization]]:
    """Say which fine groups clearly differ from the mean; empty below three of them.

    What is called clear among all groups of a construct is false in at most 5 percent,
    by expectation.

    Args:
        levels: of this wave.
        leaves: fine groups that share nobody.
    """
    if len(leaves) < MIN_GROUPS:
        return {}
    positions: dict[str, dict[Construct, AgainstOrganization]] = {
        node: {} for node in leaves
    }
    for name in CONSTRUCTS:
        groups = [levels.groups[node][name] for node in leaves]
        differences, errors = difference_from_mean(
            np.array([group.mean for group in groups]),
            np.array([group.variance for group in groups]),
        )
        # A level's interval is wider than a normal one, and so is this test.
        width = LEVEL_FACTOR / normal_quantile((1 + CONFIDENCE) / 2)
        sizes = np.abs(differences) / (width * errors)
        p_values = benjamini_hochberg((2 * special.ndtr(-sizes)).tolist())
        for node, difference, p in zip(
            leaves, differences.tolist(), p_values, strict=True
        ):
            positions[node][name] = _position(difference, p)
    return positions


def _position(difference: float, p: float) -> AgainstOrganization:
    if p > FALSE_DISCOVERY_RATE:
        return "not_clearly_different"
    return "above" if difference > 0 else "below"
