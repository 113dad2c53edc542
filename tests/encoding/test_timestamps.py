"""ISO weeks: all that is stored of when a device was last used."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from rapport_service.encoding.timestamps import end_of_iso_week, format_iso_week

INSTANTS = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - the zone is added
    max_value=datetime(2099, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(INSTANTS)
def test_iso_week_ends_within_seven_days_of_each_of_its_instants(at):
    end = end_of_iso_week(format_iso_week(at))

    assert timedelta(0) < end - at <= timedelta(days=7)
    assert format_iso_week(end - timedelta(seconds=1)) == format_iso_week(at)
    assert format_iso_week(end) != format_iso_week(at)


def test_iso_week_is_that_of_utc_and_of_its_own_year():
    assert format_iso_week(datetime(2027, 1, 3, 23, 59, tzinfo=UTC)) == "2026-W53"
    behind = timezone(timedelta(hours=-5))
    assert format_iso_week(datetime(2027, 1, 3, 20, tzinfo=behind)) == "2027-W01"
