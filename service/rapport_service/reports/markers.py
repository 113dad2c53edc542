"""Markers that a reader may see."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from rapport_schemas.enums import Role
from rapport_service.agency.models import Team
from rapport_service.agency.service import expand_subtrees, list_teams
from rapport_service.registry.markers import UnknownMarkerError, list_markers
from rapport_service.registry.models import Marker
from rapport_service.reports.rights import Reader, ReadingRights


def list_readable_markers(session: Session, reader: Reader) -> list[Marker]:
    """The markers that concern a team that is the reader's today, by date.

    Those of a subtree that holds such a team, and for readers of any team those of the
    whole organization. Administrators see all, also those of teams that are gone.
    """
    markers = list_markers(session, reader.organization_id)
    if Role.ADMIN in reader.roles:
        return markers
    teams = list_teams(session, reader.organization_id)
    readable = ReadingRights(session, reader).today
    return [marker for marker in markers if readable & _concerned_teams(marker, teams)]


def _concerned_teams(marker: Marker, teams: Sequence[Team]) -> set[UUID]:
    if marker.team_id is None:
        return {team.team_id for team in teams}
    return expand_subtrees(teams, [marker.team_id])


def get_readable_marker(session: Session, reader: Reader, marker_id: UUID) -> Marker:
    """A marker that concerns a team of the reader's.

    Raises:
        UnknownMarkerError: not a marker that this reader may see.
    """
    for marker in list_readable_markers(session, reader):
        if marker.marker_id == marker_id:
            return marker
    raise UnknownMarkerError(marker_id)
