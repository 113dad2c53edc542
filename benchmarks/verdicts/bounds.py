"""Bounds: a measured figure, its Monte-Carlo error, and what it has to keep."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

Z_99 = 2.576
"""Standard errors of a 99 % interval."""


@dataclass(frozen=True)
class Measured:
    """A figure with its Monte-Carlo standard error."""

    value: float
    error: float

    def __str__(self) -> str:
        return f"{self.value:7.3f} +- {self.error:.3f}"


@dataclass(frozen=True)
class Bound:
    """A bound and the figure that it is about.

    It is missed where the 99 % interval of the figure lies wholly beyond it.
    """

    name: str
    figure: Measured
    low: float | None = None
    high: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the figure may keep the bound."""
        reach = Z_99 * self.figure.error
        is_low = self.low is not None and self.figure.value + reach < self.low
        is_high = self.high is not None and self.figure.value - reach > self.high
        return not is_low and not is_high

    def __str__(self) -> str:
        asked = " and ".join(
            text
            for text in (
                None if self.low is None else f"at least {self.low:g}",
                None if self.high is None else f"at most {self.high:g}",
            )
            if text is not None
        )
        word = "holds" if self.holds else "MISSED"
        return f"{word:6}  {self.figure}  {asked:28}  {self.name}"


def share(hits: Iterable[bool]) -> Measured:
    """Return the share of hits among independent draws."""
    return clustered_share([[hit] for hit in hits])


def clustered_share(clusters: Iterable[Iterable[bool]]) -> Measured:
    """Return the share of hits; those of one organization are not independent."""
    sums = [(float(sum(each)), float(len(each))) for each in map(list, clusters)]
    sums = [pair for pair in sums if pair[1]]
    return ratio(sums)


def ratio(pairs: Iterable[tuple[float, float]]) -> Measured:
    """Return a ratio of two sums over independent clusters, with its error."""
    listed = list(pairs)
    top, bottom = (sum(pair[place] for pair in listed) for place in (0, 1))
    if not bottom:
        return Measured(float("nan"), float("inf"))
    value = top / bottom
    count = len(listed)
    if count < 2:
        return Measured(value, float("inf"))
    squares = sum((a - value * b) ** 2 for a, b in listed)
    error = sqrt(squares * count / (count - 1)) / bottom
    # No hit at all is no proof: a share is known to one draw in so many at best.
    return Measured(value, max(error, 1 / bottom))


def mean(values: Iterable[float]) -> Measured:
    """Return the mean of independent values."""
    return ratio((value, 1.0) for value in values)
