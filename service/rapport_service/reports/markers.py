"""Which markers a reader may see."""

from sqlalchemy.orm import Session

from rapport_service.agency.service import below, listed_teams
from rapport_service.record.markers import list_markers
from rapport_service.record.models import Marker
from rapport_service.reports.service import Reader, Role, readable_teams


def readable_markers(session: Session, reader: Reader) -> list[Marker]:
    """The markers that concern a team of the reader's, by date.

    Those of the whole organization, and those of a subtree that holds such a team.
    Administrators see every one, those of teams that are gone as well.
    """
    markers = list_markers(session, reader.organization_id)
    if Role.ADMIN in reader.roles:
        return markers
    teams = listed_teams(session, reader.organization_id)
    readable = {team.team_id for team in readable_teams(session, reader)}
    return [
        marker
        for marker in markers
        if marker.team_id is None or below(teams, [marker.team_id]) & readable
    ]
