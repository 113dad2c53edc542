"""Trends: those that are called without any, and a true one that is seen."""

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.simulated_agencies import SHAPES, World
from benchmarks.verdicts.bounds import Bound, Sums, list_cells, pool
from benchmarks.verdicts.shown import ROOT_NODE, SCALE, simulate_waves, team_name
from rapport_service.disclosure.rounding import CONSTRUCTS
from rapport_service.releases.scoring.trends import ScoredWave, compute_trends

SHOCKS = ((0.0, 0.0), (2.0, 0.3), (3.0, 0.3), (3.0, 0.6))
"""Standard deviation and correlation of common shocks."""

SIZES = [12, 20, 30] * 4
WAVES = 20
SLOPE = 3.0
"""Points per four weeks."""

FALSE_WAVES = (13, 16, 20)
"""Lengths of the series in which nothing moves."""

MAX_FALSE, MIN_SEEN = 0.06, 0.90


def simulate(number: int, rng: np.random.Generator) -> Sums:
    """Return trends called in organizations where none, all or half of teams rise."""
    sd, correlation = SHOCKS[number % len(SHOCKS)]
    shock = f"sd {sd:g}, rho {correlation:g}"
    places = np.arange(len(SIZES))
    sums = Sums()
    for rising in (places < 0, places >= 0, places % 2 == 0):
        times = np.arange(WAVES)[:, None] - WAVES / 2
        world = World(
            SIZES,
            SHAPES[number // len(SHOCKS) % len(SHAPES)],
            shock_sd=sd,
            shock_correlation=correlation,
            effect=SLOPE / 2 * times * rising,
        )
        waves = [wave.scored for wave in simulate_waves(world, WAVES, rng)]
        lengths = FALSE_WAVES if not rising.all() else (WAVES,)
        for length in lengths:
            _note_trends(sums, waves[:length], rising, shock)
    return sums


def _note_trends(
    sums: Sums, waves: Sequence[ScoredWave], rising: np.ndarray, shock: str
) -> None:
    *past, now = waves
    teams = [team_name(place) for place in range(len(SIZES))]
    trends = compute_trends(now, past, ROOT_NODE, teams, SCALE)
    for name in CONSTRUCTS:
        called = {
            node: trends[node][name]["direction"] for node in teams if node in trends
        }
        is_called = {node: own != "no_clear_trend" for node, own in called.items()}
        if not rising.any():
            sums.note(("any", shock), any(is_called.values()))
        for node, is_rising in zip(teams, rising.tolist(), strict=True):
            if node not in called:
                continue
            if rising.any() and not rising.all() and is_called[node]:
                sums.note(("half", shock), not is_rising)
            if rising.all():
                sums.note(("seen", shock), called[node] == "rising")


def judge(organizations: Sequence[Sums]) -> Iterator[Bound]:
    """Yield the bounds of trends.

    Where nothing moves, whatever is called is false: the share of organizations and
    constructs in which anything is.
    """
    name = "trend: false among called, from 13 waves on"
    yield Bound(f"{name}, none rises", pool(organizations, "any"), high=MAX_FALSE)
    yield Bound(f"{name}, half rise", pool(organizations, "half"), high=MAX_FALSE)
    yield Bound(
        "trend: 3 points in four weeks seen at 20 waves",
        pool(organizations, "seen"),
        low=MIN_SEEN,
    )
    for cell in list_cells(organizations):
        yield Bound(f"trend: {', '.join(cell)}", pool(organizations, *cell))
