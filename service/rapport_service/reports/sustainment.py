"""The stored findings about a team and its markers; nothing is computed here."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rapport_service.agency.models import Team
from rapport_service.agency.service import expand_subtrees, list_teams
from rapport_service.charter.document import team_reference
from rapport_service.narrative.sustainment import PENDING
from rapport_service.registry.markers import UnknownMarkerError, list_markers
from rapport_service.registry.models import Finding, Marker
from rapport_service.reports.service import Reader, StoredDocument, get_readable_team


@dataclass(frozen=True)
class PendingFinding:
    """A marker without a finding yet: no wave is sealed, or the worker is not done."""

    team: Team
    marker_id: UUID


def load_sustainment(
    session: Session, reader: Reader, team_id: UUID, marker_id: UUID | None
) -> StoredDocument | PendingFinding:
    """The newest finding of a team about a marker, the same for every role.

    A finding that rests on a retracted marker is not shown, even before there is a
    newer one.

    Args:
        marker_id: one that concerns the team, or that ends what such a marker began; by
            default the newest one that was analysed, or else the newest.

    Raises:
        TeamNotReadableError: not a team of this reader.
        UnknownMarkerError: no such marker concerns the team, or it was retracted.
    """
    team = get_readable_team(session, reader, team_id)
    active = {
        marker.marker_id: marker
        for marker in list_markers(session, reader.organization_id)
        if marker.retracted_at is None
    }
    findings = _load_newest_findings(session, reader.organization_id, team_id, active)
    if marker_id is None:
        finding = max(
            findings,
            key=lambda each: (each.analysed, *_recency_key(active[each.marker_id])),
            default=None,
        )
    else:
        matches = (f for f in findings if marker_id in {f.ended_by, f.marker_id})
        finding = next(matches, None)
    if finding is not None:
        return StoredDocument(finding.document, finding.digest)
    concerning = _filter_concerning(session, reader, team_id, active.values())
    if marker_id is None and concerning:
        marker_id = max(concerning, key=_recency_key).marker_id
    if marker_id not in {marker.marker_id for marker in concerning}:
        raise UnknownMarkerError(marker_id)
    return PendingFinding(team, active[marker_id].marker_id)


def pending_finding_document(pending: PendingFinding) -> dict[str, object]:
    """A pending finding as ``SustainmentPendingSchema`` writes it."""
    return {
        "status": "pending",
        "team": team_reference(pending.team),
        "marker_id": str(pending.marker_id),
        "explanation": [PENDING()],
    }


def _load_newest_findings(
    session: Session, organization_id: str, team_id: UUID, active: Collection[UUID]
) -> list[Finding]:
    """The newest version of each of a team's findings whose markers are all active."""
    newest = (
        select(Finding.marker_id, func.max(Finding.version).label("version"))
        .where(Finding.organization_id == organization_id, Finding.team_id == team_id)
        .group_by(Finding.marker_id)
        .subquery()
    )
    findings = session.scalars(
        select(Finding)
        .join(
            newest,
            (newest.c.marker_id == Finding.marker_id)
            & (newest.c.version == Finding.version),
        )
        .where(Finding.organization_id == organization_id, Finding.team_id == team_id)
        # A marker that ends an episode is asked about for the sake of that episode.
        .order_by(Finding.ended_by.is_(None), Finding.marker_id)
    )
    return [
        finding
        for finding in findings
        if finding.marker_id in active
        and (finding.ended_by is None or finding.ended_by in active)
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
