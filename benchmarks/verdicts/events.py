"""Verdicts on events, from simulated published series with a known gain."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from math import ceil

import numpy as np

from benchmarks.simulated_agencies import FIRST_WAVE, FORTNIGHT
from benchmarks.verdicts.bounds import (
    Bound,
    Labels,
    Sums,
    list_cells,
    mean_of_cells,
    pool,
)
from rapport_schemas.enums import Phase
from rapport_service.disclosure.rounding import round_half_up
from rapport_service.stats.event_effect import EventAssessment, SeriesNoise, assess
from rapport_service.stats.noise_model import TeamSeries, fit_noise_model
from rapport_service.stats.segmented_regression import level_design
from rapport_service.stats.sufficient_statistics import Floats
from rapport_service.stats.trend import Point, Window

GAIN = 15.0
PERSON_SD, STABLE_SHARE, TURNOVER, RESPONSE = 24.0, 0.55, 0.03, 0.88
TEAM_SHOCK, TEAM_CORRELATION = 1.8, 0.5
SIZES = (12, 20, 30)
PLACEMENTS = {12: (4, 8), 16: (5, 10), 26: (8, 17)}
"""By the number of waves, the first during and the first after."""

SHOCKS = (
    (0.0, 0.0),
    (2.0, 0.0),
    (2.0, 0.3),
    (2.0, 0.6),
    (3.0, 0.0),
    (3.0, 0.3),
    (3.0, 0.6),
)
"""Standard deviation and correlation of common shocks."""

QUICK_SHOCKS = ((0.0, 0.0), (2.0, 0.3), (3.0, 0.6))
KINDS = ("kept", "lost", "nothing")
GAIN_VERDICTS = frozenset({"accelerated", "sustained", "faded"})
CALM, ROUGH = "sd <= 2", "sd 3"


@dataclass(frozen=True)
class EventCell:
    """Circumstances of simulated organizations around one event.

    Attributes:
        teams: of an organization.
        waves: of a series.
        shock: standard deviation and correlation of common shocks.
        kind: what becomes of the gain.
    """

    teams: int
    waves: int
    shock: tuple[float, float]
    kind: str

    @property
    def effects(self) -> tuple[float, float]:
        """The true gain during and after, in points."""
        return {
            "kept": (GAIN, GAIN),
            "lost": (GAIN, 0.0),
            "nothing": (0.0, 0.0),
        }[self.kind]

    @property
    def labels(self) -> Labels:
        """Labels of what is counted."""
        sd, correlation = self.shock
        return (
            self.kind,
            f"{self.teams} teams",
            f"{self.waves} waves",
            ROUGH if sd > 2 else CALM,
            f"sd {sd:g}, rho {correlation:g}",
        )


def list_cells_of(shocks: Sequence[tuple[float, float]]) -> list[EventCell]:
    """Every cell: with enough teams for the noise model, and with too few."""
    cells = [EventCell(*cell) for cell in product((24, 6), PLACEMENTS, shocks, KINDS)]
    return [*cells, *PLACEBO_CELLS]


PLACEBO_CELLS = [
    EventCell(2, waves, (0.0, 0.0), kind) for waves in (16, 26) for kind in KINDS
]
"""Cells with fewer than three complete teams, where placebo dates decide."""


def simulate(cell: EventCell, rng: np.random.Generator) -> Sums:
    """Draw one organization and assess its event, team by team and as a whole."""
    teams, root = _draw_series(cell, rng)
    return assess_teams(cell, teams, root)


def assess_teams(
    cell: EventCell, teams: Sequence[TeamSeries], root: TeamSeries
) -> Sums:
    """Assess an event from the published series of teams and of their organization."""
    start, end = PLACEMENTS[cell.waves]
    phases: list[Phase] = [
        "before" if t < start else "during" if t < end else "after"
        for t in range(cell.waves)
    ]
    model = fit_noise_model(level_design(cell.waves, start, end), teams, root)
    numbers = range(cell.waves)
    sums = Sums()
    for team in teams:
        noise = None if model is None else SeriesNoise(model, numbers, team.se2)
        points = _points(team.scores, ceil(team.se2**0.5))
        assessment = assess(points, phases, noise, is_over=True)
        _note_verdict(sums, cell, "team", assessment)
        _note_coverage(sums, cell, assessment)
    if model is not None:
        noise = SeriesNoise(model, numbers, None)
        whole = assess(
            _points(root.scores, ceil(root.se2**0.5)), phases, noise, is_over=True
        )
        assert whole.contrasts is not None
        gain = whole.contrasts.accel.interval
        _note_verdict(sums, cell, "root", whole)
        is_covered = gain.low <= cell.effects[0] <= gain.high
        sums.note(("root covered", *cell.labels), is_covered)
        sums.note(("root width", *cell.labels), gain.high - gain.low)
    return sums


def _note_verdict(
    sums: Sums, cell: EventCell, group: str, assessment: EventAssessment
) -> None:
    for verdict in ("sustained", "faded"):
        labels = (f"{group} {verdict}", *cell.labels)
        sums.note(labels, assessment.verdict == verdict)
    sums.note((f"{group} any gain", *cell.labels), assessment.verdict in GAIN_VERDICTS)


def _note_coverage(sums: Sums, cell: EventCell, assessment: EventAssessment) -> None:
    during, after = cell.effects
    known = assessment.contrasts
    if known is None or known.sustain is None or known.fade is None:
        return
    for name, contrast, truth in (
        ("gain", known.accel, during),
        ("what is kept", known.sustain, after),
        ("what is lost", known.fade, after - during),
    ):
        interval = contrast.interval
        is_covered = interval.low <= truth <= interval.high
        sums.note((f"coverage of {name}", *cell.labels), is_covered)


def _draw_series(
    cell: EventCell, rng: np.random.Generator
) -> tuple[list[TeamSeries], TeamSeries]:
    """Draw every team's published scores, and the organization's."""
    start, end = PLACEMENTS[cell.waves]
    during, after = cell.effects
    order = np.arange(cell.waves)
    effect = np.where(order < start, 0.0, np.where(order < end, during, after))
    moved = effect + _draw_walk(cell.waves, *cell.shock, rng)
    sizes = [SIZES[number % len(SIZES)] for number in range(cell.teams)]
    teams, totals, counts = [], np.zeros(cell.waves), np.zeros(cell.waves)
    for size in sizes:
        own = _draw_walk(cell.waves, TEAM_SHOCK, TEAM_CORRELATION, rng)
        team, sums, people = _draw_team(size, rng.normal(60, 5) + moved + own, rng)
        teams.append(team)
        totals += sums
        counts += people
    root = np.array([round_half_up(value) for value in totals / counts], dtype=float)
    se2 = sum((team.eligible / sum(sizes)) ** 2 * team.se2 for team in teams)
    return teams, TeamSeries(root, ceil(se2**0.5) ** 2, sum(sizes))


def _draw_walk(
    waves: int, sd: float, correlation: float, rng: np.random.Generator
) -> Floats:
    """Draw a stationary AR(1) of this standard deviation."""
    walk = np.empty(waves)
    walk[0] = rng.normal(0, 1) * sd
    fresh = sd * np.sqrt(1 - correlation**2)
    for t in range(1, waves):
        walk[t] = correlation * walk[t - 1] + fresh * rng.normal()
    return walk


def _draw_team(
    size: int, level: Floats, rng: np.random.Generator
) -> tuple[TeamSeries, Floats, Floats]:
    """Draw a team's published scores, and sums and counts of its answers by wave."""
    lasting = PERSON_SD * np.sqrt(STABLE_SHARE)
    passing = PERSON_SD * np.sqrt(1 - STABLE_SHARE)
    stable = rng.normal(0, lasting, size)
    scores, squares = np.empty(len(level)), np.empty(len(level))
    sums, counts = np.empty(len(level)), np.empty(len(level))
    for t, middle in enumerate(level):
        left = rng.random(size) < TURNOVER
        stable[left] = rng.normal(0, lasting, int(left.sum()))
        here = rng.random(size) < RESPONSE
        here[:5] |= here.sum() < 5
        answers = middle + stable[here] + rng.normal(0, passing, int(here.sum()))
        scores[t] = round_half_up(float(answers.mean()))
        squares[t] = ceil(float(answers.std(ddof=1) / np.sqrt(len(answers)))) ** 2
        sums[t], counts[t] = answers.sum(), len(answers)
    return TeamSeries(scores, float(squares.mean()), size), sums, counts


