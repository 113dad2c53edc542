"""Levels and changes of groups, from documents as they were published.

Nothing enters but what a reader can know: scores as they were shown, bands, and the
number of eligible people that charters name. So equal documents give equal levels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from itertools import pairwise
from math import ceil, nan

import numpy as np

from rapport_schemas.enums import Change
from rapport_service.disclosure.bands import (
    participation_band,
    respondents_band,
    usual_size,
)
from rapport_service.disclosure.rounding import (
    CONSTRUCTS,
    Construct,
    coarse_score,
    round_half_up,
    round_outward,
)
from rapport_service.narrative.score_figures import PublishedChange, PublishedLevel
from rapport_service.releases.scoring.figures import Figures
from rapport_service.releases.scoring.trends import ScoredWave
from rapport_service.stats.local_level import (
    ONE_WAVE_FACTOR,
    TWO_WAVES_FACTOR,
    Booleans,
    LevelTrack,
    LevelVariances,
    ShownSeries,
    error_scale,
    fit_level_variances,
    track_large_groups,
    track_levels,
)
from rapport_service.stats.scores import to_points
from rapport_service.stats.sufficient_statistics import Floats

MIN_LEVEL_WAVES = 3
"""Waves in which a group was shown before its level is."""

FORTNIGHT = timedelta(days=14)
FINE_ROUNDING, COARSE_ROUNDING = 1 / 12, 25 / 12
"""Variance of rounding to whole points, and to multiples of 5."""


@dataclass(frozen=True)
class GroupLevel:
    """Level of a group on one construct, and its change in this wave.

    Attributes:
        level: None before its third wave.
        change: of this wave against the level before it; None in its first wave.
        two_wave_change: of the mean of the last two waves against the level before
            them; None before its third wave, or where it was not shown in both.
        mean: the level before rounding, from its first wave on; for comparison.
        variance: of it.
    """

    level: PublishedLevel | None
    change: PublishedChange | None
    two_wave_change: PublishedChange | None
    mean: float
    variance: float


@dataclass(frozen=True)
class OrganizationLevels:
    """Levels of all groups of a release.

    Attributes:
        groups: by group and construct.
        variances: the organization's, by construct, as they are published.
    """

    groups: Mapping[str, Mapping[Construct, GroupLevel]]
    variances: Mapping[Construct, LevelVariances]


def compute_levels(
    now: ScoredWave, past: Sequence[ScoredWave], disjoint: Sequence[str], scale: int
) -> OrganizationLevels:
    """Compute the levels and changes of every group that is released.

    Args:
        now: this wave.
        past: earlier waves with the same instrument, the oldest first.
        disjoint: released groups that share nobody, from which variances and the size
            of past errors are estimated.
        scale: the number of answer options.
    """
    waves, nodes = [*past, now], list(now.figures)
    places = [nodes.index(node) for node in disjoint]
    groups: dict[str, dict[Construct, GroupLevel]] = {node: {} for node in nodes}
    variances: dict[Construct, LevelVariances] = {}
    for name in CONSTRUCTS:
        series = shown_series(waves, nodes, name, scale)
        variances[name] = fit_level_variances(_columns(series, places))
        track = _track(series, variances[name], places)
        of_wave, of_two = _one_wave(series, places), _two_waves(series, places)
        reach = track.interval_reach()
        shown = series.is_shown.sum(axis=0)
        for place, node in enumerate(nodes):
            level = float(track.levels[-1, place])
            groups[node][name] = GroupLevel(
                level=_present_level(level, float(reach[place]))
                if shown[place] >= MIN_LEVEL_WAVES
                else None,
                change=of_wave[place],
                two_wave_change=of_two[place],
                mean=level,
                variance=float(track.variances[-1, place]),
            )
    return OrganizationLevels(groups, variances)


def shown_series(
    waves: Sequence[ScoredWave], nodes: Sequence[str], name: Construct, scale: int
) -> ShownSeries:
    """Return the scores of some groups as their documents showed them."""
    cells = [
        [_shown(wave.figures.get(node), name, scale) for node in nodes]
        for wave in waves
    ]
    shape = (len(waves), len(nodes), 3)
    figures = np.array(cells, dtype=np.float64).reshape(shape)
    scores, people, rounding = np.moveaxis(figures, 2, 0)
    midpoints = [wave.window.midpoint for wave in waves]
    gaps = [(later - earlier) / FORTNIGHT for earlier, later in pairwise(midpoints)]
    return ShownSeries(scores, people, rounding, np.array([0.0, *gaps]))


def _shown(
    figures: Figures | None, name: Construct, scale: int
) -> tuple[float, float, float]:
    """Return score, people and rounding of a group as its document showed them."""
    if figures is None:
        return nan, 1.0, 0.0
    points = to_points(figures.constructs[name].theta, scale)
    n = figures.n["any"]
    people = usual_size(
        respondents_band(n), participation_band(n, figures.eligible), figures.eligible
    )
    if figures.tier == "fine":
        return round_half_up(points), people, FINE_ROUNDING
    score, _ = coarse_score(points)
    return score, people, COARSE_ROUNDING


def _columns(series: ShownSeries, places: Sequence[int]) -> ShownSeries:
    return ShownSeries(
        series.scores[:, places],
        series.people[:, places],
        series.rounding[:, places],
        series.elapsed,
    )


def _one_wave(
    series: ShownSeries, places: Sequence[int]
) -> list[PublishedChange | None]:
    """Compare this wave with the level before it, by what was known before it."""
    waves, groups = series.scores.shape
    if waves < 2:
        return [None] * groups
    errors, spreads = _track_by_past(series, places, 1).one_wave_errors()
    seen = np.asarray(series.is_shown[:-1].any(axis=0))
    scales = _scales(errors[1:-1], spreads[1:-1], places)
    reaches = ONE_WAVE_FACTOR * scales * spreads[-1]
    return _present_changes(errors[-1], reaches, seen)


def _two_waves(
    series: ShownSeries, places: Sequence[int]
) -> list[PublishedChange | None]:
    """Compare the mean of the last two waves with the level before them."""
    waves, groups = series.scores.shape
    if waves < 3:
        return [None] * groups
    errors, spreads = _track_by_past(series, places, 2).two_wave_errors()
    shown = series.is_shown
    seen = np.asarray(shown[:-2].any(axis=0) & shown[-2:].all(axis=0))
    scales = _scales(errors[2:-2], spreads[2:-2], places)
    reaches = TWO_WAVES_FACTOR * scales * spreads[-1]
    return _present_changes(errors[-1], reaches, seen)


def _track(
    series: ShownSeries, variances: LevelVariances, places: Sequence[int]
) -> LevelTrack:
    """Track teams by their own model, and groups of teams by theirs."""
    teams, large = (
        track_levels(series, variances),
        track_large_groups(series, variances),
    )
    is_team = np.isin(np.arange(series.scores.shape[1]), places)
    return LevelTrack(
        *(
            np.where(is_team, getattr(teams, each.name), getattr(large, each.name))
            for each in fields(LevelTrack)
        )
    )


def _track_by_past(
    series: ShownSeries, places: Sequence[int], newest: int
) -> LevelTrack:
    """Track levels by variances that the newest waves did not shape."""
    past = series.until(len(series.scores) - newest)
    return _track(series, fit_level_variances(_columns(past, places)), places)


def _scales(errors: Floats, spreads: Floats, places: Sequence[int]) -> Floats:
    """Return how much larger teams' past errors were; groups of teams know theirs."""
    scales = np.ones(errors.shape[1])
    scales[list(places)] = error_scale(errors[:, places], spreads[:, places])
    return scales


def _present_changes(
    errors: Floats, reaches: Floats, seen: Booleans
) -> list[PublishedChange | None]:
    return [
        _present_change(error, reach) if known else None
        for error, reach, known in zip(
            errors.tolist(), reaches.tolist(), seen.tolist(), strict=True
        )
    ]


def _present_level(level: float, reach: float) -> PublishedLevel:
    shown = min(max(round_half_up(level), 0), 100)
    ends = round_outward(max(level - reach, 0.0), min(level + reach, 100.0))
    return {"score": shown, "interval": ends}


def _present_change(error: float, reach: float) -> PublishedChange:
    direction: Change = "no_clear_change"
    if abs(error) > reach:
        direction = "up" if error > 0 else "down"
    return {"direction": direction, "detectable": ceil(reach)}
