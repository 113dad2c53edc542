"""Use case: settings of an organization change, and planned waves follow its clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import WaveState
from rapport_schemas.errors import DocumentInvalidError, ErrorCode, FieldError
from rapport_service.agency.audit import Actor
from rapport_service.agency.errors import TimeZoneGoneError
from rapport_service.agency.service import (
    get_organization,
    lock_organization,
    update_organization,
)
from rapport_service.agency.time_zones import load_time_zone
from rapport_service.charter.document import WaveDates
from rapport_service.registry.models import Pulse, Wave
from rapport_service.registry.wave_audit import PLANNED_DATES, audit_plan
from rapport_service.waves.free_windows import require_windows_apart
from rapport_service.waves.pulse_calendar import PulseCalendar, lock_pulses


class WaveAlreadyOpenError(DocumentInvalidError):
    """In another time zone a planned wave would be open already."""

    def __init__(self) -> None:
        detail = (
            "would open a wave at once of which nobody was told. Choose it after that "
            "wave was announced"
        )
        super().__init__([FieldError("/time_zone", ErrorCode.TOO_EARLY, detail)])


def update_settings(
    session: Session,
    organization_id: str,
    actor: Actor,
    now: datetime,
    *,
    min_pool: int | None = None,
    time_zone: str | None = None,
) -> list[Wave]:
    """Changes the settings that are given; what is announced stays as it is. Audited.

    In another time zone, pulses keep their days and hours of the clock. Their waves
    that are planned and not announced yet move with them. Waves that were planned one
    by one stay, because their times were given as instants.

    Returns:
        The waves that have moved, by their opening.

    Raises:
        UnknownOrganizationError: there is none with this id.
        OrganizationInvalidError: a minimum is out of range.
        DocumentInvalidError: there is no such time zone.
        WindowTakenError: two waves would be open at the same time then.
        WaveAlreadyOpenError: a wave would be open already, and nobody was asked.
    """
    lock_organization(session, organization_id)
    # A tick that plans with the time zone of before has ended, or reads the new one.
    lock_pulses(session, organization_id, exclusively=True)
    organization = get_organization(session, organization_id)
    before = organization.time_zone
    old_zone = _load_zone_if_known(session, organization_id)
    update_organization(
        *(session, organization_id, actor, now), min_pool=min_pool, time_zone=time_zone
    )
    if organization.time_zone == before:
        return []
    moved = _move_planned_waves(
        session, organization_id, old_zone, load_time_zone(organization)
    )
    session.flush()
    require_windows_apart(session, organization_id, now)
    for wave in moved:
        if wave.opens_at <= now:
            raise WaveAlreadyOpenError
        audit_plan(session, wave, actor, now)
    return moved


def _load_zone_if_known(session: Session, organization_id: str) -> ZoneInfo | None:
    try:
        return load_time_zone(get_organization(session, organization_id))
    except TimeZoneGoneError:
        return None


def _move_planned_waves(
    session: Session, organization_id: str, old: ZoneInfo | None, new: ZoneInfo
) -> list[Wave]:
    """Gives waves of pulses, planned only, the dates of their days in another zone.

    A date that was postponed after a restore stays postponed by as much.
    """
    moved = []
    for wave in session.scalars(
        select(Wave)
        .where(
            Wave.organization_id == organization_id,
            Wave.state == WaveState.PLANNED,
            Wave.occurrence.is_not(None),
        )
        .order_by(Wave.opens_at)
        .with_for_update()
        .execution_options(populate_existing=True)
    ):
        assert wave.pulse_id is not None
        assert wave.occurrence is not None
        pulse = session.get_one(Pulse, (organization_id, wave.pulse_id))
        dates = PulseCalendar(pulse, new).dates(wave.occurrence)
        before = (
            None if old is None else PulseCalendar(pulse, old).dates(wave.occurrence)
        )
        if _set_dates(wave, before, dates):
            moved.append(wave)
    return moved


def _set_dates(wave: Wave, before: WaveDates | None, dates: WaveDates) -> bool:
    """Sets the dates of a wave; whether one of them is another one now."""
    has_moved = False
    for name in PLANNED_DATES:
        wanted = getattr(dates, name)
        postponed = (
            timedelta(0)
            if before is None
            else getattr(wave, name) - getattr(before, name)
        )
        if getattr(wave, name) != wanted + postponed:
            setattr(wave, name, wanted + postponed)
            has_moved = True
    return has_moved
