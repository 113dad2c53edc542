"""Sections on intervals, levels, arrows and trends, through the real scoring."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.simulated_agencies import SHAPES, World
from benchmarks.verdicts.bounds import Bound, Measured, clustered_share, ratio
from benchmarks.verdicts.shown import (
    ROOT_NODE,
    SCALE,
    ShownWave,
    simulate_waves,
    team_name,
)
from rapport_service.disclosure.rounding import CONSTRUCTS, Construct
from rapport_service.releases.scoring.levels import (
    GroupLevel,
    compute_levels,
    shown_series,
)
from rapport_service.releases.scoring.presentation import (
    Comparisons,
    present,
)
from rapport_service.releases.scoring.trends import ScoredWave, compute_trends

SHOCKS = ((0.0, 0.0), (2.0, 0.3), (3.0, 0.6))
LEVEL_WAVES = (4, 6, 9, 13, 17)
"""Numbers of the waves whose levels are judged, from 0."""

FALSE_WAVES = (3, 6, 10, 15)
WAVES = 20
FINE_GAIN, COARSE_GAIN = 12.0, 15.0
FINE_SIZE, COARSE_SIZE = 20, 8
TREND_WAVES, TREND_SLOPE = 20, 3.0
INTERVAL_SIZES = ([8] * 9, [20] * 16, [12, 20, 30] * 8, [7] * 10 + [20] * 6)

Pairs = list[tuple[float, float]]
Cell = tuple[str, ...]

MIN_TEAMS = 400
"""Teams that a cell needs before its coverage is judged."""

NO_LEVELS = dict.fromkeys(CONSTRUCTS, GroupLevel(None, None, None, 0.0, 0.0))


@dataclass
class ScoreTally:
    """Sums over simulated organizations, one pair or list an organization.

    Attributes:
        covered: by kind of interval and cell, whether it held the truth.
        widths: by kind of interval and cell, widths and errors of the score.
        errors: by tier and age, squared errors of level and of score, and half-widths.
        level_covered: by tier and age, whether the level's interval held the truth.
        false: by cell, whether a change was called without any.
        seen: by kind of change, whether it was called.
        false_trends: whether any trend is called where there is none.
        trends_seen: whether true trends are called.
    """

    covered: dict[tuple[str, ...], list[list[bool]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    widths: dict[tuple[str, ...], Pairs] = field(
        default_factory=lambda: defaultdict(list)
    )
    errors: dict[tuple[str, str], list[tuple[float, float, float, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    level_covered: dict[tuple[str, str], list[list[bool]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    false: dict[tuple[str, ...], list[list[bool]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    seen: dict[str, list[list[bool]]] = field(default_factory=lambda: defaultdict(list))
    false_trends: list[list[bool]] = field(default_factory=list)
    trends_seen: list[list[bool]] = field(default_factory=list)

    def add(self, other: "ScoreTally") -> None:
        """Adds another process's tally."""
        for name in ("covered", "widths", "errors", "level_covered", "false", "seen"):
            for key, values in getattr(other, name).items():
                getattr(self, name)[key] += values
        self.false_trends += other.false_trends
        self.trends_seen += other.trends_seen


