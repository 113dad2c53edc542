"""Intervals of ordinary organizations: do they cover, and no wider than they must?"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isnan, nan, sqrt

import numpy as np

from benchmarks.simulated_agencies import SHAPES, World
from benchmarks.verdicts.bounds import (
    Bound,
    Labels,
    Measured,
    Sums,
    list_cells,
    pool,
)
from benchmarks.verdicts.shown import SCALE, ShownWave, simulate_waves, team_name
from rapport_service.disclosure.rounding import CONSTRUCTS, Construct
from rapport_service.releases.scoring.levels import GroupLevel
from rapport_service.releases.scoring.presentation import Comparisons, present

SIZES = (
    [8] * 9,
    [7] * 10 + [20] * 6,
    [20] * 16,
    [12, 20, 30] * 8,
    [12, 20, 30] * 21,
)
"""Members of each team, in organizations of 72 to 1,302."""

RESPONSES = (0.6, 0.75, 0.88)
WAVES = 3

MIN_TEAMS = 400
"""Released teams that a cell needs before it is judged."""

MIN_COVERAGE, MIN_CELL_COVERAGE = 0.95, 0.93
MAX_WIDTHS = {"fine": 1.30, "coarse": 1.45}
"""Mean width as a share of what .95 needs, at most."""

JACKKNIFE_GROUPS = 10

NO_LEVELS = dict.fromkeys(CONSTRUCTS, GroupLevel(None, None, None, 0.0, 0.0))

Pairs = list[tuple[float, float]]


@dataclass
class IntervalTally:
    """Intervals of one organization.

    Attributes:
        covered: by cell, how many held the truth.
        widths: by cell, width and error of the score of each.
    """

    covered: Sums = field(default_factory=Sums)
    widths: dict[Labels, Pairs] = field(default_factory=lambda: defaultdict(list))


def simulate(number: int, rng: np.random.Generator) -> IntervalTally:
    """Return the intervals of one organization's waves."""
    sizes = SIZES[number % len(SIZES)]
    response = RESPONSES[number // len(SIZES) % len(RESPONSES)]
    # The forms of answers go round more slowly than sizes and responses together.
    shape = SHAPES[(number + number // 15) % len(SHAPES)]
    tally = IntervalTally()
    for wave in simulate_waves(World(sizes, shape, response), WAVES, rng):
        for place, size in enumerate(sizes):
            for name, tier, low, high, score in _intervals(wave, place):
                truth = float(wave.truth[name][place])
                cell = (tier, name, f"N {size}", _response_label(response))
                tally.covered.note(cell, low <= truth <= high)
                tally.widths[cell].append((high - low, abs(score - truth)))
    return tally


def _intervals(
    wave: ShownWave, place: int
) -> Iterator[tuple[Construct, str, float, float, float]]:
    """Yield construct, tier, both ends and the score of a team that is shown."""
    figures = wave.scored.figures.get(team_name(place))
    if figures is None:
        return
    content = present(figures, Comparisons(NO_LEVELS), wave.parameters, SCALE)
    for name in CONSTRUCTS:
        shown = content["constructs"][name]
        ends = shown["interval"]
        yield name, figures.tier, ends["low"], ends["high"], shown["score"]


def judge(tallies: Sequence[IntervalTally]) -> Iterator[Bound]:
    """Yield the bounds of coverage, by cell and margin, and of width."""
    covered = [tally.covered for tally in tallies]
    for cell in list_cells(covered):
        is_known = _count(covered, *cell) >= MIN_TEAMS
        yield Bound(
            f"interval: coverage, {', '.join(cell)}",
            pool(covered, *cell),
            low=MIN_CELL_COVERAGE if is_known else None,
        )
    for margin in _margins(list_cells(covered)):
        is_known = _count(covered, *margin) >= MIN_TEAMS
        yield Bound(
            f"interval: coverage, {', '.join(margin)}",
            pool(covered, *margin),
            low=MIN_COVERAGE if is_known else None,
        )
    widths = [tally.widths for tally in tallies]
    for tier, high in MAX_WIDTHS.items():
        yield Bound(
            f"interval: width over what is needed, {tier}",
            _relative_width(widths, {tier}),
            high=high,
        )
        for name in CONSTRUCTS:
            yield Bound(
                f"interval: width over what is needed, {tier}, {name}",
                _relative_width(widths, {tier, name}),
                high=high,
            )
        for response in map(_response_label, RESPONSES):
            width = _relative_width(widths, {tier, response})
            if not isnan(width.value):
                yield Bound(
                    f"interval: width over what is needed, {tier}, {response}",
                    width,
                    high=high,
                )


def _response_label(response: float) -> str:
    return f"response {response:.0%}"


def _count(covered: Sequence[Sums], *labels: str) -> float:
    wanted = set(labels)
    return sum(
        bottom
        for own in covered
        for cell, (_, bottom) in own.items()
        if wanted.issubset(cell)
    )


def _margins(cells: Sequence[Labels]) -> list[Labels]:
    """Return each tier with each construct, size and response."""
    return sorted({(cell[0], label) for cell in cells for label in cell[1:]})


def _relative_width(
    organizations: Sequence[Mapping[Labels, Pairs]], labels: set[str]
) -> Measured:
    """Return the mean width over the width that would do in its cell.

    What would do is itself measured, so the error is by the jackknife.
    """
    sizes: dict[Labels, int] = defaultdict(int)
    for own in organizations:
        for cell, pairs in own.items():
            sizes[cell] += len(pairs) if labels.issubset(cell) else 0
    cells = [cell for cell, size in sizes.items() if size >= MIN_TEAMS / 2]
    if not cells:
        return Measured(nan, inf)
    parts = [
        _mean_relative_width(
            [own for at, own in enumerate(organizations) if at % JACKKNIFE_GROUPS != n],
            cells,
        )
        for n in range(JACKKNIFE_GROUPS)
    ]
    spread = float(np.var(parts)) * (JACKKNIFE_GROUPS - 1)
    return Measured(_mean_relative_width(organizations, cells), sqrt(spread))


def _mean_relative_width(
    organizations: Sequence[Mapping[Labels, Pairs]], cells: Sequence[Labels]
) -> float:
    shares = []
    for cell in cells:
        listed = [pair for own in organizations for pair in own.get(cell, ())]
        if listed:
            pairs = np.array(listed)
            shares.append(pairs[:, 0] / (2 * np.quantile(pairs[:, 1], 0.95)))
    return float(np.concatenate(shares).mean())
