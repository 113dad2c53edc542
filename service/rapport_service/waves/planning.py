"""Planning of waves, from a pulse's schedule or one at a time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import (
    MAX_PULSE_LENGTH,
    AuditAction,
    SubjectKind,
    WaveState,
)
from rapport_schemas.errors import (
    DocumentInvalidError,
    ErrorCode,
    FieldError,
    join_pointer,
)
from rapport_service.agency import audit
from rapport_service.agency.audit import TICK, Actor, Change, Subject
from rapport_service.agency.creation import create_once
from rapport_service.agency.service import get_organization, lock_organization
from rapport_service.charter.clock_leap import TickTimes
from rapport_service.charter.document import WaveDates
from rapport_service.charter.schedule import (
    MISSED_REASON,
    SUPPORTED_YEARS,
    missed_reason,
    validate_dates,
    whole_seconds,
)
from rapport_service.core.db import insert_missing
from rapport_service.core.paging import WHOLE_LIST, Page, PageRequest, load_page
from rapport_service.registry.models import Pulse, Wave
from rapport_service.registry.wave_audit import audit_cancellation, audit_plan
from rapport_service.waves.free_windows import (
    require_free_calendar,
    require_free_window,
)
from rapport_service.waves.pulse_calendar import (
    PulseCalendar,
    load_calendars,
    load_time_zone,
    lock_pulses,
)

PLANNING_LEAD = timedelta(days=7)
"""How long before its announcement a pulse's wave is planned: time to make its keys."""

LENGTH_RANGE = range(1, MAX_PULSE_LENGTH + 1)
"""Weeks or days of a pulse; within them, waves retire after their seal."""


PULSE_CONTENT = (
    *("first_opens", "every_weeks", "open_days"),
    *("announce_days", "grace_days"),
)
"""Columns that the creation of a pulse sets for good."""

WAVE_CONTENT = (
    *("pulse_id", "announces_at", "opens_at", "closes_at", "seals_at"),
    "retires_at",
)
"""Columns that planning a wave sets. After a restore some may be postponed; a repeat of
what was planned before is refused then."""


class PulseInvalidError(DocumentInvalidError):
    """A pulse cannot run like this."""

    def __init__(self, name: str | None, code: ErrorCode, detail: str) -> None:
        pointer = "" if name is None else join_pointer(name)
        super().__init__([FieldError(pointer, code, detail)])


class UnknownPulseError(Exception):
    """The organization has no pulse with this id."""


def create_pulse(
    session: Session,
    organization_id: str,
    first_opens: datetime,
    now: datetime,
    actor: Actor,
    *,
    every_weeks: int,
    open_days: int,
    announce_days: int,
    grace_days: int,
    pulse_id: UUID | None = None,
) -> Pulse:
    """Creates a recurring pulse. Audited.

    Args:
        first_opens: the first opening, local to the organization, without a zone.
        pulse_id: of the client's choice; the same again gives the pulse as it is now.

    Raises:
        PulseInvalidError: a length out of range, a date off the calendar, a zone given,
            or waves that would overlap among themselves.
        WindowTakenError: some day a wave of it would be open at the same time as
            another one.
        IdUsedError: the id names another pulse.
    """
    get_organization(session, organization_id)
    if first_opens.tzinfo is not None:
        raise PulseInvalidError(
            "first_opens",
            ErrorCode.WRONG_FORMAT,
            "must be in local time, without a time zone",
        )
    if first_opens.year not in SUPPORTED_YEARS:
        raise PulseInvalidError(
            "first_opens",
            ErrorCode.OUT_OF_RANGE,
            f"must be in the years {SUPPORTED_YEARS.start} to "
            f"{SUPPORTED_YEARS.stop - 1}",
        )
    for name, length in (
        ("every_weeks", every_weeks),
        ("open_days", open_days),
        ("announce_days", announce_days),
        ("grace_days", grace_days),
    ):
        if length not in LENGTH_RANGE:
            raise PulseInvalidError(
                name,
                ErrorCode.OUT_OF_RANGE,
                f"must be from 1 to {LENGTH_RANGE.stop - 1}",
            )
    if open_days > every_weeks * 7:
        raise PulseInvalidError(
            "open_days",
            ErrorCode.OVERLAP,
            f"must be at most {every_weeks * 7}: a wave closes before the next opens",
        )
    wanted = Pulse(
        organization_id=organization_id,
        pulse_id=pulse_id or uuid4(),
        first_opens=first_opens.isoformat(timespec="minutes"),
        every_weeks=every_weeks,
        open_days=open_days,
        announce_days=announce_days,
        grace_days=grace_days,
        active=True,
        created_at=now,
    )

    calendar = get_calendar(session, wanted)
    lock_organization(session, organization_id)
    pulse = create_once(
        session,
        wanted,
        PULSE_CONTENT,
        partial(require_free_calendar, session, calendar, now),
    )
    if pulse is wanted:
        subject = Subject(SubjectKind.PULSE, str(pulse.pulse_id))
        content = {name: getattr(pulse, name) for name in PULSE_CONTENT}
        audit.append_entry(
            *(session, organization_id, now, actor, AuditAction.PULSE_CREATED),
            subject,
            [Change(subject, None, content)],
        )
    return pulse


def list_pulses(
    session: Session, organization_id: str, wanted: PageRequest = WHOLE_LIST
) -> Page[Pulse]:
    """Pulses of the organization, stopped ones too, by first opening."""
    pulses = select(Pulse).where(Pulse.organization_id == organization_id)
    return load_page(session, pulses, (Pulse.first_opens, Pulse.pulse_id), wanted)


