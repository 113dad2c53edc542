"""Teams and the roster: the teams and people of an agency, and changes to them."""

from dataclasses import dataclass
from typing import NotRequired, TypedDict

from rapport_client.models.team_sizes import TeamWithoutScore


@dataclass(frozen=True)
class Team:
    """A team that the caller may read.

    Attributes:
        id: Rapport's id, a UUID.
        external_id: the agency's id.
        name: as people know it.
        parent_id: the id of the team above, None at the top. A caller who may read only
            some teams may get the id of one that is not among them.
        gone: whether it is no longer in the roster. Its results stay.
    """

    id: str
    external_id: str
    name: str
    parent_id: str | None
    gone: bool


class RosterTeam(TypedDict):
    """A team; ``parent`` is the external id of the team above, None at the top."""

    external_id: str
    name: str
    parent: str | None


class RosterPerson(TypedDict):
    """A person; ``team`` and ``supervises`` are external ids of teams.

    A person who is ``away`` is not asked.
    """

    external_id: str
    team: str
    supervises: NotRequired[list[str]]
    away: NotRequired[bool]


class Roster(TypedDict):
    """Every team and person, as they are now; people who are not in it have left."""

    teams: list[RosterTeam]
    people: list[RosterPerson]


@dataclass(frozen=True)
class CurrentRoster:
    """The roster that the service has.

    Attributes:
        roster: every team and person, by external id.
        etag: its version, for ``if_match``.
    """

    roster: Roster
    etag: str


@dataclass(frozen=True)
class ChangeCounts:
    """How many entries a put added, changed and removed."""

    added: int
    changed: int
    removed: int


@dataclass(frozen=True)
class RosterChanges:
    """The changes that a put made; the same roster again changes nothing.

    All are None if the reply was lost, and the service has the roster all the same.

    Attributes:
        teams: how many teams changed.
        people: how many people changed.
        can_be_asked: whether enough people can answer for a wave to be announced.
        teams_without_score: the teams that are too small for a score of their own.
    """

    teams: ChangeCounts | None
    people: ChangeCounts | None
    can_be_asked: bool | None = None
    teams_without_score: tuple[TeamWithoutScore, ...] | None = None


@dataclass(frozen=True)
class TeamDifference:
    """A team as it is now (None: added), and as it would be (None: removed)."""

    before: RosterTeam | None
    after: RosterTeam | None


@dataclass(frozen=True)
class PersonDifference:
    """A person as they are now (None: added), and as they would be (None: removed)."""

    before: RosterPerson | None
    after: RosterPerson | None


@dataclass(frozen=True)
class RosterDifferences:
    """The changes that a put would make.

    Attributes:
        changes: how many there are.
        teams: each team that would be another.
        people: each person who would be another.
        administrators: external ids of administrators among these people; one who
            would be removed is none any more.
        auditors: the same of auditors.
    """

    changes: RosterChanges
    teams: tuple[TeamDifference, ...]
    people: tuple[PersonDifference, ...]
    administrators: tuple[str, ...] = ()
    auditors: tuple[str, ...] = ()
