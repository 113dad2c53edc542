"""Calendar of a pulse: which of its occurrences come next, and which were missed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service.agency.service import get_organization
from rapport_service.charter.clock_leap import TickTimes, Window, must_wait
from rapport_service.charter.document import WaveDates
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
    planned: frozenset[int]

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
    zone = ZoneInfo(get_organization(session, organization_id).time_zone)
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
