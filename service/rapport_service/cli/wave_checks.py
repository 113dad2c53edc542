"""Checks of ``rapport doctor`` on the clock, the waves and the pulses."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import Enum, auto

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import WaveState
from rapport_service.agency.errors import TimeZoneGoneError
from rapport_service.agency.models import Organization
from rapport_service.agency.time_zones import load_time_zone
from rapport_service.charter.clock_leap import CONFIRMATION_TIME, MIN_LEAP, TickTimes
from rapport_service.charter.schedule import MISSED_REASON, NO_SEALING_KEY_REASON
from rapport_service.cli.check_result import CheckResult
from rapport_service.core.db import Door, read_transaction
from rapport_service.core.installation import get_tick_times
from rapport_service.encoding.timestamps import format_utc
from rapport_service.registry.due_steps import next_step_at, waits_for_clock
from rapport_service.registry.models import Pulse, Wave
from rapport_service.waves.pulse_calendar import PulseCalendar, load_calendars

MAX_DELAY = timedelta(minutes=10)
"""Delay after which a wave is reported as late."""

RUN_STATES = (
    WaveState.ANNOUNCED,
    WaveState.OPEN,
    WaveState.CLOSED,
    WaveState.SEALING,
    WaveState.SEALED,
)
"""States of waves in which people are asked, or were."""


MISSED_REASONS = (MISSED_REASON, NO_SEALING_KEY_REASON)


class Trouble(Enum):
    """Kind of a wave that is not in order."""

    WAITING = auto()
    LATE = auto()
    MISSED = auto()


def check_waves(now: datetime) -> Iterator[CheckResult]:
    """Runs the checks on time zones, the clock, the waves and the pulses."""
    with read_transaction(Door.SEAL) as session:
        times = get_tick_times(session)
        live = session.scalars(
            select(Wave)
            .where(Wave.state.not_in((WaveState.SEALED, WaveState.CANCELLED)))
            .order_by(Wave.organization_id, Wave.wave_id)
        ).all()
        organizations = session.scalars(
            select(Organization).order_by(Organization.organization_id)
        ).all()
        gone = [str(error) for each in organizations if (error := _gone_zone(each))]
        rounds = [
            each
            for organization in organizations
            if _gone_zone(organization) is None
            for calendar in load_calendars(session, organization.organization_id)
            for each in _list_troubled(session, calendar, times, now)
        ]
    for wave in live:
        if waits_for_clock(wave, times, now):
            rounds.append((Trouble.WAITING, wave.public_id))
        elif overdue_at(wave, now) < now:
            rounds.append((Trouble.LATE, wave.public_id))
    waiting, late, missed = (
        ", ".join(sorted(name for kind, name in rounds if kind is trouble))
        for trouble in Trouble
    )
    yield CheckResult(
        "time zones",
        ok=not gone,
        detail=" ".join(gone) or "this computer knows the time zone of each agency",
    )
    yield _check_clock(times, waiting, now)
    yield CheckResult(
        "waves",
        ok=not late,
        detail=f"late: {late}. Make sure that `rapport tick` and `rapport seal` run."
        if late
        else f"waves planned or under way: {len(live)}, none late",
    )
    yield CheckResult(
        "pulses",
        ok=not missed,
        detail=f"missed: {missed}. Nobody was asked. Make sure that `rapport tick` "
        "always runs. A pulse is named here until its next wave is announced."
        if missed
        else "no wave of a pulse was missed",
    )


def _gone_zone(organization: Organization) -> TimeZoneGoneError | None:
    try:
        load_time_zone(organization)
    except TimeZoneGoneError as error:
        return error
    return None


def overdue_at(wave: Wave, now: datetime) -> datetime:
    """The time after which a wave in its present state is late. Pure.

    A wave that is not announced by its opening is late at once.
    """
    if wave.state == WaveState.PLANNED:
        return min(wave.announces_at + MAX_DELAY, wave.opens_at)
    return next_step_at(wave, now) + MAX_DELAY


def _check_clock(times: TickTimes, waiting: str, now: datetime) -> CheckResult:
    """Whether the clock leapt over a wave, or is behind what a tick has seen."""
    if waiting and times.ticked_at is not None and times.leap_seen_at is not None:
        leap = (
            f"the clock went from {format_utc(times.ticked_at)} to "
            f"{format_utc(times.leap_seen_at)} between two ticks, and may be wrong. "
            f"Waiting: {waiting}. If the clock is right now, run "
            "`rapport tick --confirm-clock`, or wait until "
            f"{format_utc(times.leap_seen_at + CONFIRMATION_TIME)}. If not, set it."
        )
        return CheckResult("clock", ok=False, detail=leap)
    if times.ticked_at is not None and times.ticked_at - now > MIN_LEAP:
        behind = (
            f"the clock says {format_utc(now)}, but a tick has seen "
            f"{format_utc(times.ticked_at)}. If the clock is right now, run "
            "`rapport tick --confirm-clock`. If not, set it."
        )
        return CheckResult("clock", ok=False, detail=behind)
    return CheckResult(
        "clock",
        ok=True,
        detail="the clock leapt over no wave, so none waits for you to confirm it",
    )


def _list_troubled(
    session: Session, calendar: PulseCalendar, times: TickTimes, now: datetime
) -> Iterator[tuple[Trouble, str]]:
    """The occurrences of a pulse that wait, are late or were missed, by their day."""

    def name(number: int) -> str:
        pulse = calendar.pulse
        day = calendar.local_day(number)
        return f"{day} of pulse {pulse.pulse_id} of {pulse.organization_id}"

    for number in calendar.find_missed(now).listed:
        waits = calendar.waits_for_clock(number, calendar.dates(number).opens_at, times)
        yield (Trouble.WAITING if waits else Trouble.MISSED), name(number)
    if calendar.pulse.created_at + MAX_DELAY < now:
        for number in calendar.find_unplanned(now - MAX_DELAY, now):
            at = calendar.dates(number).announces_at
            waits = calendar.waits_for_clock(number, at, times)
            yield (Trouble.WAITING if waits else Trouble.LATE), name(number)
    for number in _list_missed_since_run(session, calendar.pulse):
        yield Trouble.MISSED, name(number)


def _list_missed_since_run(session: Session, pulse: Pulse) -> list[int]:
    """The missed waves of a pulse that has not been announced since."""
    missed: list[int] = []
    for wave in session.scalars(
        select(Wave)
        .where(
            Wave.organization_id == pulse.organization_id,
            Wave.pulse_id == pulse.pulse_id,
            Wave.occurrence.is_not(None),
        )
        .order_by(Wave.occurrence)
    ):
        if wave.state in RUN_STATES:
            missed.clear()
        elif (wave.cancel_reason or "").startswith(MISSED_REASONS):
            missed.append(wave.occurrence or 0)
    return missed
