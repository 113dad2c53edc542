"""The step of the worker that finds out what markers did, whenever something is new.

It reads markers, charters and what releases keep for later waves; it appends documents.
A published version never changes: other markers or releases make another version.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service import b64
from rapport_service.agency.service import get_organization
from rapport_service.charter import document
from rapport_service.db import insert_missing
from rapport_service.events.cases import cases
from rapport_service.events.finding import Findings
from rapport_service.events.history import (
    Declared,
    Ground,
    History,
    Round,
    days,
    midnight,
    shown,
)
from rapport_service.instrument.bank import by_digest
from rapport_service.measure.phases import Kind
from rapport_service.record.markers import list_markers
from rapport_service.record.models import (
    Charter,
    Finding,
    Marker,
    Release,
    Score,
    Wave,
)
from rapport_service.scoring.figures import Figures

Newest = Mapping[tuple[UUID, UUID], tuple[int, str]]
"""The newest version of each finding, by team and marker, and its basis."""


@dataclass(frozen=True)
class Outstanding:
    """Findings that rest on something new.

    Attributes:
        findings: what they will say.
        teams: whose findings they are.
        newest: what is recorded so far.
    """

    organization_id: str
    findings: Findings
    teams: Sequence[UUID]
    newest: Newest


def outstanding(session: Session, organization_id: str) -> Outstanding | None:
    """What there is to find out; None where nothing is new."""
    markers = [
        marker
        for marker in list_markers(session, organization_id)
        if marker.retracted_at is None
    ]
    released = _released(session, organization_id) if markers else []
    if not released:
        return None
    zone = ZoneInfo(get_organization(session, organization_id).time_zone)
    charter = _charter(session, released[-1][0])
    ground = Ground(
        nodes={node.team_id: node for node in charter.nodes},
        markers=[_declared(marker, zone) for marker in markers],
        releases=[(wave.public_id, one.number) for wave, one in released],
    )
    newest = _newest(session, organization_id)
    teams = [team for team in ground.nodes if _is_new(ground, team, newest)]
    if not teams:
        return None
    alike = [
        wave
        for wave, one in released
        if json.loads(one.figures).get("instrument") == charter.instrument
    ]
    history = History(
        ground.nodes,
        ground.markers,
        ground.releases,
        _rounds(session, organization_id, alike, zone),
    )
    return Outstanding(organization_id, Findings(history), teams, newest)


def publish(session: Session, new: Outstanding, team: UUID) -> None:
    """Records the next version of a team's findings.

    Of two that do so at once, one records them and the other changes nothing.
    """
    basis = new.findings.history.basis(team)
    rows: list[dict[str, object]] = []
    for told in new.findings.of(team):
        version, rests_on = new.newest.get((team, told.marker), (0, ""))
        if rests_on == basis:
            continue
        members = {**told.document, "version": version + 1}
        written = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
        rows.append(
            {
                "organization_id": new.organization_id,
                "team_id": team,
                "marker_id": told.marker,
                "version": version + 1,
                "ended_by": told.ended_by,
                "analysed": told.analysed,
                "basis": basis,
                "digest": b64.digest(written.encode()),
                "document": written.encode(),
            }
        )
    insert_missing(session, Finding, rows)


def _released(session: Session, organization_id: str) -> list[tuple[Wave, Release]]:
    """Each released wave with its newest release, in the order of time."""
    rows = session.execute(
        select(Wave, Release)
        .join(
            Release,
            (Release.organization_id == Wave.organization_id)
            & (Release.wave_id == Wave.wave_id),
        )
        .where(Wave.organization_id == organization_id)
        .order_by(Wave.opens_at, Wave.wave_id, Release.number)
    )
    return list({wave.wave_id: (wave, one) for wave, one in rows}.values())


def _newest(session: Session, organization_id: str) -> Newest:
    rows = session.execute(
        select(Finding.team_id, Finding.marker_id, Finding.version, Finding.basis)
        .where(Finding.organization_id == organization_id)
        .order_by(Finding.version)
    )
    return {(team, marker): (version, basis) for team, marker, version, basis in rows}


def _is_new(ground: Ground, team: UUID, newest: Newest) -> bool:
    """Whether a team has a finding that rests on less than there is by now."""
    basis = ground.basis(team)
    return any(
        newest.get((team, UUID(case.marker.name)), (0, ""))[1] != basis
        for case in cases(ground.concerning(team))
    )


def _rounds(
    session: Session, organization_id: str, waves: Sequence[Wave], zone: ZoneInfo
) -> list[Round]:
    """The waves that asked the same questions as the newest one."""
    kept: dict[UUID, dict[UUID, str | None]] = defaultdict(dict)
    for wave_id, team_id, figures in session.execute(
        select(Score.wave_id, Score.team_id, Score.figures)
        .where(
            Score.organization_id == organization_id,
            Score.wave_id.in_([wave.wave_id for wave in waves]),
        )
        .order_by(Score.number)
    ):
        kept[wave_id][team_id] = figures
    return [
        _round(wave, _charter(session, wave), kept[wave.wave_id], zone)
        for wave in waves
    ]


def _round(
    wave: Wave,
    charter: document.Charter,
    kept: Mapping[UUID, str | None],
    zone: ZoneInfo,
) -> Round:
    scale = by_digest(charter.instrument).scale
    fine = {
        team: shown(Figures.load(text), scale) for team, text in kept.items() if text
    }
    return Round(
        wave=wave.public_id,
        opens_at=wave.opens_at,
        window=days(wave.opens_at, wave.closes_at, zone),
        known_at=wave.seals_at,
        eligible=charter.eligible,
        shown={team: one for team, one in fine.items() if one is not None},
    )


def _charter(session: Session, wave: Wave) -> document.Charter:
    kept = session.get_one(Charter, (wave.organization_id, wave.wave_id))
    return document.read(kept.document)


def _declared(marker: Marker, zone: ZoneInfo) -> Declared:
    return Declared(
        kind=cast("Kind", marker.kind.replace("-", "_")),
        effective=midnight(marker.effective_on, zone),
        declared_at=marker.declared_at,
        name=str(marker.marker_id),
        team_id=marker.team_id,
        effective_on=marker.effective_on,
        confirmed=marker.confirmed,
        label=marker.label,
        declared_by=marker.declared_by,
    )
