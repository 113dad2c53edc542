"""Phases of an event: the waves before, during and after it, by markers.

A marker is one date. Some markers begin an episode: a crisis, a new policy, a change of
leadership, a staffing shock, an office that closes. The end of a crisis is a marker of
its own; until it is set, and for all other kinds always, there is no after.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rapport_schemas.enums import Phase
from rapport_service.stats.trend import Window

PhaseMarkerKind = Literal[
    "crisis_start",
    "crisis_end",
    "policy_change",
    "leadership_change",
    "staffing_shock",
    "office_closure",
]


@dataclass(frozen=True)
class PhaseMarker:
    """Date in an organization's history, as the analysis needs it.

    Attributes:
        kind: What happened.
        effective_at: When it took effect.
        declared_at: When it was put on record, for the first time as it is now.
        marker_id: Its id in the registry; tells markers of one date apart.
    """

    kind: PhaseMarkerKind
    effective_at: datetime
    declared_at: datetime
    marker_id: str

    @property
    def sort_key(self) -> tuple[datetime, datetime, str]:
        """Place among other markers, independent of their order."""
        return self.effective_at, self.declared_at, self.marker_id


@dataclass(frozen=True)
class Episode:
    """Time from one marker to the one that ends it; open if there is none."""

    start: PhaseMarker
    end: PhaseMarker | None

    @property
    def markers(self) -> tuple[PhaseMarker, ...]:
        """Its one or two markers."""
        return (self.start,) if self.end is None else (self.start, self.end)


def episodes(markers: Iterable[PhaseMarker]) -> tuple[Episode, ...]:
    """Return the episodes that the markers make, the earliest first.

    The end of a crisis closes the earliest crisis that began before it and is still
    open; an end without one is not counted.
    """
    order = sorted(markers, key=lambda marker: marker.sort_key)
    ends = [marker for marker in order if marker.kind == "crisis_end"]
    result = []
    for start in order:
        end = None
        if start.kind == "crisis_start":
            later = (m for m in ends if m.effective_at > start.effective_at)
            end = next(later, None)
        if end is not None:
            ends.remove(end)
        if start.kind != "crisis_end":
            result.append(Episode(start, end))
    return tuple(result)


def drop_overlapping(candidates: Sequence[Episode]) -> tuple[Episode, ...]:
    """Return the episodes whose effects are distinguishable.

    Of episodes that overlap only the earliest is analysed. An open one overlaps
    everything that begins later.
    """
    kept: list[Episode] = []
    for episode in sorted(candidates, key=lambda episode: episode.start.sort_key):
        last = kept[-1] if kept else None
        if last is None or (
            last.end is not None and last.end.effective_at < episode.start.effective_at
        ):
            kept.append(episode)
    return tuple(kept)


def phase_of_window(window: Window, episode: Episode) -> Phase:
    """Return a wave's phase: in transition if it was open on a date of the episode.

    The middle of the wave's window decides. Waves in transition are shown in a chart
    and left out of every contrast.
    """
    if any(
        window.opens_at <= m.effective_at <= window.closes_at for m in episode.markers
    ):
        return "transition"
    if window.midpoint < episode.start.effective_at:
        return "before"
    if episode.end is None or window.midpoint < episode.end.effective_at:
        return "during"
    return "after"


def phases_of_windows(
    windows: Sequence[Window], episode: Episode, others: Iterable[Episode] = ()
) -> list[Phase | None]:
    """Return the phase of each wave.

    Args:
        windows: Of the waves.
        episode: The one that is analysed.
        others: The other analysed ones. What lies in an earlier one or before its end,
            and what lies in a later one or after its start, is no part of this one:
            None.
    """
    since, until = _neighbour_bounds(episode, others)
    return [
        None
        if (since is not None and window.opens_at <= since)
        or (until is not None and window.closes_at >= until)
        else phase_of_window(window, episode)
        for window in windows
    ]


def is_exploratory(episode: Episode, released: Mapping[Window, datetime]) -> bool:
    """Return whether a date was declared after the results that it would explain.

    Args:
        episode: The episode that is analysed.
        released: Per wave, when its results were first released.

    Returns:
        True if a wave that was open on a marker's date or later had been released
        before the marker was declared.
    """
    return any(
        window.closes_at >= marker.effective_at and at <= marker.declared_at
        for marker in episode.markers
        for window, at in released.items()
    )


def _neighbour_bounds(
    episode: Episode, others: Iterable[Episode]
) -> tuple[datetime | None, datetime | None]:
    """Return the end of the episode before and the start of the one after."""
    since, until = None, None
    for other in others:
        if (
            other.end is not None
            and other.end.effective_at < episode.start.effective_at
        ):
            since = max(since or other.end.effective_at, other.end.effective_at)
        if (
            episode.end is not None
            and other.start.effective_at > episode.end.effective_at
        ):
            until = min(until or other.start.effective_at, other.start.effective_at)
    return since, until
