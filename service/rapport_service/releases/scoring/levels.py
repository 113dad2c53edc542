"""Levels and changes of groups, from documents as they were published.

Nothing enters but what a reader can know: scores as they were shown, bands, the number
of eligible people that charters name, and what releases publish of the organization's
variances. So equal documents give equal levels.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
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
from rapport_service.stats.large_group_level import track_large_groups
from rapport_service.stats.local_level import (
    ONE_WAVE_FACTOR,
    TWO_WAVES_FACTOR,
    USUAL_SCALE,
    USUAL_VARIANCES,
    Booleans,
    LevelTrack,
    LevelVariances,
    ShownSeries,
    error_scale,
    fit_level_variances,
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
        change: of this wave against the level before it; None before its third wave.
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
    published: dict[Construct, LevelVariances] = {}
    for name in CONSTRUCTS:
        series = shown_series(waves, nodes, name, scale)
        variances = fit_level_variances(series.of_groups(places))
        before, earlier = (_published_by(past, back, name) for back in (1, 2))
        track = _track(series, variances, places)
        of_wave, change_scale = _one_wave(series, before, places)
        of_two, two_wave_scale = _two_waves(series, earlier, places)
        published[name] = replace(
            variances, change_scale=change_scale, two_wave_change_scale=two_wave_scale
        )
        lows, highs = _interval_ends(series, variances, places)
        shown = series.is_shown.sum(axis=0)
        for place, node in enumerate(nodes):
            level = float(track.levels[-1, place])
            is_old = shown[place] >= MIN_LEVEL_WAVES
            groups[node][name] = GroupLevel(
                level=_present_level(level, float(lows[place]), float(highs[place]))
                if is_old
                else None,
                change=of_wave[place] if is_old else None,
                two_wave_change=of_two[place],
                mean=level,
                variance=float(track.variances[-1, place]),
            )
    return OrganizationLevels(groups, published)


def dump_level_variances(variances: Mapping[Construct, LevelVariances]) -> str:
    """Return what a release publishes of its levels, as JSON."""
    return json.dumps({name: asdict(own) for name, own in variances.items()})


def load_level_variances(text: str) -> dict[Construct, LevelVariances]:
    """Return what a release has published of its levels, by construct."""
    return {name: LevelVariances(**own) for name, own in json.loads(text).items()}


def _published_by(
    past: Sequence[ScoredWave], back: int, name: Construct
) -> LevelVariances:
    """Return the variances that so many releases ago were published."""
    if len(past) < back:
        return USUAL_VARIANCES
    return past[-back].level_variances.get(name, USUAL_VARIANCES)


def shown_series(
    waves: Sequence[ScoredWave], nodes: Sequence[str], name: Construct, scale: int
) -> ShownSeries:
    """Return the scores of some groups as their documents showed them."""
    cells = [
        [_shown(wave.figures.get(node), name, scale) for node in nodes]
        for wave in waves
    ]
    shape = (len(waves), len(nodes), 5)
    figures = np.array(cells, dtype=np.float64).reshape(shape)
    scores, lowest, highest, people, rounding = np.moveaxis(figures, 2, 0)
    midpoints = [wave.window.midpoint for wave in waves]
    gaps = [(later - earlier) / FORTNIGHT for earlier, later in pairwise(midpoints)]
    elapsed = np.array([0.0, *gaps])
    return ShownSeries(scores, lowest, highest, people, rounding, elapsed)


def _shown(figures: Figures | None, name: Construct, scale: int) -> tuple[float, ...]:
    """Return score, its least and greatest meaning, people and rounding, as shown."""
    if figures is None:
        return nan, nan, nan, 1.0, 0.0
    points = to_points(figures.constructs[name].theta, scale)
    n = figures.n["any"]
    people = usual_size(
        respondents_band(n), participation_band(n, figures.eligible), figures.eligible
    )
    if figures.tier == "fine":
        score = round_half_up(points)
        return score, score, score, people, FINE_ROUNDING
    score, bound = coarse_score(points)
    lowest = 0 if bound == "at_most" else score
    highest = 100 if bound == "at_least" else score
    return score, lowest, highest, people, COARSE_ROUNDING


def _one_wave(
    series: ShownSeries, variances: LevelVariances, places: Sequence[int]
) -> tuple[list[PublishedChange | None], float]:
    """Compare this wave with the level before it, by what was published before it.

    Returns:
        The change of each group, and the size of past errors.
    """
    groups = series.scores.shape[1]
    if len(series.scores) < 2:
        return [None] * groups, USUAL_SCALE
    errors, spreads = _track(series, variances, places).one_wave_errors()
    seen = np.asarray(series.is_shown[:-1].any(axis=0))
    past = series.of_groups(places).is_fitted[1:-1]
    scale = error_scale(errors[1:-1][past][:, places], spreads[1:-1][past][:, places])
    reaches = ONE_WAVE_FACTOR * _scales(scale, groups, places) * spreads[-1]
    rises, falls = (
        track.one_wave_errors()[0][-1]
        for track in _extreme_tracks(series, variances, places)
    )
    return _present_changes(rises, falls, reaches, seen), scale


def _two_waves(
    series: ShownSeries, variances: LevelVariances, places: Sequence[int]
) -> tuple[list[PublishedChange | None], float]:
    """Compare the mean of the last two waves with the level before them.

    Returns:
        The change of each group, and the size of past errors.
    """
    groups = series.scores.shape[1]
    if len(series.scores) < 3:
        return [None] * groups, USUAL_SCALE
    errors, spreads = _track(series, variances, places).two_wave_errors()
    shown = series.is_shown
    seen = np.asarray(shown[:-2].any(axis=0) & shown[-2:].all(axis=0))
    fitted = series.of_groups(places).is_fitted
    past = fitted[2:-2] & fitted[1:-3]
    scale = error_scale(errors[2:-2][past][:, places], spreads[2:-2][past][:, places])
    reaches = TWO_WAVES_FACTOR * _scales(scale, groups, places) * spreads[-1]
    rises, falls = (
        track.two_wave_errors()[0][-1]
        for track in _extreme_tracks(series, variances, places)
    )
    return _present_changes(rises, falls, reaches, seen), scale


def _extreme_tracks(
    series: ShownSeries, variances: LevelVariances, places: Sequence[int]
) -> tuple[LevelTrack, LevelTrack]:
    """Return tracks whose errors are the least and the greatest that scores allow.

    The least is that of the lowest score after the highest ones, and so on.
    """
    low, high = _end_tracks(series, variances, places)
    return replace(high, shown=series.lowest), replace(low, shown=series.highest)


def _end_tracks(
    series: ShownSeries, variances: LevelVariances, places: Sequence[int]
) -> tuple[LevelTrack, LevelTrack]:
    """Return the tracks of the lowest and of the highest scores."""
    if not series.is_clamped:
        track = _track(series, variances, places)
        return track, track
    low, high = (
        _track(replace(series, scores=scores), variances, places)
        for scores in (series.lowest, series.highest)
    )
    return low, high


def _interval_ends(
    series: ShownSeries, variances: LevelVariances, places: Sequence[int]
) -> tuple[Floats, Floats]:
    """Return both ends of the newest levels, as far as clamped scores allow."""
    low, high = _end_tracks(series, variances, places)
    return (
        low.levels[-1] - low.interval_reach(),
        high.levels[-1] + high.interval_reach(),
    )


def _track(
    series: ShownSeries, variances: LevelVariances, places: Sequence[int]
) -> LevelTrack:
    """Track teams by their own model, and groups of teams by theirs."""
    groups = series.scores.shape[1]
    others = [place for place in range(groups) if place not in set(places)]
    teams = track_levels(series, variances)
    if others:
        large = track_large_groups(series.of_groups(others), variances)
        for each in fields(LevelTrack):
            getattr(teams, each.name)[:, others] = getattr(large, each.name)
    return teams


def _scales(scale: float, groups: int, places: Sequence[int]) -> Floats:
    """Return how much larger errors of teams are; groups of teams know theirs."""
    scales = np.ones(groups)
    scales[list(places)] = scale
    return scales


def _present_changes(
    rises: Floats, falls: Floats, reaches: Floats, seen: Booleans
) -> list[PublishedChange | None]:
    return [
        _present_change(rise, fall, reach) if known else None
        for rise, fall, reach, known in zip(
            rises.tolist(), falls.tolist(), reaches.tolist(), seen.tolist(), strict=True
        )
    ]


def _present_level(level: float, low: float, high: float) -> PublishedLevel:
    shown = min(max(round_half_up(level), 0), 100)
    return {
        "score": shown,
        "interval": round_outward(max(low, 0.0), min(high, 100.0)),
    }


def _present_change(rise: float, fall: float, reach: float) -> PublishedChange:
    direction: Change = "no_clear_change"
    if rise > reach:
        direction = "up"
    elif fall < -reach:
        direction = "down"
    return {"direction": direction, "detectable": ceil(reach)}
