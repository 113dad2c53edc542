"""Local times that a change of the clock skips or repeats."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from rapport_schemas.enums import ClockChange
from rapport_service.charter.local_times import find_clock_change, find_unusual_times

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("local_time", "zone", "change"),
    [
        ("2027-03-14T01:59", "America/New_York", None),
        ("2027-03-14T02:00", "America/New_York", ClockChange.SKIPPED),
        ("2027-03-14T02:59", "America/New_York", ClockChange.SKIPPED),
        ("2027-03-14T03:00", "America/New_York", None),
        ("2027-11-07T00:59", "America/New_York", None),
        ("2027-11-07T01:00", "America/New_York", ClockChange.REPEATED),
        ("2027-11-07T02:00", "America/New_York", None),
        ("2027-04-04T01:45", "Australia/Lord_Howe", ClockChange.REPEATED),
        ("2027-03-14T02:30", "America/Phoenix", None),
        ("2027-03-14T02:30", "UTC", None),
    ],
)
def test_change_of_the_clock_skips_or_repeats_a_time(local_time, zone, change):
    at = datetime.fromisoformat(local_time)

    assert find_clock_change(at, ZoneInfo(zone)) is change


def test_skipped_time_is_later_by_the_clock_and_repeated_one_is_the_first():
    skipped, repeated = find_unusual_times(
        map(
            datetime.fromisoformat,
            ("2027-03-14T02:30", "2027-06-01T09:00", "2027-11-07T01:30"),
        ),
        NEW_YORK,
    )

    assert skipped.at == datetime(2027, 3, 14, 7, 30, tzinfo=UTC)
    assert skipped.at.astimezone(NEW_YORK).strftime("%H:%M %Z") == "03:30 EDT"
    assert repeated.at.astimezone(NEW_YORK).strftime("%H:%M %Z") == "01:30 EDT"
