"""Changes and trends: a group compared with its own earlier waves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapport_schemas.enums import Change, TrendDirection
from rapport_service.disclosure.rounding import CONSTRUCTS, Construct, round_half_up
from rapport_service.narrative.score import PublishedTrend
from rapport_service.releases.scoring.figures import (
    Figures,
    OrganizationParameters,
)
from rapport_service.releases.scoring.presentation import CoarseFigure
from rapport_service.stats.detectable_change import direction
from rapport_service.stats.false_discovery import (
    FALSE_DISCOVERY_RATE,
    benjamini_hochberg,
)
from rapport_service.stats.scores import to_points
from rapport_service.stats.trend import Point, Trend, Window, trend


@dataclass(frozen=True)
class ScoredWave:
    """Wave with the figures of its released groups.

    Attributes:
        id: the wave's public id.
        window: when the wave could be answered.
        figures: by group.
    """

    id: str
    window: Window
    figures: Mapping[str, Figures]

    def is_fine(self, node: str) -> bool:
        """Return whether a group was shown in the fine tier."""
        return node in self.figures and self.figures[node].tier == "fine"


def compute_changes(
    now: Mapping[str, Figures],
    past: Sequence[ScoredWave],
    parameters: OrganizationParameters,
    categories: int,
) -> dict[str, dict[Construct, Change | None]]:
    """Return the change of each group since it was last released; None where never.

    Args:
        now: the figures of this wave.
        past: earlier waves with the same instrument, the oldest first.
    """
    return {
        node: dict.fromkeys(CONSTRUCTS)
        if (before := _last_released(node, past)) is None
        else {
            name: _change(before, figures, name, parameters, categories)
            for name in CONSTRUCTS
        }
        for node, figures in now.items()
    }


def compute_trends(
    now: ScoredWave, past: Sequence[ScoredWave], categories: int
) -> dict[str, dict[Construct, PublishedTrend]]:
    """Return the trends of fine groups, over the waves in which they were fine.

    Groups with fewer than five such waves are left out. What is called clear among all
    groups of a construct is false in at most 5 percent, by expectation.
    """
    trends: dict[str, dict[Construct, PublishedTrend]] = {}
    for name in CONSTRUCTS:
        series = {
            node: trend(
                [
                    _point(wave, node, name, categories)
                    for wave in (*past, now)
                    if wave.is_fine(node)
                ]
            )
            for node in now.figures
            if now.is_fine(node)
        }
        known = {node: own for node, own in series.items() if own is not None}
        p_values = benjamini_hochberg([own.rank.p for own in known.values()])
        for (node, own), p in zip(known.items(), p_values, strict=True):
            trends.setdefault(node, {})[name] = _present_trend(
                own, clear=p <= FALSE_DISCOVERY_RATE
            )
    return trends


def _last_released(node: str, past: Sequence[ScoredWave]) -> Figures | None:
    """Return the figures of a group in the newest wave in which it was released."""
    return next(
        (wave.figures[node] for wave in reversed(past) if node in wave.figures), None
    )


def _change(
    before: Figures,
    now: Figures,
    name: Construct,
    parameters: OrganizationParameters,
    categories: int,
) -> Change:
    """Return the change of a score, computed from published precision alone.

    A coarse wave enters as it was shown, and next to a coarse one so does a fine one.
    """

    def score_and_se(figures: Figures) -> tuple[float, float]:
        if "coarse" in (figures.tier, now.tier):
            shown = CoarseFigure.of(figures, name, categories)
            return shown.score_and_se(parameters.dispersion[name], categories)
        figure = figures.constructs[name]
        return figure.theta, figure.moderated_se

    return direction(*score_and_se(before), *score_and_se(now))


def _point(wave: ScoredWave, node: str, name: Construct, categories: int) -> Point:
    figure = wave.figures[node].constructs[name]
    unit = 100 / (categories - 1)
    return Point(
        wave.window, to_points(figure.theta, categories), unit * figure.moderated_se
    )


def _present_trend(trend: Trend, *, clear: bool) -> PublishedTrend:
    heading: TrendDirection = "no_clear_trend"
    if clear and trend.rank.tau:
        heading = "rising" if trend.rank.tau > 0 else "falling"
    return {
        "direction": heading,
        "per_four_weeks": None
        if heading == "no_clear_trend"
        else round_half_up(trend.slope),
    }
