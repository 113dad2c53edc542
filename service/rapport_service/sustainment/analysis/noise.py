"""Noise around an episode: estimated from an organization's teams, for each figure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

import numpy as np

from rapport_schemas.enums import Phase
from rapport_service.stats.event_effect import SeriesNoise
from rapport_service.stats.noise_model import (
    MIN_COMPLETE_TEAMS,
    NoiseModel,
    TeamSeries,
    fit_noise_model,
)
from rapport_service.stats.placebo_test import MIN_PHASE_WAVES
from rapport_service.stats.segmented_regression import level_design
from rapport_service.sustainment.analysis.history import (
    History,
    PublishedFigures,
    PublishedScore,
)

FigureGetter = Callable[[PublishedFigures], PublishedScore | None]
"""One score of a group's published figures; None where it was not shown."""


@dataclass(frozen=True)
class EpisodeNoise:
    """Noise models of an organization around one episode, one a figure.

    Attributes:
        history: the organization's.
        phases: of each of its waves; None where it is no part of the episode.
    """

    history: History
    phases: Sequence[Phase | None]
    _models: dict[str, NoiseModel | None] = field(default_factory=dict)

    def of_series(
        self, name: str, figure: FigureGetter, node: UUID, places: Sequence[int]
    ) -> SeriesNoise | None:
        """The noise of a group's series; None where too few teams tell it.

        Args:
            name: of the figure.
            figure: gets it.
            node: the group.
            places: of the group's waves, among those of the history.
        """
        if name not in self._models:
            self._models[name] = self._fit(figure)
        model = self._models[name]
        if model is None:
            return None
        numbers = {place: number for number, place in enumerate(self._places)}
        return SeriesNoise(
            model,
            [numbers.get(place, -1) for place in places],
            self._se2(figure, node, [place for place in places if place in numbers]),
        )

    @cached_property
    def _root(self) -> UUID:
        return next(
            node.team_id
            for node in self.history.nodes.values()
            if node.parent_id is None
        )

    @cached_property
    def _places(self) -> list[int]:
        """The waves of the model: those in a phase that has enough of them."""
        after = sum(phase == "after" for phase in self.phases)
        kept = {"before", "during", *(["after"] if after >= MIN_PHASE_WAVES else [])}
        return [place for place, phase in enumerate(self.phases) if phase in kept]

    def is_known(self, figure: FigureGetter) -> bool:
        """Whether enough teams tell the noise, as soon as each phase has two waves."""
        return (
            self._is_complete(figure, self._root)
            and len(self._complete_teams(figure)) >= MIN_COMPLETE_TEAMS
        )

    def _fit(self, figure: FigureGetter) -> NoiseModel | None:
        phases = [self.phases[place] for place in self._places]
        before, during, after = (
            phases.count(phase) for phase in ("before", "during", "after")
        )
        if min(before, during) < MIN_PHASE_WAVES or not self.is_known(figure):
            return None
        return fit_noise_model(
            level_design(len(phases), before, before + during if after else None),
            [
                self._series(figure, team, self._places)
                for team in self._complete_teams(figure)
            ],
            self._series(figure, self._root, self._places),
        )

    def _complete_teams(self, figure: FigureGetter) -> list[UUID]:
        """Groups shown finely in every wave, without such a group inside."""
        complete = {
            node for node in self.history.nodes if self._is_complete(figure, node)
        }
        around = {
            group.team_id
            for node in complete
            for group in self.history.self_and_ancestors(node)
            if group.team_id != node
        }
        return sorted(complete - around)

    def _is_complete(self, figure: FigureGetter, node: UUID) -> bool:
        return all(
            self._score(figure, node, place) is not None for place in self._places
        )

    def _score(
        self, figure: FigureGetter, node: UUID, place: int
    ) -> PublishedScore | None:
        published = self.history.waves[place].published.get(node)
        return None if published is None else figure(published)

    def _se2(
        self, figure: FigureGetter, node: UUID, places: Sequence[int]
    ) -> float | None:
        """The mean squared standard error of a group; None of the root, or of none."""
        if node == self._root or not places:
            return None
        return self._series(figure, node, places).se2

    def _series(
        self, figure: FigureGetter, node: UUID, places: Sequence[int]
    ) -> TeamSeries:
        shown = [
            score
            for place in places
            if (score := self._score(figure, node, place)) is not None
        ]
        eligible = self.history.waves[places[-1]].eligible[node]
        return TeamSeries(
            scores=np.array([score for score, _ in shown], dtype=np.float64),
            se2=float(np.mean([se**2 for _, se in shown])),
            eligible=float(eligible),
        )
