"""Laws of the time that is believed; its cases are in ``test_client_rules.py``."""

from hypothesis import given
from hypothesis import strategies as st

from rapport_client._sync.time_evidence import (
    TOLERANCE,
    TimeSource,
    TimeWindow,
    choose_time,
)

DAY = 86400.0
YEAR = 365 * DAY
OPENS = 1_000 * DAY
WINDOW = TimeWindow(OPENS, OPENS + 7 * DAY)
INSTANTS = st.floats(-50 * YEAR, 50 * YEAR)


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


def test_window_goes_on_as_time_passes():
    assert WINDOW.shift(DAY) == TimeWindow(OPENS + DAY, OPENS + 8 * DAY)
