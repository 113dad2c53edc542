"""The rule on what a reader gets of a team's document. Pure."""

from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from uuid import UUID


class Access(Enum):
    """Extent to which a reader gets a document.

    ``STATUS`` is that the team was rolled up then, without the group or its figures.
    """

    NOTHING = "nothing"
    STATUS = "status"
    WHOLE = "whole"


def decide_access(
    team_id: UUID,
    source_id: UUID | None,
    readable: Collection[UUID],
    ancestors: Collection[UUID],
) -> Access:
    """The extent to which a reader gets a document of a team.

    A team that has moved since keeps its old documents, with figures of the group that
    it was in. Its present supervisors need not be that group's.

    Args:
        team_id: the team that the document is about.
        source_id: the group whose figures it shows, where they are not the team's own.
        readable: the teams that the reader may read in the document's waves.
        ancestors: the teams around the team today.
    """
    if team_id not in readable:
        return Access.NOTHING
    if source_id is None or source_id in ancestors or source_id in readable:
        return Access.WHOLE
    return Access.STATUS


def readable_teams(
    today: frozenset[UUID], then: Iterable[frozenset[UUID]]
) -> frozenset[UUID]:
    """The teams that a reader may read in a document of one or more waves.

    Args:
        today: the teams that the reader may read today, whatever the wave.
        then: for each wave of the document, the teams that were the reader's when it
            was announced.
    """
    waves = list(then)
    return today | frozenset.intersection(*waves) if waves else today


def list_ancestors(
    team_id: UUID, parents: Mapping[UUID, UUID | None]
) -> frozenset[UUID]:
    """The teams around a team in a tree, without the team; none if it is not in it."""
    ancestors = set()
    parent = parents.get(team_id)
    while parent is not None:
        ancestors.add(parent)
        parent = parents[parent]
    return frozenset(ancestors)
