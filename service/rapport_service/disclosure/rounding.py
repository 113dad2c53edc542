"""Rounding of released figures, and clamps where an extreme discloses too much.

Nine decimals come before any rounding: 72.5 may arrive as 72.49999999999999, and what
is published must not depend on the order of a floating-point sum.
"""

import math
from typing import Literal, TypedDict

from rapport_schemas.enums import Bound

Construct = Literal["trust", "communication", "overall"]

CONSTRUCTS: tuple[Construct, ...] = ("trust", "communication", "overall")

COARSE_STEP, MIN_COARSE_SCORE, MAX_COARSE_SCORE = 5, 10, 90


class PublishedInterval(TypedDict):
    """A range of plausible scores, in points."""

    low: int
    high: int


def coarse_score(points: float) -> tuple[int, Bound | None]:
    """Return a score to the nearest 5, and the bound where that is clamped.

    A score that rounds to 10 or less, or to 90 or more, is only said to be there,
    because in a small group an extreme mean tells what each of its members said.
    """
    score = round_half_up(points, COARSE_STEP)
    if score <= MIN_COARSE_SCORE:
        return MIN_COARSE_SCORE, "at_most"
    if score >= MAX_COARSE_SCORE:
        return MAX_COARSE_SCORE, "at_least"
    return score, None


def coarse_share(percent: float) -> int:
    """Return a share to the nearest 5 percent, never below 10 or above 90."""
    return min(
        max(round_half_up(percent, COARSE_STEP), MIN_COARSE_SCORE), MAX_COARSE_SCORE
    )


def round_half_up(value: float, step: int = 1) -> int:
    """Return the nearest multiple of a step, halves up."""
    return math.floor(round(value / step, 9) + 0.5) * step


def round_outward(low: float, high: float, step: int = 1) -> PublishedInterval:
    """Return an interval whose ends are multiples of a step and lie no further in."""
    return {
        "low": math.floor(round(low / step, 9)) * step,
        "high": math.ceil(round(high / step, 9)) * step,
    }
