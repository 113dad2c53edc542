"""Section on events: verdicts and intervals of simulated series with a known gain."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from math import ceil, nan

import numpy as np

from benchmarks.simulated_agencies import FIRST_WAVE, FORTNIGHT
from benchmarks.verdicts.bounds import Bound, Measured, clustered_share, mean
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

SHOCKS = ((0.0, 0.0), (2.0, 0.0), (2.0, 0.3), (2.0, 0.6), (3.0, 0.3), (3.0, 0.6))
"""Standard deviation and correlation of common shocks."""

QUICK_SHOCKS = ((0.0, 0.0), (2.0, 0.3), (3.0, 0.6))
KINDS = ("kept", "lost", "nothing")
GAIN_VERDICTS = frozenset({"accelerated", "sustained", "faded"})


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


@dataclass
class EventOutcome:
    """Outcome of one organization.

    Attributes:
        verdicts: of its teams.
        root: its own verdict; None where noise is not known.
        covered: by contrast, whether the interval held the truth, of each team.
        root_covered: whether the interval of the organization's gain did.
        root_width: of that interval.
    """

    verdicts: list[str] = field(default_factory=list)
    root: str | None = None
    covered: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    root_covered: bool = False
    root_width: float = nan


def simulate_event(cell: EventCell, rng: np.random.Generator) -> EventOutcome:
    """Draw one organization and assess its event, team by team and as a whole."""
    start, end = PLACEMENTS[cell.waves]
    phases: list[Phase] = [
        "before" if t < start else "during" if t < end else "after"
        for t in range(cell.waves)
    ]
    teams, root = _draw_series(cell, rng)
    model = fit_noise_model(
        level_design(cell.waves, start, end),
        [TeamSeries(team.scores, team.se2, team.eligible) for team in teams],
        root,
    )
    numbers = range(cell.waves)
    outcome = EventOutcome()
    for team in teams:
        noise = None if model is None else SeriesNoise(model, numbers, team.se2)
        points = _points(team.scores, ceil(team.se2**0.5))
        assessment = assess(points, phases, noise, is_over=True)
        outcome.verdicts.append(assessment.verdict)
        _note_coverage(outcome, cell, assessment)
    if model is not None:
        whole = assess(
            _points(root, 1), phases, SeriesNoise(model, numbers, None), is_over=True
        )
        assert whole.contrasts is not None
        gain = whole.contrasts.accel.interval
        outcome.root = whole.verdict
        outcome.root_covered = gain.low <= cell.effects[0] <= gain.high
        outcome.root_width = gain.high - gain.low
    return outcome


def _note_coverage(
    outcome: EventOutcome, cell: EventCell, assessment: EventAssessment
) -> None:
    during, after = cell.effects
    known = assessment.contrasts
    if known is None or known.sustain is None or known.fade is None:
        return
    for name, contrast, truth in (
        ("gain", known.accel, during),
        ("kept", known.sustain, after),
        ("lost", known.fade, after - during),
    ):
        interval = contrast.interval
        outcome.covered[name].append(interval.low <= truth <= interval.high)


def _draw_series(
    cell: EventCell, rng: np.random.Generator
) -> tuple[list[TeamSeries], Floats]:
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
    return teams, root


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


Outcomes = dict[EventCell, list[EventOutcome]]


def list_cells(shocks: Sequence[tuple[float, float]]) -> list[EventCell]:
    """Every cell with enough teams for the noise model."""
    return [EventCell(*cell) for cell in product((24, 6), PLACEMENTS, shocks, KINDS)]


PLACEBO_CELLS = [EventCell(2, waves, (0.0, 0.0), "kept") for waves in (16, 26)]
"""Cells with fewer than three complete teams, where placebo dates decide."""


def judge(outcomes: Outcomes) -> Iterator[Bound]:
    """Yield every bound of the section on events."""
    yield from _verdict_bounds(outcomes)
    yield from _coverage_bounds(outcomes)
    yield from _root_bounds(outcomes)
    for cell in PLACEBO_CELLS:
        if cell in outcomes:
            yield Bound(
                f"kept 15 -> sustained by placebo dates, {cell.waves} waves",
                _share_of(outcomes[cell], {"sustained"}),
                low={16: 0.35, 26: 0.6}[cell.waves],
            )


def _share_of(outcomes: Sequence[EventOutcome], verdicts: set[str]) -> Measured:
    return clustered_share(
        [verdict in verdicts for verdict in outcome.verdicts] for outcome in outcomes
    )


def _pool(
    outcomes: Outcomes, waves: int, kind: str, *, is_rough: bool
) -> list[EventOutcome]:
    """Outcomes of the cells of a kind, with shocks of 3 points or of at most 2."""
    return [
        outcome
        for cell, listed in outcomes.items()
        if cell.teams >= 3
        and (cell.waves, cell.kind) == (waves, kind)
        and (cell.shock[0] > 2) == is_rough
        for outcome in listed
    ]


KEPT = {False: {12: 0.87, 16: 0.91, 26: 0.94}, True: {12: 0.79, 16: 0.85, 26: 0.91}}
LOST = {False: 0.87, True: 0.83}
MISTAKEN = {False: {12: 0.03, 16: 0.03, 26: 0.03}, True: {12: 0.05, 16: 0.04, 26: 0.04}}


def _verdict_bounds(outcomes: Outcomes) -> Iterator[Bound]:
    for is_rough, waves in product((False, True), PLACEMENTS):
        world = f"{waves} waves, sd {'3' if is_rough else '<= 2'}"
        kept = _pool(outcomes, waves, "kept", is_rough=is_rough)
        lost = _pool(outcomes, waves, "lost", is_rough=is_rough)
        if not kept:
            continue
        yield Bound(
            f"kept 15 -> sustained, {world}",
            _share_of(kept, {"sustained"}),
            low=KEPT[is_rough][waves],
        )
        yield Bound(
            f"lost 15 called sustained, {world}",
            _share_of(lost, {"sustained"}),
            high=MISTAKEN[is_rough][waves],
        )
        if waves == 16:
            yield Bound(
                f"lost 15 -> faded, {world}",
                _share_of(lost, {"faded"}),
                low=LOST[is_rough],
            )
    for cell, listed in outcomes.items():
        if cell.kind == "nothing" and cell.teams >= 3:
            yield Bound(
                f"nothing called any gain, {_name(cell)}",
                _share_of(listed, set(GAIN_VERDICTS)),
                high=0.05,
            )


def _coverage_bounds(outcomes: Outcomes) -> Iterator[Bound]:
    ranges = {"gain": (0.92, 0.985), "kept": (0.91, 0.99), "lost": (0.91, 0.99)}
    by_contrast: dict[str, list[list[bool]]] = defaultdict(list)
    for cell, listed in outcomes.items():
        if cell.teams < 3:
            continue
        for name, (low, high) in ranges.items():
            clusters = [outcome.covered[name] for outcome in listed]
            by_contrast[name] += clusters
            yield Bound(
                f"coverage of {name}, {_name(cell)}",
                clustered_share(clusters),
                low=low,
                high=high,
            )
    for name, clusters in by_contrast.items():
        yield Bound(
            f"coverage of {name}, all cells",
            clustered_share(clusters),
            low=0.94,
            high=0.975,
        )


def _root_bounds(outcomes: Outcomes) -> Iterator[Bound]:
    whole = {cell: each for cell, each in outcomes.items() if cell.teams >= 3}
    for kind, verdict, low in (("kept", "sustained", 0.95), ("lost", "faded", 0.90)):
        clusters = [
            [outcome.root == verdict]
            for cell, listed in whole.items()
            if cell.kind == kind
            for outcome in listed
        ]
        yield Bound(f"root: {kind} 15 -> {verdict}", clustered_share(clusters), low=low)
    for cell, listed in whole.items():
        yield Bound(
            f"root: coverage of gain, {_name(cell)}",
            clustered_share([outcome.root_covered] for outcome in listed),
            low=0.90,
        )
    for waves, high in ((12, 16.0), (16, 15.0), (26, 13.0)):
        widths = [
            outcome.root_width
            for cell, listed in whole.items()
            if cell.waves == waves
            for outcome in listed
        ]
        yield Bound(f"root: width of gain, {waves} waves", mean(widths), high=high)


def _name(cell: EventCell) -> str:
    sd, correlation = cell.shock
    return (
        f"{cell.kind}, {cell.teams} teams, {cell.waves} waves, sd {sd:g}, "
        f"rho {correlation:g}"
    )
