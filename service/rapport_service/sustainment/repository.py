"""Loads the basis of findings: markers, and released waves with their figures."""

import json
from collections.abc import Mapping
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service.agency.service import get_organization
from rapport_service.agency.time_zones import load_time_zone
from rapport_service.charter import document
from rapport_service.instrument.bank import instrument_by_digest
from rapport_service.registry.markers import list_markers
from rapport_service.registry.models import Charter, Marker, Release, Wave
from rapport_service.releases.history import released_figures
from rapport_service.releases.scoring.figures import Figures
from rapport_service.stats.event_phases import PhaseMarkerKind
from rapport_service.sustainment.analysis.history import (
    Basis,
    DeclaredMarker,
    History,
    ReleasedWave,
    calendar_window,
    published_figures,
    start_of_day,
)


def load_basis(session: Session, organization_id: str) -> Basis | None:
    """The basis of an organization's findings; None without a marker or a release."""
    markers = list_markers(session, organization_id)
    released = _load_released(session, organization_id) if markers else []
    if not released:
        return None
    zone = _load_time_zone(session, organization_id)
    newest, _ = released[-1]
    return Basis(
        nodes={node.team_id: node for node in _load_charter(session, newest).nodes},
        markers=[_to_declared_marker(marker, zone) for marker in markers],
        releases=[(wave.public_id, release.number) for wave, release in released],
    )


def load_history(session: Session, organization_id: str, basis: Basis) -> History:
    """The basis with the published figures of waves of the newest instrument."""
    zone = _load_time_zone(session, organization_id)
    released = _load_released(session, organization_id)
    instrument = _load_charter(session, released[-1][0]).instrument_digest
    waves = [
        wave
        for wave, release in released
        if json.loads(release.figures)["instrument_digest"] == instrument
    ]
    figures = released_figures(
        session, organization_id, [wave.wave_id for wave in waves]
    )
    released_waves = [
        _to_released_wave(
            wave, _load_charter(session, wave), figures.get(wave.wave_id, {}), zone
        )
        for wave in waves
    ]
    return History(basis.nodes, basis.markers, basis.releases, released_waves)


def _load_released(
    session: Session, organization_id: str
) -> list[tuple[Wave, Release]]:
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
    return list({wave.wave_id: (wave, release) for wave, release in rows}.values())


def _to_released_wave(
    wave: Wave,
    charter: document.CharterTerms,
    stored: Mapping[str, Figures],
    zone: ZoneInfo,
) -> ReleasedWave:
    scale = instrument_by_digest(charter.instrument_digest).scale
    published = {
        UUID(team): published_figures(figures, scale)
        for team, figures in stored.items()
    }
    return ReleasedWave(
        id=wave.public_id,
        opens_at=wave.opens_at,
        window=calendar_window(wave.opens_at, wave.closes_at, zone),
        known_at=wave.seals_at,
        eligible=charter.eligible,
        published={
            team: figures for team, figures in published.items() if figures is not None
        },
    )


def _load_charter(session: Session, wave: Wave) -> document.CharterTerms:
    charter = session.get_one(Charter, (wave.organization_id, wave.wave_id))
    return document.read_charter(charter.document)


def _load_time_zone(session: Session, organization_id: str) -> ZoneInfo:
    return load_time_zone(get_organization(session, organization_id))


def _to_declared_marker(marker: Marker, zone: ZoneInfo) -> DeclaredMarker:
    return DeclaredMarker(
        kind=cast("PhaseMarkerKind", marker.kind),
        effective_at=start_of_day(marker.effective_on, zone),
        declared_at=marker.declared_at,
        marker_id=str(marker.marker_id),
        active=marker.retracted_at is None,
        team_id=marker.team_id,
        effective_on=marker.effective_on,
        confirmed=marker.confirmed,
        label=marker.label,
    )
