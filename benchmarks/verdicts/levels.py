"""Levels, and arrows: false ones, and those that show a true change."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.simulated_agencies import SHAPES, World
from benchmarks.verdicts.bounds import Bound, Sums, list_cells, pool, square_root
from benchmarks.verdicts.shown import (
    ROOT_NODE,
    SCALE,
    ShownWave,
    simulate_waves,
    team_name,
)
from rapport_service.disclosure.rounding import CONSTRUCTS
from rapport_service.releases.scoring.levels import (
    MIN_LEVEL_WAVES,
    GroupLevel,
    OrganizationLevels,
    compute_levels,
    shown_series,
)
from rapport_service.releases.scoring.trends import ScoredWave

SHOCKS = ((0.0, 0.0), (2.0, 0.3), (3.0, 0.0), (3.0, 0.6))
"""Standard deviation and correlation of common shocks."""

SIZES = ([12, 20, 30] * 8, [12, 20, 30] * 2, [8, 7, 9, 20] * 5, [12, 20, 30])
"""The last has too few teams to estimate anything from them."""

JUDGED_WAVES = (2, 4, 6, 7, 10, 14, 17)
"""Numbers of the waves whose levels are judged, from 0. Arrows are in every wave."""

WAVES = 20
"""Waves of a series, two more than the last that is judged: its truth needs them."""

YOUNG, OLD = "3 to 7 waves", "8 and more waves"
MAX_ERRORS = {
    ("fine", OLD): 0.57,
    ("coarse", OLD): 0.55,
    ("fine", YOUNG): 0.65,
    ("coarse", YOUNG): 0.65,
}
"""Root mean squared error of the level as a share of the plain score's, at most."""

MIN_COVERAGE, MAX_COVERAGE = 0.93, 0.99
MAX_HALF_WIDTHS = {"fine": 5.5, "coarse": 7.5}
MAX_FALSE, MAX_CELL_FALSE = 0.05, 0.065

FINE_SIZE, COARSE_SIZE = 20, 8
GAINS = {FINE_SIZE: 12.0, COARSE_SIZE: 15.0}
"""True change in points, by the members of a team."""

CHANGE_WAVES = (5, 8, 12)
"""Numbers of the wave with the change, from 0: the sixth and later ones."""

CALM = "sd 0, rho 0"
CHANGE_SHOCKS = ((0.0, 0.0), (2.0, 0.3), (0.0, 0.0), (3.0, 0.6))
"""Of these the bounds are judged without shocks: elsewhere a shock comes on top, and
the true change is another."""

MIN_SEEN = {
    ("fine", "one wave", "overall"): 0.65,
    ("fine", "one wave", "a construct"): 0.52,
    ("coarse", "one wave", "overall"): 0.35,
    ("coarse", "one wave", "a construct"): 0.24,
    ("coarse", "two waves", "overall"): 0.55,
    ("coarse", "two waves", "a construct"): 0.43,
}
"""Least share of true changes that are seen."""


