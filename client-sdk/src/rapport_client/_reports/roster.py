"""The roster: an agency's teams and people as they are now, and what a put changed."""

from dataclasses import dataclass
from typing import NotRequired, TypedDict

from rapport_client._json import JsonObject


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
class RosterDiff:
    """How many entries a put added, changed and removed."""

    added: int
    changed: int
    removed: int


@dataclass(frozen=True)
class RosterChanges:
    """What a put changed; the same roster again changes nothing."""

    teams: RosterDiff
    people: RosterDiff


def read(reply: JsonObject) -> RosterChanges:
    """Reads what a put changed.

    Raises:
        UnexpectedReply: malformed.
    """
    return RosterChanges(
        teams=_read_diff(reply.nested("teams")),
        people=_read_diff(reply.nested("people")),
    )


def _read_diff(changes: JsonObject) -> RosterDiff:
    return RosterDiff(
        changes.integer("added"),
        changes.integer("changed"),
        changes.integer("removed"),
    )
