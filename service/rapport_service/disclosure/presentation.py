"""How released figures are shown: bands instead of counts, rounding, clamps."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypedDict

from rapport_service.disclosure.tiers import Tier

Construct = Literal["trust", "communication", "overall"]
Bound = Literal["at_most", "at_least"]

RESPONDENT_BANDS = ("5-9", "10-19", "20-49", "50+")
PARTICIPATION_BANDS = ("<50", "50-69", "70-84", "85+")

COARSE_STEP, COARSE_LOWEST, COARSE_HIGHEST = 5, 10, 90


@dataclass(frozen=True)
class Figure:
    """The plain figures of one construct.

    Attributes:
        score: Points, 0 to 100.
        favourable: Favourable answers in percent, 0 to 100; None without an answer.
    """

    score: float
    favourable: float | None


class ShownFigure(TypedDict):
    """The figures of one construct as they are published."""

    score: int
    bound: Bound | None
    favourable: int | None


def respondents_band(respondents: int) -> str:
    """Return the band that a released group's number of respondents falls in.

    Raises:
        ValueError: Fewer than five, which no release ever shows.
    """
    if respondents < 5:
        raise ValueError("a group of fewer than five is never released")
    return RESPONDENT_BANDS[sum(respondents >= lowest for lowest in (10, 20, 50))]


def participation_band(respondents: int, eligible: int) -> str:
    """Return the band of the share who responded, in percent.

    A share between two bands belongs to the lower: 84.9 percent is not 85. More
    respondents than eligible people, from a roster that lags behind, is the top band.

    Raises:
        ValueError: Nobody was eligible.
    """
    if eligible < 1:
        raise ValueError("participation needs someone who could respond")
    reached = (100 * respondents >= percent * eligible for percent in (50, 70, 85))
    return PARTICIPATION_BANDS[sum(reached)]


def constructs(
    tier: Tier, figures: Mapping[Construct, Figure]
) -> dict[Construct, ShownFigure]:
    """Return the `constructs` member of a score document.

    The fine tier shows integers. The coarse tier shows the score to the nearest 5 and
    no favourable share; a score that rounds to 10 or less, or to 90 or more, is only
    said to be there, because in a small group an extreme mean tells what each of its
    members said.
    """
    shown = _fine if tier == "fine" else _coarse
    return {construct: shown(figure) for construct, figure in figures.items()}


def _fine(figure: Figure) -> ShownFigure:
    favourable = figure.favourable
    return {
        "score": _half_up(figure.score, 1),
        "bound": None,
        "favourable": None if favourable is None else _half_up(favourable, 1),
    }


def _coarse(figure: Figure) -> ShownFigure:
    score = _half_up(figure.score, COARSE_STEP)
    bound: Bound | None = None
    if score <= COARSE_LOWEST:
        score, bound = COARSE_LOWEST, "at_most"
    elif score >= COARSE_HIGHEST:
        score, bound = COARSE_HIGHEST, "at_least"
    return {"score": score, "bound": bound, "favourable": None}


def _half_up(value: float, step: int) -> int:
    """Round to the nearest multiple of a step, halves up.

    Nine decimals come first: 72.5 may arrive as 72.49999999999999, and what is
    published must not depend on the order of a floating-point sum.
    """
    return math.floor(round(value / step, 9) + 0.5) * step