def _points(scores: Floats, se: float) -> list[Point]:
    return [
        Point(
            Window(
                FIRST_WAVE + t * FORTNIGHT,
                FIRST_WAVE + t * FORTNIGHT + timedelta(days=7),
            ),
            score,
            se,
        )
        for t, score in enumerate(scores.tolist())
    ]


KEPT = {CALM: {12: 0.87, 16: 0.91, 26: 0.94}, ROUGH: {12: 0.79, 16: 0.85, 26: 0.91}}
LOST = {CALM: 0.87, ROUGH: 0.83}
MISTAKEN = {
    CALM: {12: 0.03, 16: 0.03, 26: 0.03},
    ROUGH: {12: 0.05, 16: 0.04, 26: 0.04},
}
MAX_FALSE_GAIN = 0.05
COVERAGES = {
    "coverage of gain": (0.92, 0.985),
    "coverage of what is kept": (0.91, 0.99),
    "coverage of what is lost": (0.91, 0.99),
}
MIN_MEAN_COVERAGE, MAX_MEAN_COVERAGE = 0.94, 0.975
MIN_ROOT_KEPT, MIN_ROOT_LOST, MIN_ROOT_COVERAGE = 0.95, 0.90, 0.90
ROOT_WIDTHS = {12: 16.0, 16: 15.0, 26: 13.0}
MIN_PLACEBO_KEPT = {16: 0.35, 26: 0.6}
"""Of teams whose noise cannot be estimated."""


