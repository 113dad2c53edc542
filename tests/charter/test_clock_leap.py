"""Rule of a clock that leapt: a step waits, for an hour or until it is confirmed."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rapport_service.charter.clock_leap import TickTimes, Window, must_wait, note_tick

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (
    timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days")
)
WEEK_LONG = Window(NOON - DAY, NOON + 6 * DAY, NOON - 9 * DAY)


def ticks(*readings, start=None):
    """The times that are noted after ticks at these times after noon."""
    times = start or TickTimes()
    for reading in readings:
        times = note_tick(times, NOON + reading)
    return times


def waits_to_close(*readings, window=WEEK_LONG):
    """Whether a close that is due waits after ticks at these times after noon."""
    due = NOON + readings[-1] >= window.closes_at
    return due and must_wait(ticks(*readings), window.closes_at, window)


def test_close_waits_if_the_clock_leaps_over_a_whole_window():
    assert waits_to_close(0 * DAY, 60 * DAY)


def test_close_waits_through_all_ticks_of_the_hour_after_the_leap():
    hour = [60 * DAY + minutes * MINUTE for minutes in range(60)]

    assert all(waits_to_close(0 * DAY, *hour[: n + 1]) for n in range(60))
    assert not waits_to_close(0 * DAY, *hour, 61 * DAY)


@pytest.mark.parametrize("later", [HOUR, HOUR + SECOND, 2 * HOUR, 3 * HOUR, 30 * DAY])
def test_second_tick_an_hour_later_or_more_lets_the_close_go_on(later):
    assert not waits_to_close(0 * DAY, 60 * DAY, 60 * DAY + later)


def test_close_goes_on_if_no_more_time_has_passed_than_the_window_has():
    assert not waits_to_close(0 * DAY, 7 * DAY)
    assert waits_to_close(0 * DAY, 7 * DAY + SECOND)


def test_close_goes_on_if_no_more_than_an_hour_has_passed():
    seconds = Window(NOON + SECOND, NOON + 2 * SECOND, NOON)

    assert not waits_to_close(0 * DAY, HOUR, window=seconds)


def test_first_tick_of_all_finds_no_leap():
    assert not waits_to_close(60 * DAY)


def test_clock_that_comes_back_forgets_its_leap():
    assert ticks(0 * DAY, 60 * DAY, MINUTE) == TickTimes(NOON + MINUTE)
    assert waits_to_close(0 * DAY, 60 * DAY, MINUTE, 60 * DAY + 2 * HOUR)


def test_clock_that_comes_half_the_way_back_is_seen_anew():
    assert waits_to_close(0 * DAY, 60 * DAY, 30 * DAY, 30 * DAY + 59 * MINUTE)
    assert not waits_to_close(0 * DAY, 60 * DAY, 30 * DAY, 30 * DAY + HOUR)


def test_operator_confirms_a_leap_at_once():
    times = note_tick(ticks(0 * DAY, 60 * DAY), NOON + 60 * DAY, confirmed=True)

    assert times == TickTimes(NOON + 60 * DAY)


def test_operator_confirms_a_clock_that_was_set_back():
    wrong = ticks(0 * DAY, 60 * DAY, 60 * DAY + HOUR)

    right = note_tick(wrong, NOON + HOUR, confirmed=True)

    assert right == TickTimes(NOON + HOUR)
    assert must_wait(ticks(60 * DAY, start=right), WEEK_LONG.closes_at, WEEK_LONG)


def test_wave_planned_after_the_leap_waits_for_nothing():
    leapt = NOON + 60 * DAY
    window = Window(leapt + SECOND, leapt + 2 * SECOND, leapt)

    assert not waits_to_close(0 * DAY, 60 * DAY, 60 * DAY + MINUTE, window=window)


def test_short_wave_planned_less_than_an_hour_before_a_tick_starts_again_goes_on():
    window = Window(NOON + DAY + SECOND, NOON + DAY + MINUTE, NOON + DAY)

    assert not waits_to_close(0 * DAY, DAY + 59 * MINUTE, window=window)
    assert waits_to_close(0 * DAY, DAY + 61 * MINUTE, window=window)


def test_wave_planned_long_before_the_leap_waits_although_it_opens_after_it():
    leapt = NOON + 60 * DAY
    window = Window(leapt + SECOND, leapt + 2 * SECOND, NOON)

    assert waits_to_close(0 * DAY, 60 * DAY, 60 * DAY + MINUTE, window=window)


def test_tick_once_a_day_closes_waves_of_a_day_a_day_late():
    """Each gap is a little more than the window: confirmed by the tick that follows."""
    window = Window(NOON + DAY, NOON + 2 * DAY, NOON)
    days = [n * (DAY + SECOND) for n in range(5)]

    waiting = [waits_to_close(*days[: n + 1], window=window) for n in range(5)]

    assert waiting == [False, False, True, False, False]


def test_second_leap_is_not_confirmed_by_the_ticks_after_the_first():
    """A gap of hours is no leap for a wave of a week, the one of months after it is."""
    assert waits_to_close(0 * DAY, 2 * HOUR, 60 * DAY)


# Laws, over clocks that run, stop, leap ahead and jump back in every way

GAPS = st.one_of(
    st.integers(0, 3600),
    st.integers(-(10**7), 10**7),
    st.sampled_from([1, 3599, 3600, 3601, 7200, 7201, -1, -3600, 86_400 * 60]),
)
READINGS = st.lists(GAPS, min_size=1, max_size=12).map(
    lambda gaps: [timedelta(seconds=sum(gaps[: n + 1])) for n in range(len(gaps))]
)
WINDOWS = st.builds(
    lambda opens, length, lead: Window(
        NOON + timedelta(seconds=opens),
        NOON + timedelta(seconds=opens + length),
        NOON + timedelta(seconds=opens - lead),
    ),
    st.integers(-(10**6), 10**7),
    st.integers(1, 10**6),
    st.integers(1, 10**7),
)


@given(st.lists(st.integers(0, 3600), min_size=1), WINDOWS)
def test_clock_that_never_rests_an_hour_holds_nothing_up(gaps, window):
    readings = [timedelta(seconds=sum(gaps[: n + 1])) for n in range(len(gaps))]

    assert ticks(*readings) == TickTimes(NOON + readings[-1])
    assert not waits_to_close(*readings, window=window)


@given(READINGS, st.integers(1, 3600), WINDOWS)
def test_clock_that_runs_on_is_confirmed_in_the_end(readings, pace, window):
    """An hour and one tick are enough, after every jump that it made before."""
    leapt = max(readings) + 400 * DAY
    steps = range(3600 // pace + 2)
    runs_on = [leapt + n * timedelta(seconds=pace) for n in steps]

    assert not waits_to_close(*readings, *runs_on, window=window)
    assert ticks(*readings, *runs_on) == TickTimes(NOON + runs_on[-1])


@given(READINGS, READINGS, WINDOWS)
def test_step_of_a_confirmed_time_never_waits_again(before, after, window):
    """No jump back and no leap that follows undoes what was confirmed."""
    confirmed = ticks(*before)
    due_at = confirmed.ticked_at - SECOND

    assert not must_wait(confirmed, due_at, window)
    assert not must_wait(ticks(*after, start=confirmed), due_at, window)


@given(READINGS)
def test_confirmed_time_never_goes_back(readings):
    noted = [ticks(*readings[: n + 1]).ticked_at for n in range(len(readings))]

    assert noted == sorted(noted)
    assert all(at <= NOON + max(readings) for at in noted)


@given(READINGS, WINDOWS)
def test_step_goes_on_only_after_a_short_gap_or_two_ticks_an_hour_apart(
    readings, window
):
    """The promise, read from the ticks themselves and not from what they noted."""
    now, due_at = NOON + readings[-1], window.closes_at
    assume(now >= due_at and not waits_to_close(*readings, window=window))
    before = [NOON + reading for reading in readings[:-1]]
    longest = max(HOUR, window.closes_at - window.opens_at)

    first_tick = not before or before[0] >= due_at
    short_gap = any(
        earlier < due_at <= later <= earlier + longest
        for earlier in [*before, window.known_at]
        for later in [*before, now]
    )
    twice = any(
        due_at <= first <= second - HOUR
        for first, second in itertools.combinations([*before, now], 2)
    )
    assert first_tick or short_gap or twice
