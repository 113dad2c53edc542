"""Dates of a wave: computed from a pulse, or set by an administrator and checked."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from rapport_schemas.errors import (
    DocumentInvalidError,
    ErrorCode,
    FieldError,
    join_pointer,
)
from rapport_service.charter.document import WaveDates

RETIRE_AFTER_DAYS = 400
KEEP_SECONDS = 14 * 24 * 3600
SUPPORTED_YEARS = range(1970, 9000)
"""Years in which no date computed from another one falls off the calendar."""

_NAMES = ("announces_at", "opens_at", "closes_at", "seals_at", "retires_at")

MAX_MISSED_LISTED = 12
"""Missed waves of a pulse that are listed one by one; earlier ones are summed up."""

MISSED_REASON = (
    "missed: `rapport tick` was not running when this wave was due, so nobody was asked"
)
"""Reason of a wave that was not announced in time though there were enough people."""

NO_SEALING_KEY_REASON = (
    "missed: `rapport seal` made no sealing key in time, so nobody was asked"
)
"""Reason of a wave that could not be announced since answers could not be sealed."""


class DatesInvalidError(DocumentInvalidError):
    """The dates of a wave do not follow each other."""


@dataclass(frozen=True)
class MissedOccurrences:
    """Occurrences of a pulse that opened without a wave.

    Attributes:
        listed: the newest, oldest first.
        earlier: those right before the first of ``listed``, too many to be listed.
    """

    listed: tuple[int, ...] = ()
    earlier: range = range(0)


def find_missed(opened: range, planned: AbstractSet[int]) -> MissedOccurrences:
    """Return the occurrences of a pulse that were missed.

    Args:
        opened: all that have opened since the pulse was created.
        planned: those that have a wave, listed ones from earlier calls too.
    """
    newest = opened[-MAX_MISSED_LISTED:]
    listed = tuple(n for n in newest if n not in planned)
    if not listed or listed[0] != newest[0]:
        return MissedOccurrences(listed)
    last_planned = max((n for n in planned if n < newest[0]), default=-1)
    earlier = range(max(opened.start, last_planned + 1), newest[0])
    return MissedOccurrences(listed, earlier)


def missed_reason(earlier: int, first: date, last: date) -> str:
    """Return why a missed wave was cancelled, and how many before it are not listed.

    Args:
        earlier: the number of missed waves that are not listed.
        first: the day on which the first of them was due.
        last: the day on which the last of them was due.
    """
    waves = "1 earlier wave" if earlier == 1 else f"{earlier} earlier waves"
    return f"{MISSED_REASON}; missed too: {waves}, {first} to {last}"


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

    return WaveDates(
        announces_at=at(-announce_days),
        opens_at=at(0),
        closes_at=at(open_days),
        seals_at=at(open_days + grace_days),
        retires_at=at(open_days + RETIRE_AFTER_DAYS),
        keep_seconds=KEEP_SECONDS,
    )


def whole_seconds(dates: WaveDates) -> WaveDates:
    """Return the dates cut to whole seconds, as the charter writes them."""
    return replace(
        dates, **{name: getattr(dates, name).replace(microsecond=0) for name in _NAMES}
    )


def validate_dates(dates: WaveDates, now: datetime) -> None:
    """Check whole-second dates that an administrator chose; a wave may last seconds.

    Raises:
        DatesInvalidError: not increasing, or beginning in the past; names each.
    """
    errors = [
        FieldError(
            join_pointer(name), ErrorCode.TOO_EARLY, f"must come after {earlier}"
        )
        for earlier, name in pairwise(_NAMES)
        if getattr(dates, name) <= getattr(dates, earlier)
    ]
    if dates.announces_at < now.replace(microsecond=0):
        past = "must not be in the past"
        errors.insert(0, FieldError("/announces_at", ErrorCode.TOO_EARLY, past))
    if errors:
        raise DatesInvalidError(errors)


def retirement_date(closes_at: datetime) -> datetime:
    """Return when public keys and spent ballots go: 400 days after closing."""
    return closes_at + timedelta(days=RETIRE_AFTER_DAYS)
