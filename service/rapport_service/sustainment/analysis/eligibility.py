"""Selection of the markers that are analysed, with the reasons for the others."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapport_schemas.enums import ExclusionReason
from rapport_service.stats.event_phases import Episode, drop_overlapping, episodes
from rapport_service.sustainment.analysis.history import DeclaredMarker


@dataclass(frozen=True)
class MarkerCase:
    """A marker that concerns a team, and whether it is analysed.

    Attributes:
        marker: the marker.
        episode: the episode that it begins; None where it begins none.
        reason: the reason why it is not analysed; None where it is.
        earlier: the analysed episode that it overlaps with.
    """

    marker: DeclaredMarker
    episode: Episode | None
    reason: ExclusionReason | None
    earlier: Episode | None = None


def select_analysable(markers: Sequence[DeclaredMarker]) -> tuple[Episode, ...]:
    """The episodes of confirmed markers whose effects can be separated."""
    return drop_overlapping(_confirmed_episodes(markers))


def marker_cases(markers: Sequence[DeclaredMarker]) -> list[MarkerCase]:
    """A case a marker; one that ends an episode goes with the one that began it."""
    confirmed = _confirmed_episodes(markers)
    analysable = drop_overlapping(confirmed)
    by_start = {episode.start.marker_id: episode for episode in confirmed}
    ends = {episode.end.marker_id for episode in confirmed if episode.end}
    return [
        _marker_case(marker, by_start.get(marker.marker_id), analysable)
        for marker in markers
        if marker.marker_id not in ends
    ]


def _confirmed_episodes(markers: Sequence[DeclaredMarker]) -> tuple[Episode, ...]:
    return episodes(marker for marker in markers if marker.confirmed)


def _marker_case(
    marker: DeclaredMarker, episode: Episode | None, analysable: Sequence[Episode]
) -> MarkerCase:
    if not marker.confirmed:
        return MarkerCase(marker, None, "provisional")
    if episode is None:
        return MarkerCase(marker, None, "ends_nothing")
    if episode in analysable:
        return MarkerCase(marker, episode, None)
    start = episode.start.sort_key
    earlier = [other for other in analysable if other.start.sort_key < start]
    return MarkerCase(marker, episode, "overlapping", earlier[-1])
