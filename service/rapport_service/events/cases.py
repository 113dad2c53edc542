"""Which of the markers that concern a team are analysed, and why the others are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rapport_service.events.history import Declared
from rapport_service.measure.phases import Episode, analysed, episodes

Unanalysed = Literal["provisional", "overlapping", "ends_nothing"]
"""Why a marker has no finding of its own."""


@dataclass(frozen=True)
class Case:
    """One marker as a team is told of it.

    Attributes:
        marker: the marker.
        episode: what it begins; None where it begins nothing.
        reason: why it is not analysed; None where it is.
        earlier: the analysed episode that it overlaps with.
    """

    marker: Declared
    episode: Episode | None
    reason: Unanalysed | None
    earlier: Episode | None = None


def told_apart(markers: Sequence[Declared]) -> tuple[Episode, ...]:
    """The episodes of confirmed markers whose effects can be told apart."""
    return analysed(_confirmed(markers))


def cases(markers: Sequence[Declared]) -> list[Case]:
    """A case a marker; one that ends an episode goes with the one that began it."""
    found = _confirmed(markers)
    kept = analysed(found)
    begun = {episode.start.name: episode for episode in found}
    ends = {episode.end.name for episode in found if episode.end}
    return [
        _case(marker, begun.get(marker.name), kept)
        for marker in markers
        if marker.name not in ends
    ]


def _confirmed(markers: Sequence[Declared]) -> tuple[Episode, ...]:
    return episodes(marker for marker in markers if marker.confirmed)


def _case(marker: Declared, episode: Episode | None, kept: Sequence[Episode]) -> Case:
    if not marker.confirmed:
        return Case(marker, None, "provisional")
    if episode is None:
        return Case(marker, None, "ends_nothing")
    if episode in kept:
        return Case(marker, episode, None)
    earlier = [one for one in kept if one.start.place < episode.start.place]
    return Case(marker, episode, "overlapping", earlier[-1])
