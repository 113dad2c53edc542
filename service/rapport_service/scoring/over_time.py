"""A group beside its own earlier waves: change and trend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapport_service.disclosure.presentation import (
    CONSTRUCTS,
    Change,
    Construct,
    Heading,
    ShownTrend,
    rounded,
)
from rapport_service.measure.change import direction
from rapport_service.measure.discoveries import DISCOVERY, adjusted
from rapport_service.measure.scores import hundred
from rapport_service.measure.series import Point, Window
from rapport_service.measure.trend import Trend, trend
from rapport_service.scoring.as_shown import AsShown
from rapport_service.scoring.figures import Figures
from rapport_service.scoring.pooled import Pooled


@dataclass(frozen=True)
class Wave:
    """The figures of a wave's released groups.

    Attributes:
        id: the wave's public id.
        window: when the wave could be answered.
        figures: by group.
    """

    id: str
    window: Window
    figures: Mapping[str, Figures]

    def is_fine(self, node: str) -> bool:
        """Whether a group was shown in the fine tier."""
        return node in self.figures and self.figures[node].tier == "fine"


def changes(
    now: Mapping[str, Figures], past: Sequence[Wave], pooled: Pooled, categories: int
) -> dict[str, dict[Construct, Change | None]]:
    """Where each group's scores went since it was last released; None where never.

    Args:
        now: the figures of this wave.
        past: earlier waves with the same instrument, the oldest first.
    """
    return {
        node: dict.fromkeys(CONSTRUCTS)
        if (before := _last(node, past)) is None
        else {
            name: _change(before, figures, name, pooled, categories)
            for name in CONSTRUCTS
        }
        for node, figures in now.items()
    }


def trends(
    now: Wave, past: Sequence[Wave], categories: int
) -> dict[str, dict[Construct, ShownTrend]]:
    """Where the scores of fine groups are heading, over the waves in which they were.

    Groups with fewer than five such waves are left out. What is called clear among all
    groups of a construct is false in at most 5 percent, by expectation.
    """
    found: dict[str, dict[Construct, ShownTrend]] = {}
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
        known = {node: one for node, one in series.items() if one is not None}
        chances = adjusted([one.rank.p for one in known.values()])
        for (node, one), p in zip(known.items(), chances, strict=True):
            found.setdefault(node, {})[name] = _shown(one, clear=p <= DISCOVERY)
    return found


def _last(node: str, past: Sequence[Wave]) -> Figures | None:
    """What is known of a group in the newest wave in which it was released."""
    return next(
        (wave.figures[node] for wave in reversed(past) if node in wave.figures), None
    )


def _change(
    before: Figures, now: Figures, name: Construct, pooled: Pooled, categories: int
) -> Change:
    """Where a score went, by no more than may be reckoned with.

    A coarse wave enters as it was shown, and beside a coarse score so does a fine one.
    """

    def known(figures: Figures) -> tuple[float, float]:
        if "coarse" in (figures.tier, now.tier):
            shown = AsShown.of(figures, name, categories)
            return shown.error(pooled.dispersion[name], categories)
        figure = figures.constructs[name]
        return figure.theta, figure.moderated_se

    return direction(*known(before), *known(now))


def _point(wave: Wave, node: str, name: Construct, categories: int) -> Point:
    figure = wave.figures[node].constructs[name]
    unit = 100 / (categories - 1)
    return Point(
        wave.window, hundred(figure.theta, categories), unit * figure.moderated_se
    )


def _shown(found: Trend, *, clear: bool) -> ShownTrend:
    heading: Heading = "no_clear_trend"
    if clear and found.rank.tau:
        heading = "rising" if found.rank.tau > 0 else "falling"
    return {
        "direction": heading,
        "per_four_weeks": None if heading == "no_clear_trend" else rounded(found.slope),
    }
