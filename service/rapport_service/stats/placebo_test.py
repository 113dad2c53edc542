"""Placebo test: would dates drawn at random look as good as the true ones?

The statistic of the true dates is compared with that of every other placement of the
dates in the same series. In a short series whose waves resemble their neighbours this
holds its level where t tests do not. Reference: Fisher 1935; Bulté and Onghena 2008,
Behav Res Methods 40:467, for series with a change of phase.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

from rapport_service.stats.intervals import SIGNIFICANCE

MIN_PHASE_WAVES = 2

P = TypeVar("P")
Placement = tuple[int, int | None]
"""The first wave during and the first after; None without an after."""


@dataclass(frozen=True)
class PlaceboResult:
    """Outcome of a randomisation test over dates.

    Attributes:
        statistics: |t| at every admissible placement, in the order given.
        observed: |t| at the true one.
    """

    statistics: tuple[float, ...]
    observed: float

    @property
    def p(self) -> float:
        """The share of placements that do as well or better, the true one included."""
        # Placements that give the same series of numbers differ by rounding alone.
        threshold = self.observed * (1 - 1e-12)
        return sum(value >= threshold for value in self.statistics) / len(
            self.statistics
        )


def placements(
    waves: int, *, ends: bool, min_phase: int = MIN_PHASE_WAVES
) -> list[Placement]:
    """Return every way to cut a series into phases of at least some waves each.

    Args:
        waves: T; waves in transition do not count.
        ends: Whether there is an after. With phases of two waves there are then
            C(T - 4, 2) placements, otherwise T - 3.
        min_phase: Waves that each phase has at least.
    """
    last = waves - min_phase
    if not ends:
        return [(start, None) for start in range(min_phase, last + 1)]
    return [
        (start, end)
        for start, end in combinations(range(min_phase, last + 1), 2)
        if end - start >= min_phase
    ]


def placebo_test(
    admissible: Sequence[P], observed: P, statistic: Callable[[P], float]
) -> PlaceboResult:
    """Compare the true placement with all.

    Args:
        admissible: All placements, the true one among them.
        observed: The true one.
        statistic: The t of the contrast at a placement; its size is compared.

    Raises:
        ValueError: The true placement is not admissible.
    """
    if observed not in admissible:
        raise ValueError("the true dates leave a phase with too few waves")
    sizes = tuple(abs(statistic(placement)) for placement in admissible)
    return PlaceboResult(sizes, sizes[admissible.index(observed)])


def other_starts(admissible: Sequence[Placement], start: int) -> list[Placement]:
    """Return the placements that begin elsewhere than the true one.

    Wherever the end of a gain is put that stays, the contrast is about the same. Such
    placements are no other dates, and would make a lasting gain look like chance.
    """
    return [placement for placement in admissible if placement[0] != start]


def placebo_p(
    others: Sequence[P], observed: P, statistic: Callable[[P], float]
) -> float:
    """Return (1 + those that do as well or better) / (1 + their number).

    Args:
        others: Placements that the true one is compared with.
        observed: The true one.
        statistic: The t of the contrast at a placement; its size is compared.
    """
    result = placebo_test([observed, *others], observed, statistic)
    return result.p


def can_reach_significance(count: int) -> bool:
    """Return whether so many placements could ever give a p of .05."""
    return count * SIGNIFICANCE >= 1
