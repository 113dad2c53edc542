"""An organization's markers and releases so far: the basis of its findings.

Each wave gives a group a whole score, as it was published, and only where the group was
shown finely. A coarse score is never used.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from rapport_service.charter.voting_groups import TeamNode
from rapport_service.disclosure.bands import participation_band
from rapport_service.disclosure.rounding import CONSTRUCTS, coarse_share, round_half_up
from rapport_service.encoding import base64url
from rapport_service.releases.scoring.figures import Figure, Figures
from rapport_service.stats.event_phases import PhaseMarker
from rapport_service.stats.scores import to_points
from rapport_service.stats.trend import Window

PublishedScore = tuple[int, int]
"""A published score and its standard error, both in whole points."""


@dataclass(frozen=True)
class DeclaredMarker(PhaseMarker):
    """A marker as it was declared.

    Attributes:
        active: False once it was retracted.
        team_id: whose subtree it concerns; None for the whole organization.
        effective_on: the date itself.
        confirmed: False while the date is provisional.
        label: what people call it.
    """

    active: bool
    team_id: UUID | None
    effective_on: date
    confirmed: bool
    label: str


@dataclass(frozen=True)
class PublishedFigures:
    """The figures that a wave's release showed finely of one group.

    Attributes:
        constructs: by construct.
        items: by item, where items were released; else empty.
        crisis_percent: of people who called their two weeks a crisis, in steps of 5.
        participation: the band.
    """

    constructs: Mapping[str, PublishedScore]
    items: Mapping[str, PublishedScore]
    crisis_percent: int | None
    participation: str


@dataclass(frozen=True)
class ReleasedWave:
    """A wave that was released.

    Attributes:
        id: its public id.
        opens_at: when it opened.
        window: the days on which it could be answered.
        known_at: when its results could first be known.
        eligible: N of each group, from its charter.
        published: by group, where it was shown finely.
    """

    id: str
    opens_at: datetime
    window: Window
    known_at: datetime
    eligible: Mapping[UUID, int]
    published: Mapping[UUID, PublishedFigures]


@dataclass(frozen=True)
class Basis:
    """The basis of findings: the tree, the markers, and the releases by name alone.

    Attributes:
        nodes: the tree of the newest charter, by team.
        markers: the active ones, and the retracted ones.
        releases: each released wave's public id and the number of its newest release.
    """

    nodes: Mapping[UUID, TeamNode]
    markers: Sequence[DeclaredMarker]
    releases: Sequence[tuple[str, int]]

    def self_and_ancestors(self, team: UUID) -> Iterator[TeamNode]:
        """The team itself, then the teams around it, the nearest first."""
        node: TeamNode | None = self.nodes[team]
        while node is not None:
            yield node
            node = self.nodes[node.parent_id] if node.parent_id else None

    def active_markers_of(self, team: UUID) -> list[DeclaredMarker]:
        """The active markers that concern a team: its own, and those around it."""
        return [marker for marker in self._declared(team) if marker.active]

    def digest(self, team: UUID) -> str:
        """The digest of the basis of a team's findings.

        No basis ever comes back: waves are released and markers retracted for good.
        """
        markers = [(marker.marker_id, marker.active) for marker in self._declared(team)]
        text = json.dumps([markers, sorted(self.releases)])
        return base64url.digest(text.encode())

    def _declared(self, team: UUID) -> list[DeclaredMarker]:
        path = {node.team_id for node in self.self_and_ancestors(team)}
        concerning = [m for m in self.markers if m.team_id is None or m.team_id in path]
        return sorted(concerning, key=lambda marker: marker.sort_key)


@dataclass(frozen=True)
class History(Basis):
    """The basis of findings with the figures of the releases.

    Attributes:
        waves: the released waves in the order of time.
    """

    waves: Sequence[ReleasedWave]


def calendar_window(opens_at: datetime, closes_at: datetime, zone: ZoneInfo) -> Window:
    """The days of the organization's calendar on which a wave could be answered.

    A marker is a day, so times of day must not decide which came first.
    """
    return Window(
        start_of_day(opens_at.astimezone(zone).date(), zone),
        start_of_day(closes_at.astimezone(zone).date(), zone),
    )


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day of the organization's calendar began."""
    return datetime.combine(day, time(), zone)


def published_figures(figures: Figures, categories: int) -> PublishedFigures | None:
    """The figures that were shown finely of a group; None where none were.

    Args:
        figures: as its release keeps them.
        categories: A of the instrument.
    """
    if figures.tier != "fine":
        return None
    share = figures.crisis_share

    def published(figure: Figure) -> PublishedScore:
        score = round_half_up(to_points(figure.theta, categories))
        return score, math.ceil(figure.moderated_se * to_points(2, categories))

    return PublishedFigures(
        constructs={name: published(figures.constructs[name]) for name in CONSTRUCTS},
        items={
            name: published(figure) for name, figure in (figures.items or {}).items()
        },
        crisis_percent=None if share is None else coarse_share(100 * share.share),
        participation=participation_band(figures.n["any"], figures.eligible),
    )
