"""Calendar of a pulse: which of its occurrences come next, and which were missed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service.agency import time_zones
from rapport_service.agency.service import get_organization
from rapport_service.charter.clock_leap import TickTimes, Window, must_wait
from rapport_service.charter.document import WaveDates
from rapport_service.charter.local_times import UnusualTime, find_unusual_times
from rapport_service.charter.open_windows import (
    LAST_YEAR,
    OpenWindow,
    occurrence_window,
)
from rapport_service.charter.schedule import (
    MissedOccurrences,
    find_missed,
    schedule_occurrence,
)
from rapport_service.registry.models import Pulse, Wave


@dataclass(frozen=True)
class PulseCalendar:
    """The occurrences of an active pulse, by number from 0.

    Attributes:
        pulse: the rule.
        zone: the organization's.
        planned: the occurrences that have a wave, in whatever state.
    """

    pulse: Pulse
    zone: ZoneInfo
    planned: frozenset[int] = frozenset()

    def dates(self, number: int) -> WaveDates:
        """The dates of an occurrence."""
        return schedule_occurrence(
            datetime.fromisoformat(self.pulse.first_opens),
            self.zone,
            number,
            every_weeks=self.pulse.every_weeks,
            open_days=self.pulse.open_days,
            announce_days=self.pulse.announce_days,
            grace_days=self.pulse.grace_days,
        )

    def waits_for_clock(self, number: int, due_at: datetime, times: TickTimes) -> bool:
        """Whether a step of an occurrence follows a leap that is not confirmed.

        Its dates are known since the pulse was created.
        """
        dates = self.dates(number)
        window = Window(dates.opens_at, dates.closes_at, self.pulse.created_at)
        return must_wait(times, due_at, window)

    def local_day(self, number: int) -> date:
        """The day on which an occurrence opens, in the organization's time zone."""
        return self.dates(number).opens_at.astimezone(self.zone).date()

    def find_unplanned(self, announced_by: datetime, now: datetime) -> list[int]:
        """The occurrences to come that are announced by an instant, without a wave."""
        numbers = []
        number = self._count_opened(now)
        while self.dates(number).announces_at <= announced_by:
            if number not in self.planned:
                numbers.append(number)
            number += 1
        return numbers

    def windows_to_come(self, now: datetime, after: datetime) -> Iterator[OpenWindow]:
        """The windows of its occurrences to come that have no wave, without an end.

        Args:
            now: occurrences that have opened by now will get no wave.
            after: windows that close before this instant are left out.
        """
        lengths = self.pulse.every_weeks, self.pulse.open_days
        first = datetime.fromisoformat(self.pulse.first_opens)
        earliest = after - timedelta(days=self.pulse.open_days + 1)
        for number in count(self._count_opened(max(now, earliest))):
            opens = first + timedelta(weeks=number * self.pulse.every_weeks)
            if opens.year >= LAST_YEAR:
                return
            window = occurrence_window(first, self.zone, number, *lengths)
            if number not in self.planned and window.closes_at > after:
                yield window

    def next_dates(self, now: datetime) -> WaveDates:
        """The dates of the first occurrence that opens after an instant."""
        return self.dates(self._count_opened(now))

    def unusual_times(self, now: datetime) -> list[UnusualTime]:
        """Openings and closes in the next two years that a change of the clock moves.

        Args:
            now: the two years begin now, or with the first opening if that is later.
        """
        start = self._count_opened(now)
        first = datetime.fromisoformat(self.pulse.first_opens)
        openings = [
            first + timedelta(weeks=number * self.pulse.every_weeks)
            for number in range(start, start + -(-104 // self.pulse.every_weeks))
        ]
        length = timedelta(days=self.pulse.open_days)
        times = {at for opens in openings for at in (opens, opens + length)}
        return list(find_unusual_times(sorted(times), self.zone))

    def find_missed(self, now: datetime) -> MissedOccurrences:
        """The occurrences that have opened without a wave."""
        before, opened = (self._count_opened(at) for at in (self.pulse.created_at, now))
        return find_missed(range(before, opened), self.planned)

    def _count_opened(self, at: datetime) -> int:
        first = datetime.fromisoformat(self.pulse.first_opens)
        elapsed = at - first.replace(tzinfo=self.zone).astimezone(UTC)
        # A change to summer time moves an opening by less than the weeks between two.
        number = max(0, elapsed // timedelta(weeks=self.pulse.every_weeks))
        while self.dates(number).opens_at <= at:
            number += 1
        return number


def load_calendars(session: Session, organization_id: str) -> Iterator[PulseCalendar]:
    """The calendars of an organization's active pulses."""
    zone = load_time_zone(session, organization_id)
    for pulse in session.scalars(
        select(Pulse).where(Pulse.organization_id == organization_id, Pulse.active)
    ).all():
        planned = session.scalars(
            select(Wave.occurrence).where(
                Wave.organization_id == organization_id,
                Wave.pulse_id == pulse.pulse_id,
                Wave.occurrence.is_not(None),
            )
        )
        yield PulseCalendar(pulse, zone, frozenset(n for n in planned if n is not None))


def load_time_zone(session: Session, organization_id: str) -> ZoneInfo:
    """The time zone in which an organization's pulses count days.

    Raises:
        TimeZoneGoneError: this computer does not know it any more.
    """
    return time_zones.load_time_zone(get_organization(session, organization_id))


def lock_pulses(
    session: Session, organization_id: str, *, exclusively: bool = False
) -> None:
    """Locks an organization's pulses against being stopped, until the commit.

    Who plans a wave then sees either the pulse or what it planned last.

    Args:
        session: of the caller.
        organization_id: the organization.
        exclusively: no other holder of this lock either.
    """
    session.execute(
        select(Pulse.pulse_id)
        .where(Pulse.organization_id == organization_id)
        .with_for_update(read=not exclusively)
    )
