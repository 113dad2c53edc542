"""The step of the worker that finds out what markers did, whenever something is new.

It reads markers, charters and what releases keep for later waves; it appends documents.
A published version never changes: other markers or releases make another version.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rapport_service.core.db import insert_missing
from rapport_service.encoding import base64url
from rapport_service.registry.models import Finding
from rapport_service.sustainment.analysis.eligibility import marker_cases
from rapport_service.sustainment.analysis.finding import Findings
from rapport_service.sustainment.analysis.history import Basis
from rapport_service.sustainment.repository import load_basis, load_history


@dataclass(frozen=True)
class PendingFindings:
    """Findings that rest on something new.

    Attributes:
        findings: what they will say.
        due: the markers of which something new is said, by team.
        versions: the newest that are recorded, by team and marker.
    """

    organization_id: str
    findings: Findings
    due: Mapping[UUID, Collection[UUID]]
    versions: Mapping[tuple[UUID, UUID], int]


def pending_findings(session: Session, organization_id: str) -> PendingFindings | None:
    """What there is to find out; None where nothing is new."""
    ground = load_basis(session, organization_id)
    due = _find_due(session, organization_id, ground) if ground else {}
    if ground is None or not due:
        return None
    history = load_history(session, organization_id, ground)
    versions = _load_versions(session, organization_id, due)
    return PendingFindings(organization_id, Findings(history), due, versions)


def record_findings(session: Session, pending: PendingFindings, team: UUID) -> None:
    """Records the next version of a team's findings.

    Of two that do so at once, one records them and the other changes nothing; if that
    one knew less, the next tick goes on from there.
    """
    basis = pending.findings.history.digest(team)
    rows: list[dict[str, object]] = []
    for told in pending.findings.of(team):
        if told.marker not in pending.due[team]:
            continue
        version = pending.versions.get((team, told.marker), 0) + 1
        members = {**told.document, "version": version}
        written = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
        rows.append(
            {
                "organization_id": pending.organization_id,
                "team_id": team,
                "marker_id": told.marker,
                "version": version,
                "ended_by": told.ended_by,
                "analysed": told.analysed,
                "basis": basis,
                "digest": base64url.digest(written.encode()),
                "document": written.encode(),
            }
        )
    insert_missing(session, Finding, rows)


def _find_due(
    session: Session, organization_id: str, ground: Basis
) -> dict[UUID, set[UUID]]:
    """The findings that rest on less than there is by now: markers by team."""
    bases = {team: ground.digest(team) for team in ground.nodes}
    rows = session.execute(
        select(Finding.team_id, Finding.marker_id, Finding.basis).where(
            Finding.organization_id == organization_id,
            Finding.basis.in_(set(bases.values())),
        )
    )
    known = {tuple(row) for row in rows}
    due: dict[UUID, set[UUID]] = defaultdict(set)
    for team, basis in bases.items():
        for case in marker_cases(ground.active_markers_of(team)):
            marker = UUID(case.marker.marker_id)
            if (team, marker, basis) not in known:
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
