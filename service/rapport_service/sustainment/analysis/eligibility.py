"""Which of the markers that concern a team are analysed, and why the others are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rapport_service.stats.event_phases import Episode, drop_overlapping, episodes
from rapport_service.sustainment.analysis.history import DeclaredMarker

ExclusionReason = Literal["provisional", "overlapping", "ends_nothing"]
"""Why a marker has no finding of its own."""


@dataclass(frozen=True)
class MarkerCase:
    """One marker as a team is told of it.

    Attributes:
        marker: the marker.
        episode: what it begins; None where it begins nothing.
        reason: why it is not analysed; None where it is.
        earlier: the analysed episode that it overlaps with.
    """

    marker: DeclaredMarker
    episode: Episode | None
    reason: ExclusionReason | None
    earlier: Episode | None = None


def select_analysable(markers: Sequence[DeclaredMarker]) -> tuple[Episode, ...]:
    """The episodes of confirmed markers whose effects can be told apart."""
    return drop_overlapping(_confirmed_episodes(markers))


def marker_cases(markers: Sequence[DeclaredMarker]) -> list[MarkerCase]:
    """A case a marker; one that ends an episode goes with the one that began it."""
    found = _confirmed_episodes(markers)
    kept = drop_overlapping(found)
    begun = {episode.start.marker_id: episode for episode in found}
    ends = {episode.end.marker_id for episode in found if episode.end}
    return [
        _marker_case(marker, begun.get(marker.marker_id), kept)
        for marker in markers
        if marker.marker_id not in ends
    ]


def _confirmed_episodes(markers: Sequence[DeclaredMarker]) -> tuple[Episode, ...]:
    return episodes(marker for marker in markers if marker.confirmed)


def _marker_case(
    marker: DeclaredMarker, episode: Episode | None, kept: Sequence[Episode]
) -> MarkerCase:
    if not marker.confirmed:
        return MarkerCase(marker, None, "provisional")
    if episode is None:
        return MarkerCase(marker, None, "ends_nothing")
    if episode in kept:
        return MarkerCase(marker, episode, None)
    earlier = [one for one in kept if one.start.sort_key < episode.start.sort_key]
    return MarkerCase(marker, episode, "overlapping", earlier[-1])
