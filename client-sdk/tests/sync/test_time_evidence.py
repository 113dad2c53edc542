"""Rules for the time: which witness is believed, the date, the list or the clocks."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_client._sync.time_evidence import (
    ANY_TIME,
    TOLERANCE,
    TimeSource,
    TimeWindow,
    build_window,
    choose_time,
)

DAY = 86400.0
YEAR = 365 * DAY
OPENS = 1_000 * DAY
WINDOW = TimeWindow(OPENS, OPENS + 7 * DAY)
RIGHT = OPENS + 3 * DAY
INSTANTS = st.floats(-50 * YEAR, 50 * YEAR)


@dataclass
class Dates:
    """The dates of a charter."""

    announces_at: datetime
    opens_at: datetime
    closes_at: datetime


def dates(*days):
    return Dates(*(datetime.fromtimestamp(day * DAY, UTC) for day in days))


@pytest.mark.parametrize(
    ("case", "date", "corrected", "wall", "believed"),
    [
        ("all agree", RIGHT, RIGHT, RIGHT, TimeSource.DATE),
        ("a wall clock that is off", RIGHT, RIGHT, RIGHT - YEAR, TimeSource.DATE),
        ("a first contact", RIGHT, None, RIGHT + YEAR, TimeSource.DATE),
        ("no date", None, None, RIGHT, TimeSource.WALL_CLOCK),
        ("no date today", None, RIGHT, RIGHT - YEAR, TimeSource.CORRECTED_CLOCK),
        (
            "a date that jumps back",
            RIGHT - YEAR,
            RIGHT,
            RIGHT,
            TimeSource.CORRECTED_CLOCK,
        ),
        ("a first date that is off", RIGHT - YEAR, None, RIGHT, TimeSource.WALL_CLOCK),
        (
            "a date that was always off",
            *(RIGHT - YEAR, RIGHT - YEAR, RIGHT),
            TimeSource.WALL_CLOCK,
        ),
        (
            "a date off by days, against two",
            *(RIGHT - 2 * DAY, RIGHT, RIGHT),
            TimeSource.CORRECTED_CLOCK,
        ),
        ("no date, and a slow clock", None, None, RIGHT - 2 * YEAR, TimeSource.LIST),
        ("no date, and a fast clock", None, None, RIGHT + 3 * YEAR, TimeSource.LIST),
        ("date and clock both off", RIGHT - YEAR, None, RIGHT + YEAR, TimeSource.LIST),
        (
            "a service that closes late",
            *(OPENS + 8 * DAY, None, OPENS + 8 * DAY),
            TimeSource.DATE,
        ),
        (
            "one that closes minutes late, and a clock that is off",
            *(WINDOW.latest + TOLERANCE, None, RIGHT - YEAR),
            TimeSource.DATE,
        ),
        ("no date, a clock seconds slow", None, None, OPENS - 1, TimeSource.LIST),
        ("no date, one seconds fast", None, None, WINDOW.latest + 1, TimeSource.LIST),
    ],
)
def test_most_supported_evidence_is_believed(case, date, corrected, wall, believed):
    assert choose_time(WINDOW, date, corrected, wall) is believed, case


@pytest.mark.parametrize(
    ("date", "corrected", "wall", "believed"),
    [
        (RIGHT, None, RIGHT - YEAR, TimeSource.DATE),
        (RIGHT, RIGHT - YEAR, RIGHT - 2 * YEAR, TimeSource.DATE),
        (RIGHT - YEAR, RIGHT, RIGHT, TimeSource.CORRECTED_CLOCK),
        (RIGHT + YEAR, RIGHT, RIGHT, TimeSource.CORRECTED_CLOCK),
        (None, RIGHT, RIGHT - YEAR, TimeSource.CORRECTED_CLOCK),
    ],
)
def test_two_clocks_outweigh_a_date_without_a_list(date, corrected, wall, believed):
    assert choose_time(ANY_TIME, date, corrected, wall) is believed


@given(
    date=st.none() | INSTANTS,
    corrected=st.none() | INSTANTS,
    wall=st.floats(WINDOW.earliest, WINDOW.latest),
)
def test_clock_that_agrees_with_the_list_hides_no_open_pulse(date, corrected, wall):
    """The time that is believed is in the window, whatever headers say."""
    source = choose_time(WINDOW, date, corrected, wall)

    at = {
        TimeSource.DATE: date,
        TimeSource.CORRECTED_CLOCK: corrected,
        TimeSource.WALL_CLOCK: wall,
    }[source]
    late = WINDOW.widen(0, TOLERANCE)
    assert late.contains(at) or abs(at - wall) <= TOLERANCE


@given(date=st.none() | INSTANTS, corrected=st.none() | INSTANTS, wall=INSTANTS)
def test_list_alone_is_believed_only_against_every_clock(date, corrected, wall):
    clocks = [at for at in (date, corrected, wall) if at is not None]

    believed = choose_time(WINDOW, date, corrected, wall)

    if any(WINDOW.contains(at) for at in clocks):
        assert believed is not TimeSource.LIST
    if believed is TimeSource.LIST:
        assert not any(WINDOW.contains(at) for at in clocks)


def test_window_of_an_open_wave_is_its_hours_and_of_an_announced_one_those_before():
    assert build_window([(dates(1, 8, 15), True)]) == TimeWindow(8 * DAY, 15 * DAY)
    assert build_window([(dates(1, 8, 15), False)]) == TimeWindow(1 * DAY, 8 * DAY)


def test_windows_of_several_waves_are_met_by_all():
    listed = [(dates(1, 8, 15), True), (dates(13, 20, 27), False)]

    assert build_window(listed) == TimeWindow(13 * DAY, 15 * DAY)


@pytest.mark.parametrize(
    "listed", [[], [(dates(1, 8, 15), True), (dates(21, 28, 35), True)]]
)
def test_empty_list_and_one_that_contradicts_itself_say_nothing(listed):
    assert build_window(listed) == ANY_TIME


def test_window_goes_on_as_time_passes():
    assert WINDOW.shift(DAY) == TimeWindow(OPENS + DAY, OPENS + 8 * DAY)