def judge(organizations: Sequence[Sums]) -> Iterator[Bound]:
    """Yield every bound on events."""
    few = [own for own in organizations if any("2 teams" in cell for cell in own)]
    enough = [own for own in organizations if own not in few]
    yield from _team_bounds(enough)
    yield from _coverage_bounds(enough)
    yield from _root_bounds(enough)
    yield from _placebo_bounds(few)


def _team_bounds(organizations: Sequence[Sums]) -> Iterator[Bound]:
    for shock, waves in product(KEPT, PLACEMENTS):
        world = (f"{waves} waves", shock)
        yield Bound(
            f"kept 15 -> sustained, {', '.join(world)}",
            pool(organizations, "team sustained", "kept", *world),
            low=KEPT[shock][waves],
        )
        yield Bound(
            f"lost 15 called sustained, {', '.join(world)}",
            pool(organizations, "team sustained", "lost", *world),
            high=MISTAKEN[shock][waves],
        )
        yield Bound(
            f"lost 15 -> faded, {', '.join(world)}",
            pool(organizations, "team faded", "lost", *world),
            low=LOST[shock] if waves == 16 else None,
        )
    for verdict, kind in (
        ("sustained", "kept"),
        ("sustained", "lost"),
        ("faded", "lost"),
    ):
        for cell in list_cells(organizations, f"team {verdict}", kind):
            yield Bound(_name(f"-> {verdict}", cell), pool(organizations, *cell))
    for cell in list_cells(organizations, "team any gain", "nothing"):
        yield Bound(
            _name("called any gain", cell),
            pool(organizations, *cell),
            high=MAX_FALSE_GAIN,
        )


def _coverage_bounds(organizations: Sequence[Sums]) -> Iterator[Bound]:
    for name, (low, high) in COVERAGES.items():
        cells = list_cells(organizations, name)
        measured = [pool(organizations, *cell) for cell in cells]
        for cell, figure in zip(cells, measured, strict=True):
            yield Bound(_name(name, cell), figure, low=low, high=high)
        yield Bound(
            f"{name}, mean over cells",
            mean_of_cells(measured),
            low=MIN_MEAN_COVERAGE,
            high=MAX_MEAN_COVERAGE,
        )


def _root_bounds(organizations: Sequence[Sums]) -> Iterator[Bound]:
    for kind, verdict, low in (
        ("kept", "sustained", MIN_ROOT_KEPT),
        ("lost", "faded", MIN_ROOT_LOST),
    ):
        group = f"root {verdict}"
        yield Bound(
            f"root: {kind} 15 -> {verdict}",
            pool(organizations, group, kind),
            low=low,
        )
        for cell in list_cells(organizations, group, kind):
            yield Bound(_name(f"root -> {verdict}", cell), pool(organizations, *cell))
    for cell in list_cells(organizations, "root covered"):
        yield Bound(
            _name("root: coverage of gain", cell),
            pool(organizations, *cell),
            low=MIN_ROOT_COVERAGE,
        )
    for waves, high in ROOT_WIDTHS.items():
        yield Bound(
            f"root: width of gain, {waves} waves",
            pool(organizations, "root width", f"{waves} waves"),
            high=high,
        )


def _placebo_bounds(organizations: Sequence[Sums]) -> Iterator[Bound]:
    for waves, low in MIN_PLACEBO_KEPT.items():
        yield Bound(
            f"kept 15 -> sustained by placebo dates, {waves} waves",
            pool(organizations, "team sustained", "kept", f"{waves} waves"),
            low=low,
        )
        yield Bound(
            f"nothing called any gain by placebo dates, {waves} waves",
            pool(organizations, "team any gain", "nothing", f"{waves} waves"),
            high=MAX_FALSE_GAIN,
        )


def _name(what: str, cell: Labels) -> str:
    _, kind, teams, waves, _, shock = cell
    return f"{what}, {kind}, {teams}, {waves}, {shock}"
