"""Bounds: a measured figure, its Monte-Carlo error, and what it has to keep.

Teams of one organization share its shocks and its estimates, so the organization is the
unit of every error: sums are taken within one, and compared between them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, isfinite, isnan, nan, sqrt

Z_99 = 2.576
"""Standard errors of a 99 % interval."""

Labels = tuple[str, ...]


class Sums(dict[Labels, tuple[float, float]]):
    """Sums of one organization by cell: of what was counted, and of how many."""

    def note(self, cell: Labels, top: float, bottom: float = 1.0) -> None:
        """Adds to the two sums of a cell."""
        old_top, old_bottom = self.get(cell, (0.0, 0.0))
        self[cell] = (old_top + top, old_bottom + bottom)


@dataclass(frozen=True)
class Measured:
    """A figure with its Monte-Carlo standard error."""

    value: float
    error: float

    def __str__(self) -> str:
        return f"{self.value:7.3f} +- {self.error:.3f}"


@dataclass(frozen=True)
class Bound:
    """A figure and the bound that it is held to; without any, a cell that is shown.

    A bound is missed where the 99 % interval of the figure lies wholly beyond it, or
    where too little was measured to know that interval.
    """

    name: str
    figure: Measured
    low: float | None = None
    high: float | None = None

    @property
    def is_judged(self) -> bool:
        """Whether there is a bound to hold."""
        return self.low is not None or self.high is not None

    @property
    def holds(self) -> bool:
        """Whether the figure may keep the bound."""
        return not self.is_judged or self._room(Z_99 * self.figure.error) >= 0

    @property
    def margin(self) -> float:
        """How far within its bound the figure lies, as a share of the bound."""
        return self._room(0.0) / max(self.low or 0.0, self.high or 0.0)

    def _room(self, reach: float) -> float:
        """Return the distance to the nearer bound; below 0 if it lies beyond."""
        if isnan(self.figure.value) or not isfinite(reach):
            return -inf
        above = inf if self.low is None else self.figure.value + reach - self.low
        below = inf if self.high is None else self.high - self.figure.value + reach
        return min(above, below)

    def __str__(self) -> str:
        asked = " and ".join(
            text
            for text in (
                None if self.low is None else f"at least {self.low:g}",
                None if self.high is None else f"at most {self.high:g}",
            )
            if text is not None
        )
        word = "cell" if not self.is_judged else "holds" if self.holds else "MISSED"
        return f"{word:6}  {self.figure}  {asked:28}  {self.name}"


def ratio(pairs: Iterable[tuple[float, float]]) -> Measured:
    """Return a ratio of two sums over independent organizations, with its error."""
    listed = [pair for pair in pairs if pair[1]]
    top, bottom = (sum(pair[place] for pair in listed) for place in (0, 1))
    if not bottom:
        return Measured(nan, inf)
    value, count = top / bottom, len(listed)
    if count < 2:
        return Measured(value, inf)
    squares = sum((a - value * b) ** 2 for a, b in listed)
    error = sqrt(squares * count / (count - 1)) / bottom
    # No hit at all is no proof: a share is known to one draw in so many at best.
    return Measured(value, max(error, 1 / bottom))


def pool(organizations: Sequence[Sums], *labels: str) -> Measured:
    """Return the ratio of the sums of every cell that has these labels."""
    wanted = set(labels)
    cells = {cell for own in organizations for cell in own if wanted.issubset(cell)}
    return ratio(
        (
            sum(own[cell][0] for cell in cells if cell in own),
            sum(own[cell][1] for cell in cells if cell in own),
        )
        for own in organizations
    )


def list_cells(organizations: Sequence[Sums], *labels: str) -> list[Labels]:
    """Return every cell that has these labels, in order."""
    wanted = set(labels)
    return sorted(
        {cell for own in organizations for cell in own if wanted.issubset(cell)}
    )


def mean_of_cells(cells: Sequence[Measured]) -> Measured:
    """Return the mean of figures of different organizations, each of equal weight."""
    if not cells:
        return Measured(nan, inf)
    error = sqrt(sum(cell.error**2 for cell in cells)) / len(cells)
    return Measured(sum(cell.value for cell in cells) / len(cells), error)


def square_root(figure: Measured) -> Measured:
    """Return the root of a figure, with its error by the delta method."""
    root = sqrt(figure.value)
    return Measured(root, figure.error / (2 * root) if root > 0 else inf)
