"""Recurring pulses, which plan waves."""

from datetime import datetime
from uuid import UUID

from rapport_client._json import read
from rapport_client._resources.calls import act, create, get, list_all
from rapport_client._resources.operation import Exchange, R_co, Resource, operation
from rapport_client._resources.references import AnyPulse, pulse_id, quoted
from rapport_client.models import CreatedPulse, RecurringPulse


class Pulses(Resource[R_co]):
    """Recurring pulses of the agency, for administrators.

    A pulse is meant by a ``RecurringPulse`` or its id.
    """

    @operation("list_pulses")
    def list(self) -> Exchange[tuple[RecurringPulse, ...]]:
        """All pulses, stopped ones too."""
        return list_all(RecurringPulse, "pulses", "pulses")

    @operation("get_pulse")
    def get(self, pulse: AnyPulse) -> Exchange[RecurringPulse]:
        """A pulse."""
        document = yield from get(f"pulses/{quoted(pulse_id(pulse))}", "the pulse")
        return read(RecurringPulse, document)

    @operation("create_pulse")
    def create(
        self,
        first_opens: datetime,
        *,
        every_weeks: int | None = None,
        open_days: int | None = None,
        announce_days: int | None = None,
        grace_days: int | None = None,
        id: UUID | str | None = None,  # noqa: A002 - as the API calls it
    ) -> Exchange[CreatedPulse]:
        """Creates a pulse. It plans each wave a week before its announcement.

        ``teams_without_score`` lists the teams that are too small for a score.

        Args:
            first_opens: date and time of day on the agency's own clock, without a zone.
            every_weeks: how often it opens; 2 if None.
            open_days: how long it is open; 7 if None.
            announce_days: how long before that it is announced; 7 if None.
            grace_days: how long after the close offline phones may report; 7 if None.
            id: a UUID; the same id and dates again create nothing new. A new one if
                None.

        Raises:
            IdUsed: the id belongs to another pulse.
            WindowTaken: another wave of the agency is open at that time.
            RequestInvalid: ``errors`` names the dates that break rules.
            TypeError: ``first_opens`` is no datetime.
            ValueError: ``first_opens`` has a time zone, or seconds.
        """
        if not isinstance(first_opens, datetime):
            raise TypeError("first_opens must be a datetime")
        if first_opens.tzinfo is not None:
            raise ValueError("first_opens is on the agency's own clock: give no zone")
        if first_opens.second or first_opens.microsecond:
            raise ValueError("first_opens is at a whole minute")
        created = yield from create(
            "pulses",
            "the pulse",
            id,
            first_opens=first_opens.isoformat(timespec="minutes"),
            every_weeks=every_weeks,
            open_days=open_days,
            announce_days=announce_days,
            grace_days=grace_days,
        )
        return read(CreatedPulse, created)

    @operation("stop_pulse")
    def stop(self, pulse: AnyPulse) -> Exchange[RecurringPulse]:
        """Stops a pulse. It plans no more waves; waves already planned stay."""
        path = f"pulses/{quoted(pulse_id(pulse))}/stop"
        return read(RecurringPulse, (yield from act(path, "the pulse")))
