"""Time zones of organizations: which there are, and how one is read."""

from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from rapport_service.agency.errors import TimeZoneGoneError
from rapport_service.agency.models import Organization

NO_PLACES = frozenset({"localtime", "posixrules", "Factory"})
"""Names in the list that are no zone of a place, or another one on each computer."""


def is_time_zone(name: str) -> bool:
    """Whether this computer knows a time zone by exactly this name of the IANA list."""
    return name not in NO_PLACES and name in available_timezones()


def suggest_time_zones(name: str) -> list[str]:
    """The time zones that a mistyped name could mean, the most similar first.

    The place alone, such as ``denver``, will do.
    """
    wanted = name.strip().replace(" ", "_").lower()
    zones = {zone.lower(): zone for zone in sorted(available_timezones() - NO_PLACES)}
    places: dict[str, str] = {}
    for lowered, zone in zones.items():
        places.setdefault(lowered.rpartition("/")[2], zone)
    if wanted in zones:
        return [zones[wanted]]
    if (place := wanted.rpartition("/")[2]) in places:
        return [places[place]]
    return [zones[each] for each in get_close_matches(wanted, zones, n=3)]


def load_time_zone(organization: Organization) -> ZoneInfo:
    """The time zone of an organization.

    Raises:
        TimeZoneGoneError: this computer does not know it any more, as an update of its
            list of time zones may do.
    """
    try:
        return ZoneInfo(organization.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a folder
        raise TimeZoneGoneError(
            organization.organization_id, organization.time_zone
        ) from error