def simulate(number: int, rng: np.random.Generator) -> Sums:
    """Return errors of levels, and arrows without a change, of one organization."""
    sizes = SIZES[number % len(SIZES)]
    sd, correlation = SHOCKS[number // len(SIZES) % len(SHOCKS)]
    world = World(
        sizes,
        SHAPES[number % len(SHAPES)],
        shock_sd=sd,
        shock_correlation=correlation,
    )
    waves = list(simulate_waves(world, WAVES, rng))
    sums = Sums()
    shock, teams = f"sd {sd:g}, rho {correlation:g}", f"{len(sizes)} teams"
    for at, levels in enumerate(release_levels([wave.scored for wave in waves])):
        if at + 1 >= MIN_LEVEL_WAVES:
            _note_arrows(sums, waves[at].scored, levels, (shock, teams, _age(at)))
        if at in JUDGED_WAVES:
            _note_levels(sums, waves, at, levels, (shock, teams))
    return sums


def release_levels(waves: Sequence[ScoredWave]) -> Iterator[OrganizationLevels]:
    """Yield the levels of each wave, by what the releases before it published."""
    past: list[ScoredWave] = []
    for wave in waves:
        teams = [node for node in wave.figures if node != ROOT_NODE]
        levels = compute_levels(wave, past, teams, SCALE)
        past.append(replace(wave, level_variances=levels.variances))
        yield levels


def _age(at: int) -> str:
    """The number of a wave, from 1, as a label."""
    number = at + 1
    return f"wave {number}" if number <= 5 else "waves 6 to 9" if number <= 9 else OLDER


OLDER = "waves 10 and later"


def _note_arrows(
    sums: Sums, wave: ScoredWave, levels: OrganizationLevels, labels: tuple[str, ...]
) -> None:
    shock = labels[0]
    for name in CONSTRUCTS:
        for node, own in levels.groups.items():
            if node == ROOT_NODE:
                continue
            for kind, change in (
                ("one wave", own[name].change),
                ("two waves", own[name].two_wave_change),
            ):
                if change is not None:
                    is_false = change["direction"] != "no_clear_change"
                    tier = wave.figures[node].tier
                    sums.note(("false", tier, kind, name, shock), is_false)
                    sums.note(("false by wave", kind, *labels), is_false)


def _note_levels(
    sums: Sums,
    waves: Sequence[ShownWave],
    at: int,
    levels: OrganizationLevels,
    cell: tuple[str, ...],
) -> None:
    now = waves[at].scored
    teams = [node for node in now.figures if node != ROOT_NODE]
    for name in CONSTRUCTS:
        around = waves[at - 2 : at + 3]
        truths = np.mean([wave.truth[name] for wave in around], axis=0)
        scores = shown_series([now], teams, name, SCALE).scores[0]
        for node, score in zip(teams, scores.tolist(), strict=True):
            own, tier = levels.groups[node][name], now.figures[node].tier
            place = int(node.removeprefix(team_name(0)[:-3]))
            labels = (tier, OLD if at >= 7 else YOUNG, name, *cell)
            _note_level(sums, labels, own, score, float(truths[place]))


def _note_level(
    sums: Sums, labels: tuple[str, ...], own: GroupLevel, score: float, truth: float
) -> None:
    if own.level is None:
        return
    ends = own.level["interval"]
    sums.note(
        ("error", *labels), (own.level["score"] - truth) ** 2, (score - truth) ** 2
    )
    sums.note(("half-width", *labels), (ends["high"] - ends["low"]) / 2)
    sums.note(("coverage", *labels), ends["low"] <= truth <= ends["high"])


def simulate_change(number: int, rng: np.random.Generator) -> Sums:
    """Return whether a change of everybody is seen, in fine and in coarse teams."""
    sd, correlation = CHANGE_SHOCKS[number % len(CHANGE_SHOCKS)]
    at = CHANGE_WAVES[number // 2 % len(CHANGE_WAVES)]
    sums = Sums()
    for size, gain in GAINS.items():
        world = World(
            [size] * 20,
            SHAPES[number % len(SHAPES)],
            shock_sd=sd,
            shock_correlation=correlation,
            effect=[0.0] * at + [gain] * 2,
        )
        waves = [wave.scored for wave in simulate_waves(world, at + 2, rng)]
        shock = f"sd {sd:g}, rho {correlation:g}"
        _note_changes(sums, waves[: at + 1], "one wave", shock)
        _note_changes(sums, waves, "two waves", shock)
    return sums


def _note_changes(
    sums: Sums, waves: Sequence[ScoredWave], kind: str, shock: str
) -> None:
    now, levels = waves[-1], list(release_levels(waves))[-1]
    teams = [node for node in now.figures if node != ROOT_NODE]
    for name in CONSTRUCTS:
        part = "overall" if name == "overall" else "a construct"
        for node in teams:
            own = levels.groups[node][name]
            change = own.change if kind == "one wave" else own.two_wave_change
            if change is not None:
                labels = ("seen", now.figures[node].tier, kind, part, shock)
                sums.note(labels, change["direction"] == "up")


def judge(organizations: Sequence[Sums]) -> Iterator[Bound]:
    """Yield the bounds of levels and of false arrows."""
    for (tier, age), high in MAX_ERRORS.items():
        name = f"{tier}, {age}"
        errors = pool(organizations, "error", tier, age)
        yield Bound(
            f"level: error as a share of the score's, {name}",
            square_root(errors),
            high=high,
        )
        yield Bound(
            f"level: coverage, {name}",
            pool(organizations, "coverage", tier, age),
            low=MIN_COVERAGE,
            high=MAX_COVERAGE,
        )
    for tier, high in MAX_HALF_WIDTHS.items():
        yield Bound(
            f"level: half-width, {tier}",
            pool(organizations, "half-width", tier),
            high=high,
        )
    for kind in ("one wave", "two waves"):
        yield Bound(
            f"arrow: false, {kind}, all cells",
            pool(organizations, "false", kind),
            high=MAX_FALSE,
        )
    for kind in ("false", "false by wave"):
        for cell in list_cells(organizations, kind):
            yield Bound(
                f"arrow: {', '.join(cell)}",
                pool(organizations, *cell),
                high=MAX_CELL_FALSE,
            )
    for cell in list_cells(organizations, "coverage"):
        yield Bound(f"level: {', '.join(cell)}", pool(organizations, *cell))
        error = pool(organizations, "error", *cell[1:])
        yield Bound(f"level: error, {', '.join(cell[1:])}", square_root(error))
        half = pool(organizations, "half-width", *cell[1:])
        yield Bound(f"level: half-width, {', '.join(cell[1:])}", half)


def judge_changes(organizations: Sequence[Sums]) -> Iterator[Bound]:
    """Yield the bounds of true changes that are seen."""
    for labels, low in MIN_SEEN.items():
        yield Bound(
            f"arrow: seen, {', '.join(labels)}",
            pool(organizations, "seen", *labels, CALM),
            low=low,
        )
    for cell in list_cells(organizations, "seen"):
        yield Bound(f"arrow: {', '.join(cell)}", pool(organizations, *cell))
