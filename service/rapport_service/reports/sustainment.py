"""What became of a team around a marker, as it was found out; nothing is computed."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rapport_service.agency.models import Team
from rapport_service.agency.service import expand_subtrees, list_teams
from rapport_service.registry.markers import UnknownMarkerError, list_markers
from rapport_service.registry.models import Finding, Marker
from rapport_service.reports.service import Reader, StoredDocument, get_readable_team


@dataclass(frozen=True)
class PendingFinding:
    """A marker that the worker has not come to, or for which no wave is sealed."""

    team: Team
    marker_id: UUID


def load_sustainment(
    session: Session, reader: Reader, team_id: UUID, marker_id: UUID | None
) -> StoredDocument | PendingFinding:
    """What a team is told of a marker, the same for every role.

    What rests on a marker that was retracted is not shown, even before it is found out
    anew.

    Args:
        marker_id: one that concerns the team, or that ends what such a one began; by
            default the newest one that was analysed, or else the newest.

    Raises:
        TeamNotReadableError: not a team of this reader.
        UnknownMarkerError: no such marker concerns the team, or it was retracted.
    """
    team = get_readable_team(session, reader, team_id)
    standing = {
        marker.marker_id: marker
        for marker in list_markers(session, reader.organization_id)
        if marker.retracted_at is None
    }
    findings = _load_newest_findings(session, reader.organization_id, team_id, standing)
    if marker_id is None:
        found = max(
            findings,
            key=lambda one: (one.analysed, *_recency_key(standing[one.marker_id])),
            default=None,
        )
    else:
        found = next(
            (one for one in findings if marker_id in {one.ended_by, one.marker_id}),
            None,
        )
    if found is not None:
        return StoredDocument(found.document, found.digest)
    concerning = _filter_concerning(session, reader, team_id, standing.values())
    if marker_id is None and concerning:
        marker_id = max(concerning, key=_recency_key).marker_id
    if marker_id not in {marker.marker_id for marker in concerning}:
        raise UnknownMarkerError(marker_id)
    return PendingFinding(team, standing[marker_id].marker_id)


def _load_newest_findings(
    session: Session, organization_id: str, team_id: UUID, standing: Collection[UUID]
) -> list[Finding]:
    """The newest version of each of a team's findings whose markers all stand."""
    newest = (
        select(Finding.marker_id, func.max(Finding.version).label("version"))
        .where(Finding.organization_id == organization_id, Finding.team_id == team_id)
        .group_by(Finding.marker_id)
        .subquery()
    )
    found = session.scalars(
        select(Finding)
        .join(
            newest,
            (newest.c.marker_id == Finding.marker_id)
            & (newest.c.version == Finding.version),
        )
        .where(Finding.organization_id == organization_id, Finding.team_id == team_id)
        # Where a marker came to end an episode, that is what it is asked about.
        .order_by(Finding.ended_by.is_(None), Finding.marker_id)
    )
    return [
        one
        for one in found
        if one.marker_id in standing
        and (one.ended_by is None or one.ended_by in standing)
    ]


def _filter_concerning(
    session: Session, reader: Reader, team_id: UUID, markers: Collection[Marker]
) -> list[Marker]:
    teams = list_teams(session, reader.organization_id)
    return [
        marker
        for marker in markers
        if marker.team_id is None or team_id in expand_subtrees(teams, [marker.team_id])
    ]


def _recency_key(marker: Marker) -> tuple[object, ...]:
    return marker.effective_on, marker.declared_at, marker.marker_id
