"""Planning of waves, from a pulse's schedule or one at a time."""

from datetime import UTC, datetime, timedelta
from math import gcd
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import MAX_PULSE_LENGTH, WaveState
from rapport_service.agency.service import get_organization, lock_organization
from rapport_service.charter.document import WaveDates
from rapport_service.charter.schedule import (
    SUPPORTED_YEARS,
    schedule_occurrence,
    validate_dates,
)
from rapport_service.core.db import insert_missing
from rapport_service.registry.models import Pulse, Wave

PLANNING_LEAD = timedelta(days=7)
"""How long before its announcement a pulse's wave is planned: time to make its keys."""

LENGTH_RANGE = range(1, MAX_PULSE_LENGTH + 1)
"""Weeks or days of a pulse; within them, waves retire after their last late release."""


class PulseInvalidError(ValueError):
    """A pulse cannot run like this; the message says why."""


def create_pulse(
    session: Session,
    organization_id: str,
    first_opens: datetime,
    *,
    every_weeks: int,
    open_days: int,
    announce_days: int,
    grace_days: int,
) -> Pulse:
    """Creates a recurring pulse.

    Args:
        first_opens: the first opening, local to the organization, without a zone.

    Raises:
        PulseInvalidError: a length out of range, a date off the calendar, a zone given,
            or waves that would overlap, among themselves or with those of a pulse that
            is active: a team answers one wave at a time.
    """
    get_organization(session, organization_id)
    if first_opens.tzinfo is not None:
        raise PulseInvalidError(
            "first_opens is in local time, so leave out the time zone"
        )
    if first_opens.year not in SUPPORTED_YEARS:
        raise PulseInvalidError(
            f"first_opens must be in the years {SUPPORTED_YEARS.start} to "
            f"{SUPPORTED_YEARS.stop - 1}"
        )
    if any(
        length not in LENGTH_RANGE
        for length in (every_weeks, open_days, announce_days, grace_days)
    ):
        raise PulseInvalidError(
            f"every length must be between 1 and {LENGTH_RANGE.stop - 1}"
        )
    if open_days > every_weeks * 7:
        raise PulseInvalidError("a wave must close before the next one opens")
    pulse = Pulse(
        organization_id=organization_id,
        pulse_id=uuid4(),
        first_opens=first_opens.isoformat(timespec="minutes"),
        every_weeks=every_weeks,
        open_days=open_days,
        announce_days=announce_days,
        grace_days=grace_days,
        active=True,
    )
    lock_organization(session, organization_id)
    for other in list_pulses(session, organization_id):
        if other.active and _is_overlapping(pulse, other):
            raise PulseInvalidError(
                f"its waves would overlap those of pulse {other.pulse_id}: stop that "
                "one first"
            )
    session.add(pulse)
    session.flush()
    return pulse


def list_pulses(session: Session, organization_id: str) -> list[Pulse]:
    """Every pulse of the organization, stopped ones too, by first opening."""
    return list(
        session.scalars(
            select(Pulse)
            .where(Pulse.organization_id == organization_id)
            .order_by(Pulse.first_opens, Pulse.pulse_id)
        )
    )


def list_waves(session: Session, organization_id: str) -> list[Wave]:
    """Every wave of the organization, by the time of its announcement."""
    return list(
        session.scalars(
            select(Wave)
            .where(Wave.organization_id == organization_id)
            .order_by(Wave.announces_at, Wave.wave_id)
        )
    )


def stop_pulse(session: Session, organization_id: str, pulse_id: UUID) -> bool:
    """Stops the planning of a pulse's waves; planned ones run to their end."""
    pulse = session.get(Pulse, (organization_id, pulse_id))
    if pulse is None:
        return False
    pulse.active = False
    return True


def plan_wave(
    session: Session, organization_id: str, dates: WaveDates, now: datetime
) -> Wave:
    """Plans a single wave without a pulse; it may last seconds.

    Raises:
        DatesInvalidError: the dates do not increase, or begin in the past.
    """
    get_organization(session, organization_id)
    row = _wave_row(organization_id, validate_dates(dates, now))
    wave = Wave(**row)
    session.add(wave)
    session.flush()
    return wave


def plan_pulses(session: Session, organization_id: str, now: datetime) -> None:
    """Plans every wave of the organization's pulses that is about to be announced."""
    organization = get_organization(session, organization_id)
    pulses = session.scalars(
        select(Pulse).where(Pulse.organization_id == organization_id, Pulse.active)
    ).all()
    zone = ZoneInfo(organization.time_zone)
    rows = [
        _wave_row(organization_id, dates)
        | {"pulse_id": pulse.pulse_id, "occurrence": occurrence}
        for pulse in pulses
        for occurrence, dates in _find_upcoming(pulse, zone, now)
    ]
    insert_missing(session, Wave, rows)


def _is_overlapping(pulse: Pulse, other: Pulse) -> bool:
    """Whether waves of two pulses are ever open at the same time.

    Openings of the two lie apart by every distance that is the same as the first one
    modulo the common divisor of their rhythms.
    """
    period = timedelta(weeks=gcd(pulse.every_weeks, other.every_weeks))
    first, second = (datetime.fromisoformat(p.first_opens) for p in (pulse, other))
    offset = (second - first) % period
    return offset < timedelta(days=pulse.open_days) or period - offset < timedelta(
        days=other.open_days
    )


def _find_upcoming(
    pulse: Pulse, zone: ZoneInfo, now: datetime
) -> list[tuple[int, WaveDates]]:
    """The waves that have not opened and are announced within ``PLANNING_LEAD``."""
    first = datetime.fromisoformat(pulse.first_opens)
    elapsed = now - first.replace(tzinfo=zone).astimezone(UTC)
    occurrence = max(0, elapsed // timedelta(weeks=pulse.every_weeks))
    upcoming: list[tuple[int, WaveDates]] = []
    while True:
        dates = schedule_occurrence(
            first,
            zone,
            occurrence,
            every_weeks=pulse.every_weeks,
            open_days=pulse.open_days,
            announce_days=pulse.announce_days,
            grace_days=pulse.grace_days,
        )
        if dates.announces_at > now + PLANNING_LEAD:
            return upcoming
        if dates.opens_at > now:
            upcoming.append((occurrence, dates))
        occurrence += 1


def _wave_row(organization_id: str, dates: WaveDates) -> dict[str, object]:
    return {
        "organization_id": organization_id,
        "wave_id": uuid4(),
        "pulse_id": None,
        "occurrence": None,
        "state": WaveState.PLANNED,
        "announces_at": dates.announces_at,
        "opens_at": dates.opens_at,
        "closes_at": dates.closes_at,
        "seals_at": dates.seals_at,
        "late_at_1": dates.late_at[0],
        "late_at_2": dates.late_at[1],
        "retires_at": dates.retires_at,
        "keep_seconds": dates.keep_seconds,
        "cancel_reason": None,
    }
