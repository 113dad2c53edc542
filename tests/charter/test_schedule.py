"""Dates of a wave: by the rule of a pulse, or set by an administrator."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rapport_service.charter.document import WaveDates
from rapport_service.charter.schedule import (
    KEEP_SECONDS,
    MAX_MISSED_LISTED,
    DatesInvalidError,
    MissedOccurrences,
    find_missed,
    missed_reason,
    retirement_date,
    schedule_occurrence,
    validate_dates,
    whole_seconds,
)

NEW_YORK = ZoneInfo("America/New_York")
WEEKLY = {"every_weeks": 1, "open_days": 3, "announce_days": 7, "grace_days": 7}
NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
ZONES = [
    "UTC",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
]


def in_order(dates):
    return [
        dates.announces_at,
        dates.opens_at,
        dates.closes_at,
        dates.seals_at,
        dates.retires_at,
    ]


def chosen_dates(*seconds, start=NOW):
    """Dates at numbers of seconds after the start, as an administrator sets them."""
    instants = (start + timedelta(seconds=number) for number in seconds)
    return WaveDates(*instants, KEEP_SECONDS)


def test_a_wave_has_the_dates_that_the_design_states():
    dates = schedule_occurrence(datetime(2027, 1, 11, 9), ZoneInfo("UTC"), 0, **WEEKLY)  # noqa: DTZ001

    def january(day):
        return datetime(2027, 1, 1, 9, tzinfo=UTC) + timedelta(days=day - 1)

    assert dates == WaveDates(
        announces_at=january(4),
        opens_at=january(11),
        closes_at=january(14),
        seals_at=january(21),
        retires_at=january(14 + 400),
        keep_seconds=14 * 86_400,
    )


@pytest.mark.parametrize(
    ("first_opens", "before", "after"),
    [
        pytest.param("2027-03-08T09:00", 14, 13, id="summer time begins"),
        pytest.param("2027-11-01T09:00", 13, 14, id="summer time ends"),
    ],
)
def test_a_pulse_opens_at_nine_by_the_wall_clock_on_both_sides_of_a_change(
    first_opens, before, after
):
    first = datetime.fromisoformat(first_opens)

    opens = [schedule_occurrence(first, NEW_YORK, n, **WEEKLY).opens_at for n in (0, 1)]

    assert [at.hour for at in opens] == [before, after]
    assert opens[1] - opens[0] == timedelta(weeks=1, hours=after - before)


def test_a_change_within_a_wave_moves_its_later_dates():
    first = datetime.fromisoformat("2027-03-12T09:00")

    dates = schedule_occurrence(first, NEW_YORK, 0, **WEEKLY)

    assert [at.hour for at in in_order(dates)[:4]] == [14, 14, 13, 13]


def test_an_hour_that_the_clock_skips_is_the_one_after_it():
    first = datetime.fromisoformat("2027-03-14T02:30")

    opens = schedule_occurrence(first, NEW_YORK, 0, **WEEKLY).opens_at

    assert opens.astimezone(NEW_YORK).strftime("%H:%M") == "03:30"


def test_an_hour_that_the_clock_repeats_is_the_first_of_the_two():
    first = datetime.fromisoformat("2027-11-07T01:30")

    opens = schedule_occurrence(first, NEW_YORK, 0, **WEEKLY).opens_at

    assert opens == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)


@given(
    first=st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1)),  # noqa: DTZ001
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    occurrence=st.integers(0, 200),
    lengths=st.tuples(*[st.integers(1, 60)] * 4),
)
def test_dates_follow_each_other_and_days_are_local_days(
    first, zone, occurrence, lengths
):
    every, open_days, announce, grace = lengths
    opening = first + timedelta(weeks=every * occurrence)
    closing = opening + timedelta(days=open_days)
    for local in (opening, closing):  # an hour that exists
        aware = local.replace(tzinfo=zone)
        assume(aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local)

    dates = schedule_occurrence(
        first,
        zone,
        occurrence,
        every_weeks=every,
        open_days=open_days,
        announce_days=announce,
        grace_days=grace,
    )

    instants = in_order(dates)
    assert instants == sorted(set(instants))
    assert all(at.tzinfo == UTC for at in instants)
    assert dates.opens_at.astimezone(zone).replace(tzinfo=None) == opening
    assert dates.closes_at.astimezone(zone).replace(tzinfo=None) == closing


def test_a_wave_may_last_seconds():
    validate_dates(chosen_dates(0, 1, 2, 3, 4), NOW)


@given(
    seconds=st.lists(
        st.integers(-3, 12) | st.floats(-1, 9, allow_nan=False),
        min_size=5,
        max_size=5,
    )
)
def test_dates_are_taken_exactly_when_their_whole_seconds_increase_from_now_on(seconds):
    dates = chosen_dates(*seconds)
    cut = [at.replace(microsecond=0) for at in in_order(dates)]

    assert in_order(whole_seconds(dates)) == cut
    if cut == sorted(set(cut)) and cut[0] >= NOW:
        validate_dates(whole_seconds(dates), NOW)
    else:
        with pytest.raises(DatesInvalidError):
            validate_dates(whole_seconds(dates), NOW)


@pytest.mark.parametrize(
    ("seconds", "named"),
    [
        ((0, 0, 2, 3, 4), "opens_at: must come after announces_at"),
        ((0, 1, 1, 3, 4), "closes_at: must come after opens_at"),
        ((0, 1, 2, 1, 4), "seals_at: must come after closes_at"),
        ((0, 1, 2, 3, 3), "retires_at: must come after seals_at"),
        ((-1, 1, 2, 3, 4), "announces_at: must not be in the past"),
    ],
)
def test_a_refusal_names_the_dates(seconds, named):
    with pytest.raises(DatesInvalidError, match=named):
        validate_dates(chosen_dates(*seconds), NOW)


def test_fraction_of_a_second_does_not_make_now_the_past():
    late = NOW + timedelta(microseconds=900_000)

    validate_dates(chosen_dates(0, 1, 2, 3, 4), late)


def test_keep_seconds_stay_as_they_were_set():
    dates = replace(chosen_dates(0, 1, 2, 3, 4), keep_seconds=60)

    assert whole_seconds(dates).keep_seconds == 60


def test_retirement_is_counted_in_days():
    assert retirement_date(NOW) == NOW + timedelta(days=400)


# Missed occurrences of a pulse


def test_nothing_is_missed_if_every_occurrence_has_a_wave():
    assert find_missed(range(3, 9), set(range(3, 10))) == MissedOccurrences()


def test_missed_occurrences_are_listed_oldest_first():
    assert find_missed(range(5), {1, 4}) == MissedOccurrences((0, 2, 3))


def test_twelve_are_listed_and_those_before_them_summed_up():
    missed = find_missed(range(104), set(range(4)))

    assert missed == MissedOccurrences(tuple(range(92, 104)), range(4, 92))
    assert missed_reason(88, date(2025, 1, 6), date(2026, 9, 7)).endswith(
        "; missed too: 88 earlier waves, 2025-01-06 to 2026-09-07"
    )


def test_summed_up_occurrences_are_not_reported_again():
    """Two years missed, twelve listed, some waves asked, then one is missed."""
    planned = set(range(92, 107))

    assert find_missed(range(108), planned) == MissedOccurrences((107,))


@given(
    st.integers(0, 5), st.integers(0, 60), st.sets(st.integers(0, 70)), st.integers(1)
)
def test_missed_occurrences_are_those_without_a_wave_and_reported_once(
    start, count, planned, later
):
    opened = range(start, start + count)

    missed = find_missed(opened, planned)

    reported = {*missed.listed, *missed.earlier}
    assert reported <= set(opened) - planned
    assert set(missed.listed) == set(opened[-MAX_MISSED_LISTED:]) - planned
    assert len(missed.listed) <= MAX_MISSED_LISTED
    if not planned & set(opened):
        assert reported == set(opened)
    assert find_missed(opened, planned | set(missed.listed)) == MissedOccurrences()
    on = range(start, opened.stop + later % 30)
    again = find_missed(on, planned | set(missed.listed) | set(range(opened.stop, 99)))
    assert again == MissedOccurrences()
