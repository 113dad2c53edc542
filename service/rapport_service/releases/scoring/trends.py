"""Trends: the slope of a group's scores over its waves, if it is more than noise."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from rapport_schemas.enums import TrendDirection
from rapport_service.disclosure.rounding import CONSTRUCTS, Construct, round_half_up
from rapport_service.narrative.score import PublishedTrend
from rapport_service.releases.scoring.figures import Figures
from rapport_service.stats.false_discovery import (
    FALSE_DISCOVERY_RATE,
    benjamini_hochberg,
)
from rapport_service.stats.intervals import CONFIDENCE
from rapport_service.stats.local_level import LevelVariances
from rapport_service.stats.noise_model import (
    TREND_CORRELATION,
    NoiseModel,
    TeamSeries,
    fit_noise_model,
)
from rapport_service.stats.scores import to_points
from rapport_service.stats.sufficient_statistics import Floats
from rapport_service.stats.trend import Point, Window, elapsed_four_weeks

MIN_TREND_WAVES = 12
"""Waves in which a group was shown finely before a trend of it is."""


@dataclass(frozen=True)
class ScoredWave:
    """Wave with the figures of its released groups.

    Attributes:
        id: the wave's public id.
        window: when the wave could be answered.
        figures: by group.
        level_variances: what its release published for levels, by construct.
    """

    id: str
    window: Window
    figures: Mapping[str, Figures]
    level_variances: Mapping[str, LevelVariances] = field(default_factory=dict)

    def is_fine(self, node: str) -> bool:
        """Return whether a group was shown in the fine tier."""
        return node in self.figures and self.figures[node].tier == "fine"


@dataclass(frozen=True)
class _Slope:
    """Slope of a group in points per four weeks, and how far noise reaches."""

    estimate: float
    reach: float
    p: float


def compute_trends(
    now: ScoredWave,
    past: Sequence[ScoredWave],
    root: str,
    disjoint: Sequence[str],
    categories: int,
) -> dict[str, dict[Construct, PublishedTrend]]:
    """Return the trends of fine groups, over the waves in which they were fine.

    Groups with fewer than twelve such waves are left out. What is called clear among
    all groups of a construct is false in at most 5 percent, by expectation.

    Args:
        now: this wave.
        past: earlier waves with the same instrument, the oldest first.
        root: the node of the whole organization.
        disjoint: fine groups that share nobody, from which noise is estimated.
        categories: the number of answer options.
    """
    waves = [*past, now]
    trends: dict[str, dict[Construct, PublishedTrend]] = {}
    for name in CONSTRUCTS:
        slopes = dict(_slopes(waves, root, disjoint, name, categories))
        p_values = benjamini_hochberg([own.p for own in slopes.values()])
        for (node, own), p in zip(slopes.items(), p_values, strict=True):
            trends.setdefault(node, {})[name] = _present_trend(
                own, clear=p <= FALSE_DISCOVERY_RATE
            )
    return trends


def _slopes(
    waves: Sequence[ScoredWave],
    root: str,
    disjoint: Sequence[str],
    name: Construct,
    categories: int,
) -> Iterator[tuple[str, _Slope]]:
    """Yield the slope of each group that has enough waves, if noise is known."""
    if len(waves) < MIN_TREND_WAVES or not all(wave.is_fine(root) for wave in waves):
        return
    model = _fit_model(waves, root, disjoint, name, categories)
    if model is None:
        return
    for node in waves[-1].figures:
        own = [place for place, wave in enumerate(waves) if wave.is_fine(node)]
        if len(own) >= MIN_TREND_WAVES and waves[-1].is_fine(node):
            points = [point(waves[place], node, name, categories) for place in own]
            numbers = np.array(own, dtype=np.float64)
            yield node, _slope(model, points, numbers, is_root=node == root)


def _fit_model(
    waves: Sequence[ScoredWave],
    root: str,
    disjoint: Sequence[str],
    name: Construct,
    categories: int,
) -> NoiseModel | None:
    """Return the noise around straight lines; None where too few teams tell it."""

    def points(node: str) -> list[Point]:
        return [point(wave, node, name, categories) for wave in waves]

    everybody = points(root)
    times = elapsed_four_weeks(everybody)
    return fit_noise_model(
        np.column_stack([np.ones_like(times), times]),
        [
            team_series(points(node), waves[-1].figures[node].eligible)
            for node in disjoint
            if all(wave.is_fine(node) for wave in waves)
        ],
        np.array([each.score for each in everybody]),
        TREND_CORRELATION,
    )


def team_series(points: Sequence[Point], eligible: int) -> TeamSeries:
    """Return a group's points as the noise model takes them."""
    return TeamSeries(
        scores=np.array([each.score for each in points]),
        se2=float(np.mean([each.se**2 for each in points])),
        eligible=float(eligible),
    )


def _slope(
    model: NoiseModel, points: Sequence[Point], numbers: Floats, *, is_root: bool
) -> _Slope:
    times = elapsed_four_weeks(points)
    centred = times - times.mean()
    weights = centred / float(centred @ centred)
    own = team_series(points, 1)
    spread = (
        model.root_variance(weights, numbers)
        if is_root
        else model.team_variance(own.se2, weights, numbers)
    )
    estimate = float(weights @ own.scores)
    return _Slope(
        estimate, spread.quantile((1 + CONFIDENCE) / 2), spread.p_value(estimate)
    )


def point(wave: ScoredWave, node: str, name: Construct, categories: int) -> Point:
    """Return a group's score in a wave as it is published: whole points."""
    figure = wave.figures[node].constructs[name]
    unit = 100 / (categories - 1)
    return Point(
        wave.window,
        round_half_up(to_points(figure.theta, categories)),
        ceil(unit * figure.moderated_se),
    )


def _present_trend(slope: _Slope, *, clear: bool) -> PublishedTrend:
    heading: TrendDirection = "no_clear_trend"
    if clear and slope.estimate:
        heading = "rising" if slope.estimate > 0 else "falling"
    return {
        "direction": heading,
        "per_four_weeks": None
        if heading == "no_clear_trend"
        else round_half_up(slope.estimate),
        "detectable": max(ceil(slope.reach), 1),
    }
