"""Teams and the roster: the teams and people of an agency, and changes to them."""

from dataclasses import dataclass
from typing import NotRequired, TypedDict


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
    """A person; ``team`` and ``supervises`` are external ids of teams."""

    external_id: str
    team: str
    supervises: NotRequired[list[str]]


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

    Both are None if the reply was lost, and the service has the roster all the same.
    """

    teams: ChangeCounts | None
    people: ChangeCounts | None


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
    """

    changes: RosterChanges
    teams: tuple[TeamDifference, ...]
    people: tuple[PersonDifference, ...]
