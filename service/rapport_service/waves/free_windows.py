"""One wave at a time: whether the window of a wave or a pulse is free, for good."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import WaveState
from rapport_service.charter.open_windows import (
    HasWindow,
    OpenWindow,
    comparison_period,
    find_meeting,
    windows_until,
)
from rapport_service.encoding.timestamps import format_utc
from rapport_service.registry.models import Wave
from rapport_service.waves.pulse_calendar import PulseCalendar, load_calendars


class WindowTakenError(Exception):
    """Another wave of the organization is open at that time, or will be.

    Attributes:
        opens_at: when the new wave would open, or that of the new pulse.
        other: the window of the other wave.
        wave_id: the other wave's public id, if it is planned already.
        pulse_id: the other wave's pulse, if it has one.
    """

    def __init__(
        self,
        opens_at: datetime,
        other: HasWindow,
        wave_id: str | None,
        pulse_id: UUID | None,
    ) -> None:
        self.opens_at = opens_at
        self.other = OpenWindow(other.opens_at, other.closes_at)
        self.wave_id = wave_id
        self.pulse_id = pulse_id
        super().__init__(self._describe())

    def _describe(self) -> str:
        wave = f"wave {self.wave_id}" if self.wave_id else "a wave"
        if self.pulse_id is not None:
            wave += f" of pulse {self.pulse_id}"
        opens_at, closes_at = map(format_utc, self.other)
        return (
            f"would be open at the same time as {wave}, which is open from {opens_at}"
            f" to {closes_at}"
        )


def require_free_window(
    session: Session, organization_id: str, window: HasWindow, now: datetime
) -> None:
    """Checks that no other wave is open in a window, and that no pulse asks then.

    The caller holds the lock of the organization.

    Raises:
        WindowTakenError: names the other wave and its window.
    """
    calendars = _load_calendars_first(session, organization_id)
    for wave in _load_waves(session, organization_id, window.opens_at):
        _require_free_of_wave([window], wave)
    for calendar in calendars:
        asked = calendar.windows_to_come(now, window.opens_at)
        _require_apart(calendar, find_meeting([window], asked))


def require_free_calendar(
    session: Session, calendar: PulseCalendar, now: datetime
) -> None:
    """Checks that no wave of a new pulse will ever be open at the same time as another.

    The caller holds the lock of the organization.

    Raises:
        WindowTakenError: names the other wave and its window.
    """
    organization_id = calendar.pulse.organization_id
    others = _load_calendars_first(session, organization_id)
    start = next(calendar.windows_to_come(now, now)).opens_at
    for wave in _load_waves(session, organization_id, start):
        # From the wave on: there may be thousands of occurrences before it.
        _require_free_of_wave(calendar.windows_to_come(now, wave.opens_at), wave)
    for other in others:
        _require_apart(other, _find_meeting_of_pulses(calendar, other, now))


def require_windows_apart(
    session: Session, organization_id: str, now: datetime
) -> None:
    """Checks that no two waves, planned or to come, will ever be open at one time.

    The caller holds the lock of the organization, and of its pulses.

    Raises:
        WindowTakenError: names one wave and the window of the other.
    """
    calendars = _load_calendars_first(session, organization_id)
    waves = _load_waves(session, organization_id, now)
    for number, wave in enumerate(waves):
        _require_free_of_wave(waves[number + 1 :], wave)
        for calendar in calendars:
            asked = calendar.windows_to_come(now, wave.opens_at)
            _require_free_of_wave(asked, wave)
    for number, calendar in enumerate(calendars):
        for other in calendars[number + 1 :]:
            _require_apart(other, _find_meeting_of_pulses(calendar, other, now))


def _load_calendars_first(
    session: Session, organization_id: str
) -> list[PulseCalendar]:
    """The calendars of an organization, before its waves are read.

    A tick may plan an occurrence in between, without the lock of the organization. It
    is then in both, and in the other order it would be in neither.
    """
    return list(load_calendars(session, organization_id))


def _find_meeting_of_pulses(
    calendar: PulseCalendar, other: PulseCalendar, now: datetime
) -> tuple[OpenWindow, OpenWindow] | None:
    """The first occurrences that meet, among all that are still to come."""
    starts = [next(each.windows_to_come(now, now), None) for each in (calendar, other)]
    if None in starts:  # at the end of the calendar
        return None
    after = max(start.opens_at for start in starts if start is not None)
    end = after + comparison_period(calendar.pulse.every_weeks, other.pulse.every_weeks)
    return find_meeting(
        windows_until(calendar.windows_to_come(now, after), end),
        windows_until(other.windows_to_come(now, after), end),
    )


def _require_apart(
    other: PulseCalendar, meeting: tuple[HasWindow, HasWindow] | None
) -> None:
    if meeting is not None:
        mine, theirs = meeting
        raise WindowTakenError(mine.opens_at, theirs, None, other.pulse.pulse_id)


def _require_free_of_wave(windows: Iterable[HasWindow], wave: Wave) -> None:
    meeting = find_meeting(windows, [wave])
    if meeting is not None:
        mine, _ = meeting
        raise WindowTakenError(mine.opens_at, wave, wave.public_id, wave.pulse_id)


def _load_waves(session: Session, organization_id: str, start: datetime) -> list[Wave]:
    """The waves that are still open at an instant or later, cancelled ones apart."""
    return list(
        session.scalars(
            select(Wave)
            .where(
                Wave.organization_id == organization_id,
                Wave.state != WaveState.CANCELLED,
                Wave.closes_at > start,
            )
            .order_by(Wave.opens_at, Wave.wave_id)
        )
    )
