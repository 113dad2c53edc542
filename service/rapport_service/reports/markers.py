"""Markers that a reader may see."""

from uuid import UUID

from sqlalchemy.orm import Session

from rapport_schemas.enums import Role
from rapport_service.agency.service import expand_subtrees, list_teams
from rapport_service.registry.markers import UnknownMarkerError, list_markers
from rapport_service.registry.models import Marker
from rapport_service.reports.service import Reader, list_readable_teams


def list_readable_markers(session: Session, reader: Reader) -> list[Marker]:
    """The markers that concern a team of the reader's, by date.

    Those of the whole organization, and those of a subtree that holds such a team.
    Administrators see all, also those of teams that are no longer in the roster.
    """
    markers = list_markers(session, reader.organization_id)
    if Role.ADMIN in reader.roles:
        return markers
    teams = list_teams(session, reader.organization_id)
    readable = {team.team_id for team in list_readable_teams(session, reader)}
    return [
        marker
        for marker in markers
        if marker.team_id is None or expand_subtrees(teams, [marker.team_id]) & readable
    ]


def get_readable_marker(session: Session, reader: Reader, marker_id: UUID) -> Marker:
    """A marker that concerns a team of the reader's.

    Raises:
        UnknownMarkerError: not a marker that this reader may see.
    """
    for marker in list_readable_markers(session, reader):
        if marker.marker_id == marker_id:
            return marker
    raise UnknownMarkerError(marker_id)
