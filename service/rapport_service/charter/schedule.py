"""Dates of a wave: computed from a pulse, or set by an administrator and checked."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from rapport_service.charter.document import WaveDates

LATE_RELEASE_DAYS = (14, 28)
RETIRE_AFTER_DAYS = 400
KEEP_SECONDS = 14 * 24 * 3600
SUPPORTED_YEARS = range(1970, 9000)
"""Years in which no date computed from another one falls off the calendar."""


class DatesInvalidError(ValueError):
    """The dates of a wave do not follow each other; the message says which."""


def schedule_occurrence(
    first_opens: datetime,
    zone: ZoneInfo,
    occurrence: int,
    *,
    every_weeks: int,
    open_days: int,
    announce_days: int,
    grace_days: int,
) -> WaveDates:
    """Return the dates of a pulse's n-th wave.

    Days are counted in local time, so that a pulse opens at the same hour of the clock
    on both sides of a change to summer time.

    Args:
        first_opens: local date and time, without a zone.
        zone: the organization's time zone.
        occurrence: 0 for the first wave.
        every_weeks: weeks between openings.
        open_days: days from opening to closing.
        announce_days: days from announcing to opening.
        grace_days: days from closing to the seal, for phones that are offline.
    """

    def at(days: int) -> datetime:
        local = first_opens + timedelta(weeks=occurrence * every_weeks, days=days)
        return local.replace(tzinfo=zone).astimezone(UTC)

    seal = open_days + grace_days
    return WaveDates(
        announces_at=at(-announce_days),
        opens_at=at(0),
        closes_at=at(open_days),
        seals_at=at(seal),
        late_at=(at(seal + LATE_RELEASE_DAYS[0]), at(seal + LATE_RELEASE_DAYS[1])),
        retires_at=at(open_days + RETIRE_AFTER_DAYS),
        keep_seconds=KEEP_SECONDS,
    )


def validate_dates(dates: WaveDates, now: datetime) -> WaveDates:
    """Check dates that an administrator chose; a wave may last seconds.

    Returns:
        The dates cut to whole seconds, as the charter writes them.

    Raises:
        DatesInvalidError: not increasing, or beginning in the past.
    """
    names = ("announces_at", "opens_at", "closes_at", "seals_at")
    instants = [(name, getattr(dates, name)) for name in names]
    instants += [("late_at", at) for at in dates.late_at]
    instants.append(("retires_at", dates.retires_at))
    cut = [(name, at.replace(microsecond=0)) for name, at in instants]
    for (earlier, before), (later, after) in pairwise(cut):
        if after <= before:
            raise DatesInvalidError(f"{later} must come after {earlier}")
    if cut[0][1] < now.replace(microsecond=0):
        raise DatesInvalidError("announces_at must not be in the past")
    announces, opens, closes, seals, late_1, late_2, retires = (at for _, at in cut)
    return WaveDates(
        announces, opens, closes, seals, (late_1, late_2), retires, dates.keep_seconds
    )


def late_release_dates(seals_at: datetime) -> tuple[datetime, datetime]:
    """Return the dates of the late releases: 14 and 28 days after the seal."""
    first, second = (seals_at + timedelta(days=days) for days in LATE_RELEASE_DAYS)
    return first, second


def retirement_date(closes_at: datetime) -> datetime:
    """Return when public keys and counted ballots go: 400 days after closing."""
    return closes_at + timedelta(days=RETIRE_AFTER_DAYS)
