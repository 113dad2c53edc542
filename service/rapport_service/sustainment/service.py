"""Assesses the effects of markers whenever there is something new, and records it.

Reads markers, charters and the figures of releases; appends documents.
A published version never changes: other markers or releases make another version.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rapport_schemas.enums import DOCUMENT_FORMAT
from rapport_service.core.db import insert_missing
from rapport_service.encoding import base64url
from rapport_service.registry.models import Finding
from rapport_service.sustainment.analysis.eligibility import marker_cases
from rapport_service.sustainment.analysis.finding import Findings
from rapport_service.sustainment.analysis.history import Basis
from rapport_service.sustainment.repository import load_basis, load_history


@dataclass(frozen=True)
class PendingFindings:
    """Findings whose basis has changed.

    Attributes:
        findings: their new content.
        due: the markers to assess, by team.
        versions: the newest recorded ones, by team and marker.
    """

    organization_id: str
    findings: Findings
    due: Mapping[UUID, Collection[UUID]]
    versions: Mapping[tuple[UUID, UUID], int]


def pending_findings(session: Session, organization_id: str) -> PendingFindings | None:
    """The findings to record; None where nothing is new."""
    basis = load_basis(session, organization_id)
    due = _find_due(session, organization_id, basis) if basis else {}
    if basis is None or not due:
        return None
    history = load_history(session, organization_id, basis)
    versions = _load_versions(session, organization_id, due)
    return PendingFindings(organization_id, Findings(history), due, versions)


def record_findings(session: Session, pending: PendingFindings, team: UUID) -> None:
    """Records the next version of a team's findings.

    Of two concurrent calls, one records them and the other changes nothing; if
    the first had an older basis, the next tick records another version.
    """
    basis = pending.findings.history.digest(team)
    rows: list[dict[str, object]] = []
    for finding in pending.findings.of(team):
        if finding.marker not in pending.due[team]:
            continue
        version = pending.versions.get((team, finding.marker), 0) + 1
        members = {
            "format": DOCUMENT_FORMAT,
            **finding.document,
            "version": version,
        }
        written = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
        rows.append(
            {
                "organization_id": pending.organization_id,
                "team_id": team,
                "marker_id": finding.marker,
                "version": version,
                "ended_by": finding.ended_by,
                "analysed": finding.analysed,
                "basis": basis,
                "digest": base64url.digest(written.encode()),
                "document": written.encode(),
            }
        )
    insert_missing(session, Finding, rows)


def _find_due(
    session: Session, organization_id: str, basis: Basis
) -> dict[UUID, set[UUID]]:
    """The findings whose basis has changed since: markers by team."""
    digests = {team: basis.digest(team) for team in basis.nodes}
    rows = session.execute(
        select(Finding.team_id, Finding.marker_id, Finding.basis).where(
            Finding.organization_id == organization_id,
            Finding.basis.in_(set(digests.values())),
        )
    )
    recorded = {tuple(row) for row in rows}
    due: dict[UUID, set[UUID]] = defaultdict(set)
    for team, digest in digests.items():
        for case in marker_cases(basis.active_markers_of(team)):
            marker = UUID(case.marker.marker_id)
            if (team, marker, digest) not in recorded:
                due[team].add(marker)
    return dict(due)


def _load_versions(
    session: Session, organization_id: str, teams: Collection[UUID]
) -> dict[tuple[UUID, UUID], int]:
    """The newest version of each finding of some teams, by team and marker."""
    rows = session.execute(
        select(Finding.team_id, Finding.marker_id, func.max(Finding.version))
        .where(Finding.organization_id == organization_id, Finding.team_id.in_(teams))
        .group_by(Finding.team_id, Finding.marker_id)
    )
    return {(team, marker): version for team, marker, version in rows}
