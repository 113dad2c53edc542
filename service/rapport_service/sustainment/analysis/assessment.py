"""The effect of an episode on a group: its waves by phase, and their figures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import median_low
from typing import TypedDict

from rapport_schemas.enums import Phase
from rapport_service.charter.voting_groups import TeamNode
from rapport_service.disclosure.bands import ALL_PARTICIPATION_BANDS
from rapport_service.disclosure.rounding import CONSTRUCTS, round_half_up
from rapport_service.narrative.sustainment import EffectSummary, EventEffect
from rapport_service.stats.event_effect import assess
from rapport_service.stats.event_phases import (
    Episode,
    is_exploratory,
    phases_of_windows,
)
from rapport_service.stats.required_waves import is_testable, waves_needed
from rapport_service.stats.trend import Point
from rapport_service.sustainment.analysis.eligibility import select_analysable
from rapport_service.sustainment.analysis.history import (
    History,
    PublishedFigures,
    ReleasedWave,
)
from rapport_service.sustainment.analysis.noise import EpisodeNoise, FigureGetter
from rapport_service.sustainment.analysis.presentation import (
    mean_crisis_percent,
    present_effect,
    summarize_effect,
)

INGREDIENTS = ("C2R", "C1", "C3", "T2")
"""Shared decisions, timely news, a common view, heed of each other's priorities."""

STRATEGIES = ("C4", "C5", "C6", "T6")
"""Shaping changes together, learning together, brokering, a voice whatever the rank."""

PHASES: tuple[Phase, ...] = ("before", "during", "after")

NoiseCache = dict[tuple[Phase | None, ...], EpisodeNoise]
"""Noises around episodes, by the phases of all waves."""


class PublishedPhase(TypedDict):
    """One phase as it is published.

    ``waves`` counts those in which the group was shown finely; ``participation`` is the
    middle one of their bands, the lower of two; ``crisis_percent`` the mean of theirs.
    """

    waves: int
    participation: str | None
    crisis_percent: int | None


@dataclass(frozen=True)
class PhasedWave:
    """A wave with its phase, and the figures that it showed finely of a group, if any.

    A wave in transition is in no contrast. ``place`` is its number in the history.
    """

    released: ReleasedWave
    place: int
    phase: Phase
    published: PublishedFigures | None

    @property
    def is_included(self) -> bool:
        """Whether the wave is in the contrasts."""
        return self.published is not None and self.phase != "transition"


@dataclass(frozen=True)
class EpisodeAssessment:
    """One group's waves around one episode, in the order of time."""

    node: TeamNode
    episode: Episode
    waves: Sequence[PhasedWave]
    noise: EpisodeNoise

    @property
    def published(self) -> bool:
        """Whether any wave showed the group finely."""
        return any(wave.published for wave in self.waves)

    @cached_property
    def waves_by_phase(self) -> Mapping[Phase, int]:
        """How many waves are in the contrasts, by phase."""
        return Counter(wave.phase for wave in self.waves if wave.is_included)

    @property
    def is_testable(self) -> bool:
        """Whether these are enough waves for a verdict."""
        return is_testable(
            *(self.waves_by_phase[phase] for phase in PHASES),
            noise_known=self.noise.is_known(_construct_getter("overall")),
        )

    @property
    def waves_needed(self) -> int | None:
        """How many more waves a verdict needs at the least; None if none can help."""
        return waves_needed(
            *(self.waves_by_phase[phase] for phase in PHASES),
            over=self.episode.end is not None,
            ends=self.episode.start.kind == "crisis_start",
            noise_known=self.noise.is_known(_construct_getter("overall")),
        )

    @property
    def exploratory(self) -> bool:
        """Whether a date was declared after results that it would explain."""
        last_first = sorted(
            (wave.released for wave in self.waves),
            key=lambda released: released.known_at,
            reverse=True,
        )
        known = {released.window: released.known_at for released in last_first}
        return is_exploratory(self.episode, known)

    @property
    def turnover(self) -> int | None:
        """Changes of N from wave to wave, added up, in percent of its mean.

        A person who left and was replaced between two waves does not show in N: the
        true turnover is at least this. None with fewer than two waves.
        """
        sizes = [wave.released.eligible[self.node.team_id] for wave in self.waves]
        if len(sizes) < 2 or not any(sizes):
            return None
        moved = sum(abs(later - earlier) for earlier, later in pairwise(sizes))
        return round_half_up(100 * moved * len(sizes) / sum(sizes))

    def phase(self, phase: Phase) -> PublishedPhase:
        """The number of waves of a phase, and their participation and crisis share."""
        figures = [
            wave.published
            for wave in self.waves
            if wave.published and wave.phase == phase
        ]
        bands = [
            ALL_PARTICIPATION_BANDS.index(shown.participation) for shown in figures
        ]
        return {
            "waves": len(figures),
            "participation": ALL_PARTICIPATION_BANDS[median_low(bands)]
            if bands
            else None,
            "crisis_percent": mean_crisis_percent(
                [shown.crisis_percent for shown in figures]
            ),
        }

    @cached_property
    def constructs(self) -> dict[str, EventEffect]:
        """The effect of the event on each construct."""
        return {
            name: self._effect(name, _construct_getter(name)) for name in CONSTRUCTS
        }

    def items(self, names: Sequence[str]) -> dict[str, EffectSummary] | None:
        """The effect on some items; None where none of them was ever released."""
        effects = {
            name: summarize_effect(self._effect(name, _item_getter(name)))
            for name in names
            if any(
                wave.published and name in wave.published.items for wave in self.waves
            )
        }
        return effects or None

    def _effect(self, name: str, figure: FigureGetter) -> EventEffect:
        points, labels, places = [], [], []
        for wave in self.waves:
            score = figure(wave.published) if wave.published else None
            if score is not None:
                points.append(Point(wave.released.window, *score))
                labels.append(wave.phase)
                places.append(wave.place)
        noise = self.noise.of_series(name, figure, self.node.team_id, places)
        is_over = self.episode.end is not None
        return present_effect(assess(points, labels, noise, is_over=is_over))


def assess_episode(
    history: History, node: TeamNode, episode: Episode, noises: NoiseCache
) -> EpisodeAssessment | None:
    """The assessment of a group; None where its markers do not isolate the episode.

    Args:
        history: the organization's.
        node: the group.
        episode: the episode.
        noises: those that were estimated for other groups, by the waves' phases.
    """
    analysable = select_analysable(history.active_markers_of(node.team_id))
    if episode not in analysable:
        return None
    labels = phases_of_windows(
        [wave.window for wave in history.waves], episode, analysable
    )
    waves = [
        PhasedWave(wave, place, phase, wave.published.get(node.team_id))
        for place, (wave, phase) in enumerate(zip(history.waves, labels, strict=True))
        if phase is not None and node.team_id in wave.eligible
    ]
    noise = noises.setdefault(tuple(labels), EpisodeNoise(history, labels))
    return EpisodeAssessment(node, episode, waves, noise)


def _construct_getter(name: str) -> FigureGetter:
    return lambda figures: figures.constructs[name]


def _item_getter(name: str) -> FigureGetter:
    return lambda figures: figures.items.get(name)
