"""The stored findings about a team and its markers; nothing is computed here."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from rapport_service.agency.models import Team
from rapport_service.agency.service import expand_subtrees, list_teams
from rapport_service.charter.document import team_reference
from rapport_service.narrative import sustainment
from rapport_service.registry.markers import UnknownMarkerError, list_markers
from rapport_service.registry.models import Finding, Marker
from rapport_service.registry.queries import parse_wave_id
from rapport_service.reports.access import Access
from rapport_service.reports.documents import for_access, read_source_id
from rapport_service.reports.rights import Reader, ReadingRights


@dataclass(frozen=True)
class PendingFinding:
    """A marker without a finding yet: no wave is sealed, or the worker is not done."""

    team: Team
    marker_id: UUID


def load_sustainment(
    session: Session, reader: Reader, team_id: UUID, marker_id: UUID | None
) -> bytes | PendingFinding:
    """The newest finding of a team about a marker that the reader may read.

    Of a team that is no longer the reader's, that is the newest that rests on no other
    waves than those of the time when it was. A finding that rests on a retracted marker
    is not shown, even before there is a newer one.

    Args:
        marker_id: one that concerns the team, or that ends what such a marker began; by
            default the newest one that was analysed, or else the newest.

    Raises:
        TeamNotReadableError: not a team of this reader.
        UnknownMarkerError: no such marker concerns the team, or it was retracted.
    """
    rights = ReadingRights(session, reader)
    team = rights.get_team(team_id)
    active = {
        marker.marker_id: marker
        for marker in list_markers(session, reader.organization_id)
        if marker.retracted_at is None
    }
    findings = _load_newest_findings(session, rights, team_id, active)
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
        return for_access(
            finding.document, _access_of(rights, finding), sustainment.GROUP_HIDDEN
        )
    concerning = (
        _filter_concerning(session, reader, team_id, active.values())
        if team_id in rights.today
        else []
    )
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
        "explanation": [sustainment.PENDING()],
    }


def _load_newest_findings(
    session: Session, rights: ReadingRights, team_id: UUID, active: Collection[UUID]
) -> list[Finding]:
    """Of each of a team's findings the newest version that the reader may read.

    Only of those whose markers are all active.
    """
    findings: dict[UUID, Finding] = {}
    for finding in session.scalars(_select_findings(rights, team_id)):
        if (
            finding.marker_id not in findings
            and finding.marker_id in active
            and (finding.ended_by is None or finding.ended_by in active)
            and _access_of(rights, finding) is not Access.NOTHING
        ):
            findings[finding.marker_id] = finding
    # A marker that ends an episode is asked about for the sake of that episode.
    return sorted(
        findings.values(), key=lambda each: (each.ended_by is None, each.marker_id)
    )


def _select_findings(rights: ReadingRights, team_id: UUID) -> Select[Finding]:
    """A team's findings, the newest first; all versions where some are not readable."""
    mine = (
        Finding.organization_id == rights.organization_id,
        Finding.team_id == team_id,
    )
    findings = select(Finding).where(*mine).order_by(Finding.version.desc())
    if team_id not in rights.today:
        return findings
    newest = (
        select(Finding.marker_id, func.max(Finding.version).label("version"))
        .where(*mine)
        .group_by(Finding.marker_id)
        .subquery()
    )
    return findings.join(
        newest,
        (newest.c.marker_id == Finding.marker_id)
        & (newest.c.version == Finding.version),
    )


def _access_of(rights: ReadingRights, finding: Finding) -> Access:
    waves = json.loads(finding.document).get("waves", [])
    return rights.access(
        finding.team_id,
        read_source_id(finding.document),
        [parse_wave_id(wave["wave_id"])[1] for wave in waves],
    )


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
