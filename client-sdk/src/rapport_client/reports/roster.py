"""The roster: an agency's teams and people as they are now, and what a put changed."""

from dataclasses import dataclass
from typing import NotRequired, TypedDict

from rapport_client.members import Members


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
    """Everybody, as they are now; who is not in it has left."""

    teams: list[RosterTeam]
    people: list[RosterPerson]


@dataclass(frozen=True)
class Changes:
    """How many entries a put added, changed and removed."""

    added: int
    changed: int
    removed: int


@dataclass(frozen=True)
class RosterChanges:
    """What a put changed; the same roster again changes nothing."""

    teams: Changes
    people: Changes


def read(reply: Members) -> RosterChanges:
    """Reads what a put changed.

    Raises:
        UnexpectedReply: malformed.
    """
    return RosterChanges(
        teams=_changes(reply.nested("teams")), people=_changes(reply.nested("people"))
    )


def _changes(changes: Members) -> Changes:
    return Changes(
        changes.integer("added"),
        changes.integer("changed"),
        changes.integer("removed"),
    )
