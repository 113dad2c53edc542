"""Detectable change: the least difference that is more than noise.

Answers of two waves are never linked person by person, so the variance of a difference
is the sum of both variances: the conservative form is the only one there is. Two
intervals that overlap say nothing about it.
"""

import math

from rapport_schemas.enums import Change

Z_95 = 1.96
"""Standard errors that a difference must exceed, rounded as the formula is printed."""


def standard_error_of_measurement(deviation: float, reliability: float) -> float:
    """Return SEM = SD * sqrt(1 - reliability), the noise in one person's score.

    Reference value: tests and benchmarks compare it; no release uses it.

    Args:
        deviation: SD, of people's scores.
        reliability: Alpha or omega; more than 1 counts as 1.
    """
    return deviation * math.sqrt(max(1 - reliability, 0.0))


def difference_se(se_1: float, se_2: float) -> float:
    """Return the standard error of the difference of two independent figures."""
    return math.hypot(se_1, se_2)


def detectable_change(se_1: float, se_2: float) -> float:
    """Return MDC95 = 1.96 * sqrt(SE_1^2 + SE_2^2), the least change that is clear.

    For one person scored twice both are the standard error of measurement; for a team,
    the standard errors of two waves without a finite-population factor.
    """
    return Z_95 * difference_se(se_1, se_2)


def direction(
    earlier: float, earlier_se: float, later: float, later_se: float
) -> Change:
    """Return the direction of a change, if that is clear: |delta| >= MDC95.

    Use standard errors that are never zero (`intervals.moderated_se`); with two zeros
    no change at all is still no clear change.
    """
    delta = later - earlier
    if delta == 0 or abs(delta) < detectable_change(earlier_se, later_se):
        return "no_clear_change"
    return "up" if delta > 0 else "down"