def list_waves(
    session: Session, organization_id: str, wanted: PageRequest = WHOLE_LIST
) -> Page[Wave]:
    """Waves of the organization, by the time of their announcement."""
    waves = select(Wave).where(Wave.organization_id == organization_id)
    return load_page(session, waves, (Wave.announces_at, Wave.wave_id), wanted)


def get_pulse(session: Session, organization_id: str, pulse_id: UUID) -> Pulse:
    """A pulse of the organization.

    Raises:
        UnknownPulseError: there is none with this id.
    """
    pulse = session.get(Pulse, (organization_id, pulse_id))
    if pulse is None:
        raise UnknownPulseError(pulse_id)
    return pulse


def get_calendar(session: Session, pulse: Pulse) -> PulseCalendar:
    """The calendar of a pulse, in the time zone of its organization."""
    return PulseCalendar(pulse, load_time_zone(session, pulse.organization_id))


def stop_pulse(
    session: Session, organization_id: str, pulse_id: UUID, now: datetime, actor: Actor
) -> Pulse:
    """Stops the planning of a pulse's waves; planned ones run to their end. Audited.

    Raises:
        UnknownPulseError: there is none with this id.
    """
    pulse = get_pulse(session, organization_id, pulse_id)
    if pulse.active:
        pulse.active = False
        audit.append_entry(
            *(session, organization_id, now, actor, AuditAction.PULSE_STOPPED),
            Subject(SubjectKind.PULSE, str(pulse_id)),
        )
    return pulse


def plan_wave(
    session: Session,
    organization_id: str,
    dates: WaveDates,
    now: datetime,
    actor: Actor,
    wave_id: UUID | None = None,
) -> Wave:
    """Plans a single wave without a pulse; it may last seconds. Audited.

    Args:
        wave_id: of the client's choice; the same again gives the wave as it is now.

    Raises:
        DatesInvalidError: the dates do not increase, or begin in the past.
        WindowTakenError: another wave is open then, or will be.
        IdUsedError: the id names another wave.
    """
    get_organization(session, organization_id)
    whole = whole_seconds(dates)
    row = _wave_row(organization_id, whole, now) | {"wave_id": wave_id or uuid4()}
    wanted = Wave(**row)

    def validate() -> None:
        validate_dates(whole, now)
        require_free_window(session, organization_id, whole, now)

    lock_organization(session, organization_id)
    wave = create_once(session, wanted, WAVE_CONTENT, validate)
    if wave is wanted:
        audit_plan(session, wave, actor, now)
    return wave


def plan_pulses(
    session: Session, organization_id: str, times: TickTimes, now: datetime
) -> list[Wave]:
    """Plans every wave of the organization's pulses that is about to be announced.

    A wave that nobody planned before it opened was missed: it is stored as cancelled
    and audited, unless it must wait for the clock.

    Args:
        session: behind the seal's door.
        organization_id: the organization.
        times: of the clock, as ticks have noted them.
        now: the clock of this tick.

    Returns:
        The waves that were missed.
    """
    lock_pulses(session, organization_id)
    upcoming: list[dict[str, object]] = []
    missed: list[dict[str, object]] = []
    for calendar in load_calendars(session, organization_id):
        upcoming += _upcoming_rows(calendar, times, now)
        missed += _missed_rows(calendar, times, now)
    insert_missing(session, Wave, upcoming + missed)
    ours = [row["wave_id"] for row in missed]  # another tick may have been faster
    cancelled = session.scalars(
        select(Wave)
        .where(Wave.organization_id == organization_id, Wave.wave_id.in_(ours))
        .order_by(Wave.opens_at)
    ).all()
    for wave in cancelled:
        audit_cancellation(session, wave, TICK, now)
    return list(cancelled)


def _upcoming_rows(
    calendar: PulseCalendar, times: TickTimes, now: datetime
) -> Iterator[dict[str, object]]:
    for number in calendar.find_unplanned(now + PLANNING_LEAD, now):
        due_at = calendar.dates(number).announces_at - PLANNING_LEAD
        if not calendar.waits_for_clock(number, due_at, times):
            yield _occurrence_row(calendar, number, now)


def _missed_rows(
    calendar: PulseCalendar, times: TickTimes, now: datetime
) -> Iterator[dict[str, object]]:
    """A cancelled wave for each missed occurrence; the first sums up earlier ones."""
    missed = calendar.find_missed(now)
    reason = MISSED_REASON
    if missed.earlier:
        days = (calendar.local_day(missed.earlier[end]) for end in (0, -1))
        reason = missed_reason(len(missed.earlier), *days)
    for number in missed.listed:
        due_at = calendar.dates(number).opens_at
        if not calendar.waits_for_clock(number, due_at, times):
            yield _occurrence_row(calendar, number, now) | {
                "state": WaveState.CANCELLED,
                "cancel_reason": reason,
            }
        reason = MISSED_REASON


def _occurrence_row(
    calendar: PulseCalendar, number: int, now: datetime
) -> dict[str, object]:
    return _wave_row(calendar.pulse.organization_id, calendar.dates(number), now) | {
        "pulse_id": calendar.pulse.pulse_id,
        "occurrence": number,
    }


def _wave_row(
    organization_id: str, dates: WaveDates, now: datetime
) -> dict[str, object]:
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
        "retires_at": dates.retires_at,
        "keep_seconds": dates.keep_seconds,
        "cancel_reason": None,
        "planned_at": now,
        "accepts_invalid": False,
    }