def tally_intervals(tally: ScoreTally, number: int, rng: np.random.Generator) -> None:
    """Note the intervals of one organization's waves."""
    response = (0.6, 0.75, 0.88)[number // 5 % 3]
    sizes = INTERVAL_SIZES[number % len(INTERVAL_SIZES)]
    world = World(sizes, SHAPES[number % len(SHAPES)], response)
    hits: dict[tuple[str, ...], list[bool]] = defaultdict(list)
    widths: dict[tuple[str, ...], Pairs] = defaultdict(list)
    for wave in simulate_waves(world, 3, rng):
        for place, size in enumerate(sizes):
            for name, tier, low, high, score in _intervals(wave, place):
                truth = float(wave.truth[name][place])
                cell: Cell = (tier, name, f"N {size}", f"response {response:.0%}")
                hits[cell].append(low <= truth <= high)
                widths[cell].append((high - low, abs(score - truth)))
    for cell, listed in hits.items():
        tally.covered[cell].append(listed)
        tally.widths[cell] += widths[cell]


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


def tally_levels(tally: ScoreTally, number: int, rng: np.random.Generator) -> None:
    """Note levels, and arrows without a change, of one organization."""
    sizes = ([12, 20, 30] * 8, [12, 20, 30] * 2, [8, 7, 9, 20] * 5)[number % 3]
    shock = SHOCKS[number // 3 % len(SHOCKS)]
    world = World(
        sizes, SHAPES[number % 5], shock_sd=shock[0], shock_correlation=shock[1]
    )
    waves = list(simulate_waves(world, WAVES, rng))
    for at in sorted({*LEVEL_WAVES, *FALSE_WAVES}):
        _note_levels(tally, waves, at, sizes, shock)


def _note_levels(
    tally: ScoreTally,
    waves: Sequence[ShownWave],
    at: int,
    sizes: Sequence[int],
    shock: tuple[float, float],
) -> None:
    now, past = waves[at].scored, [wave.scored for wave in waves[:at]]
    teams = [node for node in now.figures if node != ROOT_NODE]
    levels = compute_levels(now, past, teams, SCALE)
    age = "8 and more" if at >= 7 else "3 to 7"
    false: dict[tuple[str, ...], list[bool]] = defaultdict(list)
    for name in CONSTRUCTS:
        around = waves[max(at - 2, 0) : at + 3]
        truths = np.mean([wave.truth[name] for wave in around], axis=0)
        for place in range(len(sizes)):
            node = team_name(place)
            if node not in now.figures:
                continue
            own, tier = levels.groups[node][name], now.figures[node].tier
            score = float(shown_series([now], [node], name, SCALE).scores[0, 0])
            if at in LEVEL_WAVES and own.level is not None:
                ends, truth = own.level["interval"], float(truths[place])
                tally.errors[tier, age].append(
                    (
                        (own.level["score"] - truth) ** 2,
                        (score - truth) ** 2,
                        (ends["high"] - ends["low"]) / 2,
                        1,
                    )
                )
                tally.level_covered[tier, age].append(
                    [ends["low"] <= truth <= ends["high"]]
                )
            for kind, change in (("one", own.change), ("two", own.two_wave_change)):
                if at in FALSE_WAVES and change is not None:
                    where = tier, kind, name, f"sd {shock[0]:g}"
                    false[where].append(change["direction"] != "no_clear_change")
    for cell, hits in false.items():
        tally.false[cell].append(hits)


def tally_changes(tally: ScoreTally, number: int, rng: np.random.Generator) -> None:
    """Note whether a true change of everybody is seen, in fine and coarse teams."""
    shock = SHOCKS[number % len(SHOCKS)]
    before = (6, 9, 12)[number // 3 % 3]
    for size, gain in ((FINE_SIZE, FINE_GAIN), (COARSE_SIZE, COARSE_GAIN)):
        world = World(
            [size] * 20,
            SHAPES[number % len(SHAPES)],
            shock_sd=shock[0],
            shock_correlation=shock[1],
            effect=[0.0] * before + [gain] * 2,
        )
        waves = [wave.scored for wave in simulate_waves(world, before + 2, rng)]
        kinds = {"one": waves[: before + 1], "two": waves}
        if size == FINE_SIZE:
            del kinds["two"]
        for kind, listed in kinds.items():
            _note_changes(tally, listed, kind)


def _note_changes(tally: ScoreTally, waves: Sequence[ScoredWave], kind: str) -> None:
    *past, now = waves
    teams = [node for node in now.figures if node != ROOT_NODE]
    levels = compute_levels(now, past, teams, SCALE)
    for name in CONSTRUCTS:
        hits: dict[str, list[bool]] = defaultdict(list)
        for node in teams:
            own = levels.groups[node][name]
            change = own.change if kind == "one" else own.two_wave_change
            if change is not None:
                part = "overall" if name == "overall" else "a construct"
                hits[f"{now.figures[node].tier}, {kind}, {part}"].append(
                    change["direction"] == "up"
                )
        for cell, listed in hits.items():
            tally.seen[cell].append(listed)


def tally_trends(tally: ScoreTally, number: int, rng: np.random.Generator) -> None:
    """Note trends that are called without any, and a true one that is seen."""
    shock = ((0.0, 0.0), (2.0, 0.3), (3.0, 0.3), (3.0, 0.6))[number % 4]
    for slope in (0.0, TREND_SLOPE):
        world = World(
            [12, 20, 30] * 4,
            SHAPES[number % len(SHAPES)],
            shock_sd=shock[0],
            shock_correlation=shock[1],
            effect=[slope / 2 * (t - TREND_WAVES / 2) for t in range(TREND_WAVES)],
        )
        waves = [wave.scored for wave in simulate_waves(world, TREND_WAVES, rng)]
        teams = [team_name(place) for place in range(len(world.sizes))]
        complete = [node for node in teams if all(wave.is_fine(node) for wave in waves)]
        if slope:
            seen = _called(waves, complete, is_rising=True)
            tally.trends_seen.append([hit for hits in seen.values() for hit in hits])
            continue
        for count in (13, 16, 20):
            for called in _called(waves[:count], complete, is_rising=False).values():
                tally.false_trends.append([any(called)])


def _called(
    waves: Sequence[ScoredWave], teams: Sequence[str], *, is_rising: bool
) -> dict[Construct, list[bool]]:
    """Whether a trend is called, of each team, by construct."""
    *past, now = waves
    trends = compute_trends(now, past, ROOT_NODE, teams, SCALE)
    wanted = {"rising"} if is_rising else {"rising", "falling"}
    return {
        name: [
            trends[node][name]["direction"] in wanted
            for node in teams
            if node in trends
        ]
        for name in CONSTRUCTS
    }


def judge(tally: ScoreTally) -> Iterator[Bound]:
    """Yield every bound of these sections."""
    yield from _interval_bounds(tally)
    yield from _level_bounds(tally)
    yield from _change_bounds(tally)
    if tally.false_trends:
        yield Bound(
            "trends: any called in an organization without one, from 13 waves on",
            clustered_share(tally.false_trends),
            high=0.06,
        )
        yield Bound(
            "trends: 3 points in four weeks seen at 20 waves",
            clustered_share(tally.trends_seen),
            low=0.90,
        )


def _interval_bounds(tally: ScoreTally) -> Iterator[Bound]:
    for tier, max_width in (("fine", 1.30), ("coarse", 1.45)):
        cells = [cell for cell in tally.covered if cell[0] == tier]
        for name in CONSTRUCTS:
            own = [cell for cell in cells if cell[1] == name]
            if not own:
                continue
            for cell in own:
                if sum(map(len, tally.covered[cell])) >= MIN_TEAMS:
                    yield Bound(
                        f"interval: coverage, {', '.join(cell)}",
                        clustered_share(tally.covered[cell]),
                        low=0.93,
                    )
            yield Bound(
                f"interval: coverage, {tier}, {name}",
                clustered_share(hits for cell in own for hits in tally.covered[cell]),
                low=0.95,
            )
            widths = [
                pair
                for cell in own
                if len(tally.widths[cell]) >= MIN_TEAMS
                for pair in _relative_widths(tally.widths[cell])
            ]
            if widths:
                yield Bound(
                    f"interval: width over what is needed, {tier}, {name}",
                    ratio(widths),
                    high=max_width,
                )


def _relative_widths(pairs: Pairs) -> Iterator[tuple[float, float]]:
    """Yield each width, and the width that would do in its cell."""
    needed = 2 * float(np.quantile([error for _, error in pairs], 0.95))
    for width, _ in pairs:
        yield width / needed, 1.0


def _level_bounds(tally: ScoreTally) -> Iterator[Bound]:
    max_error = {
        ("fine", "8 and more"): 0.57,
        ("coarse", "8 and more"): 0.55,
        ("fine", "3 to 7"): 0.65,
        ("coarse", "3 to 7"): 0.65,
    }
    for key, rows in tally.errors.items():
        name = f"{key[0]}, {key[1]} waves"
        squares = ratio([(level, score) for level, score, _, _ in rows])
        root = squares.value**0.5
        yield Bound(
            f"level: error as a share of the score's, {name}",
            Measured(root, squares.error / (2 * root)),
            high=max_error[key],
        )
        yield Bound(
            f"level: coverage, {name}",
            clustered_share(tally.level_covered[key]),
            low=0.93,
            high=0.99,
        )
    for tier, half in (("fine", 5.5), ("coarse", 7.5)):
        halves = [
            (row[2], 1.0)
            for key, rows in tally.errors.items()
            if key[0] == tier
            for row in rows
        ]
        if halves:
            yield Bound(f"level: half-width, {tier}", ratio(halves), high=half)


def _change_bounds(tally: ScoreTally) -> Iterator[Bound]:
    for kind in ("one", "two"):
        cells = {cell: each for cell, each in tally.false.items() if cell[1] == kind}
        if not cells:
            continue
        yield Bound(
            f"arrow: false, {kind}, all cells",
            clustered_share(hits for listed in cells.values() for hits in listed),
            high=0.05,
        )
        for cell, listed in sorted(cells.items()):
            yield Bound(
                f"arrow: false, {', '.join(cell)}", clustered_share(listed), high=0.065
            )
    for kind, low in SEEN.items():
        if kind in tally.seen:
            yield Bound(f"arrow: seen, {kind}", clustered_share(tally.seen[kind]), low)


SEEN = {
    "fine, one, overall": 0.65,
    "fine, one, a construct": 0.52,
    "coarse, one, overall": 0.35,
    "coarse, one, a construct": 0.24,
    "coarse, two, overall": 0.55,
    "coarse, two, a construct": 0.43,
}
"""Least share of true changes that are seen: 12 points of fine teams of 20 people, 15
of coarse ones of 8."""
