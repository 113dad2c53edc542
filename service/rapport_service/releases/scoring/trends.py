"""Trends: the slope of a group's scores over its waves, if it is more than noise."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from rapport_schemas.enums import TrendDirection
from rapport_service.disclosure.rounding import CONSTRUCTS, Construct, round_half_up
from rapport_service.narrative.score_figures import PublishedTrend
from rapport_service.releases.scoring.figures import Figures
from rapport_service.stats.false_discovery import critical_p
from rapport_service.stats.local_level import LevelVariances
from rapport_service.stats.noise_model import (
    MIN_COMPLETE_TEAMS,
    TREND_CORRELATIONS,
    ContrastVariance,
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
    level_variances: Mapping[Construct, LevelVariances] = field(default_factory=dict)

    def is_fine(self, node: str) -> bool:
        """Return whether a group was shown in the fine tier."""
        return node in self.figures and self.figures[node].tier == "fine"


@dataclass(frozen=True)
class _Slope:
    """Slope of a group in points per four weeks, and its noise."""

    estimate: float
    noise: ContrastVariance

    @property
    def p(self) -> float:
        """The two-sided p."""
        return self.noise.p_value(self.estimate)


def compute_trends(
    now: ScoredWave,
    past: Sequence[ScoredWave],
    root: str,
    disjoint: Sequence[str],
    categories: int,
) -> dict[str, dict[Construct, PublishedTrend]]:
    """Return the trends of fine groups, over the waves in which they were fine.

    They are of the longest run of waves up to now that can be told from noise
    (`_select_waves`). Groups with fewer than twelve such waves are left out. What is
    called clear among all groups of a construct is false in at most 5 percent, by
    expectation.

    Args:
        now: this wave.
        past: earlier waves with the same instrument, the oldest first.
        root: the node of the whole organization.
        disjoint: fine groups that share nobody, from which noise is estimated.
        categories: the number of answer options.
    """
    waves = _select_waves([*past, now], root, disjoint)
    trends: dict[str, dict[Construct, PublishedTrend]] = {}
    for name in CONSTRUCTS if waves else ():
        slopes = dict(_slopes(waves, root, disjoint, name, categories))
        for node, own in slopes.items():
            others = [other.p for place, other in slopes.items() if place != node]
            reach = own.noise.quantile(1 - critical_p(others) / 2)
            trends.setdefault(node, {})[name] = _present_trend(own.estimate, reach)
    return trends


def _select_waves(
    waves: Sequence[ScoredWave], root: str, disjoint: Sequence[str]
) -> Sequence[ScoredWave]:
    """Return the longest run of waves up to now in which three teams were always fine.

    Waves in which the whole organization was not shown finely are left out. Empty if
    this is one of them, or if no twelve waves are left.
    """
    if not waves[-1].is_fine(root):
        return []
    usable = [wave for wave in waves if wave.is_fine(root)]
    for first in range(len(usable) - MIN_TREND_WAVES + 1):
        if len(_complete_teams(usable[first:], disjoint)) >= MIN_COMPLETE_TEAMS:
            return usable[first:]
    return []


def _complete_teams(
    waves: Sequence[ScoredWave], disjoint: Sequence[str]
) -> Sequence[str]:
    """Return the groups that were fine in every wave."""
    return [node for node in disjoint if all(wave.is_fine(node) for wave in waves)]


def _slopes(
    waves: Sequence[ScoredWave],
    root: str,
    disjoint: Sequence[str],
    name: Construct,
    categories: int,
) -> Iterator[tuple[str, _Slope]]:
    """Yield the slope of each group that was fine now and in enough of these waves."""
    model = _fit_model(waves, root, disjoint, name, categories)
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
) -> NoiseModel:
    """Return the noise around straight lines."""

    def series(node: str) -> TeamSeries:
        return team_series(
            [point(wave, node, name, categories) for wave in waves],
            waves[-1].figures[node].eligible,
        )

    times = elapsed_four_weeks([point(wave, root, name, categories) for wave in waves])
    model = fit_noise_model(
        np.column_stack([np.ones_like(times), times]),
        [series(node) for node in _complete_teams(waves, disjoint)],
        series(root),
        TREND_CORRELATIONS,
    )
    assert model is not None, "the waves were chosen for having enough teams"
    return model


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
    return _Slope(float(weights @ own.scores), spread)


def point(wave: ScoredWave, node: str, name: Construct, categories: int) -> Point:
    """Return a group's score in a wave as it is published: whole points."""
    figure = wave.figures[node].constructs[name]
    unit = 100 / (categories - 1)
    return Point(
        wave.window,
        round_half_up(to_points(figure.theta, categories)),
        ceil(unit * figure.moderated_se),
    )


def _present_trend(slope: float, reach: float) -> PublishedTrend:
    """Return a slope, and the least that would have been clear among all groups."""
    heading: TrendDirection = "no_clear_trend"
    if abs(slope) >= reach:
        heading = "rising" if slope > 0 else "falling"
    return {
        "direction": heading,
        "per_four_weeks": None if heading == "no_clear_trend" else round_half_up(slope),
        "detectable": max(ceil(reach), 1),
    }
