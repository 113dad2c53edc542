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

from rapport_service import b64
from rapport_service.db import insert_missing
from rapport_service.events.cases import cases
from rapport_service.events.finding import Findings
from rapport_service.events.history import Ground
from rapport_service.record.models import Finding
from rapport_service.waves.looking_back import ground_of, history_of


@dataclass(frozen=True)
class Outstanding:
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


def outstanding(session: Session, organization_id: str) -> Outstanding | None:
    """What there is to find out; None where nothing is new."""
    ground = ground_of(session, organization_id)
    due = _due(session, organization_id, ground) if ground else {}
    if ground is None or not due:
        return None
    history = history_of(session, organization_id, ground)
    versions = _versions(session, organization_id, due)
    return Outstanding(organization_id, Findings(history), due, versions)


def publish(session: Session, new: Outstanding, team: UUID) -> None:
    """Records the next version of a team's findings.

    Of two that do so at once, one records them and the other changes nothing; if that
    one knew less, the next tick goes on from there.
    """
    basis = new.findings.history.basis(team)
    rows: list[dict[str, object]] = []
    for told in new.findings.of(team):
        if told.marker not in new.due[team]:
            continue
        version = new.versions.get((team, told.marker), 0) + 1
        members = {**told.document, "version": version}
        written = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
        rows.append(
            {
                "organization_id": new.organization_id,
                "team_id": team,
                "marker_id": told.marker,
                "version": version,
                "ended_by": told.ended_by,
                "analysed": told.analysed,
                "basis": basis,
                "digest": b64.digest(written.encode()),
                "document": written.encode(),
            }
        )
    insert_missing(session, Finding, rows)


def _due(
    session: Session, organization_id: str, ground: Ground
) -> dict[UUID, set[UUID]]:
    """The findings that rest on less than there is by now: markers by team."""
    bases = {team: ground.basis(team) for team in ground.nodes}
    rows = session.execute(
        select(Finding.team_id, Finding.marker_id, Finding.basis).where(
            Finding.organization_id == organization_id,
            Finding.basis.in_(set(bases.values())),
        )
    )
    known = {tuple(row) for row in rows}
    due: dict[UUID, set[UUID]] = defaultdict(set)
    for team, basis in bases.items():
        for case in cases(ground.concerning(team)):
            marker = UUID(case.marker.name)
            if (team, marker, basis) not in known:
                due[team].add(marker)
    return dict(due)


def _versions(
    session: Session, organization_id: str, teams: Collection[UUID]
) -> dict[tuple[UUID, UUID], int]:
    """The newest version of each finding of some teams, by team and marker."""
    rows = session.execute(
        select(Finding.team_id, Finding.marker_id, func.max(Finding.version))
        .where(Finding.organization_id == organization_id, Finding.team_id.in_(teams))
        .group_by(Finding.team_id, Finding.marker_id)
    )
    return {(team, marker): version for team, marker, version in rows}
