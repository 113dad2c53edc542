"""Windows that meet: the rule, and its laws on sequences of any shape."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from rapport_service.charter.open_windows import (
    OpenWindow,
    comparison_period,
    find_meeting,
    is_meeting,
    occurrence_window,
    windows_until,
)
from rapport_service.charter.schedule import schedule_occurrence

START = datetime(2027, 1, 1, tzinfo=UTC)
GAP_WEEK = datetime.fromisoformat("2027-03-07T02:30")
"""Local; a week later this time of day does not exist in New York."""

NEW_YORK = ZoneInfo("America/New_York")


def window(opens, closes):
    return OpenWindow(START + timedelta(hours=opens), START + timedelta(hours=closes))


@st.composite
def window_lists(draw):
    """Windows that do not meet each other, in the order of time."""
    steps = draw(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5)), max_size=8))
    windows, hour = [], 0
    for pause, length in steps:
        windows.append(window(hour + pause, hour + pause + length))
        hour += pause + length
    return windows


@given(st.integers(0, 9), st.integers(1, 9), st.integers(0, 9), st.integers(1, 9))
def test_windows_meet_if_they_have_an_hour_in_common(
    start, length, other, other_length
):
    hours = set(range(start, start + length))
    other_hours = set(range(other, other + other_length))

    assert is_meeting(
        window(start, start + length), window(other, other + other_length)
    ) == bool(hours & other_hours)


@given(window_lists(), window_lists())
def test_first_meeting_of_two_sequences_is_returned(first, second):
    pairs = [
        (left, right) for left in first for right in second if is_meeting(left, right)
    ]

    assert find_meeting(first, second) == min(pairs, default=None)
    assert (find_meeting(second, first) is None) == (not pairs)


@given(
    st.integers(0, 2000),
    st.integers(1, 60),
    st.integers(1, 60),
    st.sampled_from(["UTC", "America/New_York", "Australia/Lord_Howe"]),
)
def test_window_is_that_of_the_pulses_dates(occurrence, weeks, days, zone):
    first = GAP_WEEK
    dates = schedule_occurrence(
        first,
        ZoneInfo(zone),
        occurrence,
        every_weeks=weeks,
        open_days=days,
        announce_days=1,
        grace_days=1,
    )

    window_of_pulse = occurrence_window(first, ZoneInfo(zone), occurrence, weeks, days)

    assert window_of_pulse == (dates.opens_at, dates.closes_at)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 59), st.integers(1, 7))
def test_comparison_lasts_until_every_distance_has_come_up(
    weeks, other_weeks, later, days
):
    """Two weekly rhythms are apart by each multiple of their common divisor."""
    first, second = START.replace(tzinfo=None), START.replace(tzinfo=None)
    second += timedelta(weeks=later)
    end = START + timedelta(weeks=later) + comparison_period(weeks, other_weeks)

    def windows(opens, every):
        return windows_until(
            (
                occurrence_window(opens, ZoneInfo("UTC"), number, every, days)
                for number in range(10**6)
            ),
            end,
        )

    apart = all((later + other_weeks * step) % weeks for step in range(weeks))
    assert (
        find_meeting(windows(first, weeks), windows(second, other_weeks)) is None
    ) == apart


def test_change_of_the_clock_makes_windows_meet_that_do_not_on_the_calendar():
    """On 14 March 2027 two o'clock is three: 2:30 does not exist, and is 3:30."""
    ends = occurrence_window(GAP_WEEK, NEW_YORK, 0, 52, 7)
    three = GAP_WEEK + timedelta(days=7, minutes=30)
    begins = occurrence_window(three, NEW_YORK, 0, 52, 7)

    assert is_meeting(ends, begins)


def test_close_and_opening_at_the_same_time_of_day_never_meet():
    for occurrence in range(600):
        ends = occurrence_window(GAP_WEEK, NEW_YORK, occurrence, 1, 7)
        begins = occurrence_window(GAP_WEEK, NEW_YORK, occurrence + 1, 1, 7)
        assert ends.closes_at == begins.opens_at
        assert not is_meeting(ends, begins)
