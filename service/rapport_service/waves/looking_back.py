"""Reads what findings rest on: markers, and the waves so far with what they keep."""

import json
from collections.abc import Mapping
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service.agency.service import get_organization
from rapport_service.charter import document
from rapport_service.events.history import (
    Declared,
    Ground,
    History,
    ReleasedWave,
    days,
    midnight,
    shown,
)
from rapport_service.instrument.bank import by_digest
from rapport_service.measure.phases import Kind
from rapport_service.record.markers import list_markers
from rapport_service.record.models import Charter, Marker, Release, Wave
from rapport_service.scoring.figures import Figures
from rapport_service.waves.past import kept_figures


def ground_of(session: Session, organization_id: str) -> Ground | None:
    """What an organization's findings rest on; None without a marker or a release."""
    markers = list_markers(session, organization_id)
    released = _released(session, organization_id) if markers else []
    if not released:
        return None
    zone = _zone(session, organization_id)
    newest, _ = released[-1]
    return Ground(
        nodes={node.team_id: node for node in _charter(session, newest).nodes},
        markers=[_declared(marker, zone) for marker in markers],
        releases=[(wave.public_id, one.number) for wave, one in released],
    )


def history_of(session: Session, organization_id: str, ground: Ground) -> History:
    """The same with what the waves showed that asked what the newest one asked."""
    zone = _zone(session, organization_id)
    released = _released(session, organization_id)
    instrument = _charter(session, released[-1][0]).instrument
    waves = [
        wave
        for wave, one in released
        if json.loads(one.figures).get("instrument") == instrument
    ]
    kept = kept_figures(session, organization_id, [wave.wave_id for wave in waves])
    told = [
        _released_wave(wave, _charter(session, wave), kept.get(wave.wave_id, {}), zone)
        for wave in waves
    ]
    return History(ground.nodes, ground.markers, ground.releases, told)


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


def _released_wave(
    wave: Wave,
    charter: document.Charter,
    kept: Mapping[str, Figures],
    zone: ZoneInfo,
) -> ReleasedWave:
    scale = by_digest(charter.instrument).scale
    fine = {UUID(team): shown(figures, scale) for team, figures in kept.items()}
    return ReleasedWave(
        id=wave.public_id,
        opens_at=wave.opens_at,
        window=days(wave.opens_at, wave.closes_at, zone),
        known_at=wave.seals_at,
        eligible=charter.eligible,
        shown={team: one for team, one in fine.items() if one is not None},
    )


def _charter(session: Session, wave: Wave) -> document.Charter:
    kept = session.get_one(Charter, (wave.organization_id, wave.wave_id))
    return document.read(kept.document)


def _zone(session: Session, organization_id: str) -> ZoneInfo:
    return ZoneInfo(get_organization(session, organization_id).time_zone)


def _declared(marker: Marker, zone: ZoneInfo) -> Declared:
    return Declared(
        kind=cast("Kind", marker.kind.replace("-", "_")),
        effective=midnight(marker.effective_on, zone),
        declared_at=marker.declared_at,
        name=str(marker.marker_id),
        stands=marker.retracted_at is None,
        team_id=marker.team_id,
        effective_on=marker.effective_on,
        confirmed=marker.confirmed,
        label=marker.label,
        declared_by=marker.declared_by,
    )
