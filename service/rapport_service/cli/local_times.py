"""Local times of an agency, for an operator: always with the zone that they are in."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from rapport_schemas.enums import ClockChange
from rapport_service.agency.errors import TimeZoneGoneError
from rapport_service.agency.models import Organization
from rapport_service.agency.time_zones import load_time_zone
from rapport_service.pollbook.enrolment import CODE_LIFETIME
from rapport_service.waves.pulse_calendar import PulseCalendar


def format_local(at: datetime, zone: ZoneInfo) -> str:
    """An instant by the clock of a zone, with the name of the zone."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"


def describe_code_end(organization: Organization, now: datetime) -> str:
    """Sentence on how long a code that is made now can be used."""
    try:
        zone = load_time_zone(organization)
    except TimeZoneGoneError:
        zone = ZoneInfo("UTC")
    until = format_local(now + CODE_LIFETIME, zone)
    return f"a code works once, and until {until}"


def describe_unusual_times(calendar: PulseCalendar, now: datetime) -> Iterator[str]:
    """Sentences on openings and closes whose local time the clock skips or repeats."""
    zone = calendar.zone
    for time in calendar.unusual_times(now):
        asked = f"{time.local_time:%Y-%m-%d %H:%M} ({zone.key})"
        if time.kind is ClockChange.SKIPPED:
            meant = f"{time.at.astimezone(zone):%H:%M}"
            yield f"{asked} does not exist: the clock goes ahead. {meant} is meant."
        else:
            yield f"{asked} comes twice: the clock goes back. The first one is meant."
