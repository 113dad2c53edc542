"""What an organization's markers and releases say so far, as findings rest on it.

Each wave gives a group a whole score, as it was published, and only where the group was
shown finely. From a coarse score nothing is ever worked out.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from rapport_service import b64
from rapport_service.charter.electorate import Node
from rapport_service.disclosure.bands import participation_band
from rapport_service.disclosure.presentation import CONSTRUCTS, coarse_share, rounded
from rapport_service.measure.phases import Marker
from rapport_service.measure.scores import hundred
from rapport_service.measure.series import Window
from rapport_service.scoring.figures import Figure as Kept
from rapport_service.scoring.figures import Figures

Figure = tuple[int, int]
"""A published score and its standard error, both in whole points."""


@dataclass(frozen=True)
class Declared(Marker):
    """A marker with what a document says of it.

    Attributes:
        stands: False once it was retracted.
        team_id: whose subtree it concerns; None for the whole organization.
        effective_on: the date itself.
        confirmed: False while the date is provisional.
        label: what people call it.
        declared_by: in what role.
    """

    stands: bool
    team_id: UUID | None
    effective_on: date
    confirmed: bool
    label: str
    declared_by: str


@dataclass(frozen=True)
class Shown:
    """What a wave's release showed finely of one group.

    Attributes:
        constructs: by construct.
        items: by item, where items were released; else empty.
        dose: the share who called their two weeks a crisis, in steps of 5 percent.
        participation: the band.
    """

    constructs: Mapping[str, Figure]
    items: Mapping[str, Figure]
    dose: int | None
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
        shown: by group, where it was shown finely.
    """

    id: str
    opens_at: datetime
    window: Window
    known_at: datetime
    eligible: Mapping[UUID, int]
    shown: Mapping[UUID, Shown]


@dataclass(frozen=True)
class Ground:
    """What findings rest on, by name alone.

    Attributes:
        nodes: the tree of the newest charter, by team.
        markers: those that stand, and those that did.
        releases: each released wave's public id and the number of its newest release.
    """

    nodes: Mapping[UUID, Node]
    markers: Sequence[Declared]
    releases: Sequence[tuple[str, int]]

    def around(self, team: UUID) -> Iterator[Node]:
        """The team itself, then the teams around it, the nearest first."""
        node: Node | None = self.nodes[team]
        while node is not None:
            yield node
            node = self.nodes[node.parent_id] if node.parent_id else None

    def concerning(self, team: UUID) -> list[Declared]:
        """The standing markers that concern a team: its own, and those around it."""
        return [marker for marker in self._declared(team) if marker.stands]

    def basis(self, team: UUID) -> str:
        """The digest of what a team's findings rest on.

        No basis ever comes back: waves are released and markers retracted for good.
        """
        markers = [(marker.name, marker.stands) for marker in self._declared(team)]
        told = json.dumps([markers, sorted(self.releases)])
        return b64.digest(told.encode())

    def _declared(self, team: UUID) -> list[Declared]:
        path = {node.team_id for node in self.around(team)}
        found = [m for m in self.markers if m.team_id is None or m.team_id in path]
        return sorted(found, key=lambda marker: marker.place)


@dataclass(frozen=True)
class History(Ground):
    """The same with what the releases say.

    Attributes:
        waves: the released waves in the order of time.
    """

    waves: Sequence[ReleasedWave]


def days(opens_at: datetime, closes_at: datetime, zone: ZoneInfo) -> Window:
    """The days of the agency's calendar on which a wave could be answered.

    A marker is a day, so times of day must not decide which came first.
    """
    return Window(
        midnight(opens_at.astimezone(zone).date(), zone),
        midnight(closes_at.astimezone(zone).date(), zone),
    )


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day of the agency's calendar began."""
    return datetime.combine(day, time(), zone)


def shown(figures: Figures, categories: int) -> Shown | None:
    """What was shown finely of a group; None where nothing was.

    Args:
        figures: as its release keeps them.
        categories: A of the instrument.
    """
    if figures.tier != "fine":
        return None
    dose = figures.dose

    def published(figure: Kept) -> Figure:
        score = rounded(hundred(figure.theta, categories))
        return score, math.ceil(figure.moderated_se * hundred(2, categories))

    return Shown(
        constructs={name: published(figures.constructs[name]) for name in CONSTRUCTS},
        items={name: published(one) for name, one in (figures.items or {}).items()},
        dose=None if dose is None else coarse_share(100 * dose.share),
        participation=participation_band(figures.n["any"], figures.eligible),
    )
