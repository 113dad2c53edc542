"""Clock of the server that leaps between two ticks: what cannot be undone waits."""

import signal
import time
from datetime import timedelta

import pytest

from rapport_schemas.enums import WaveState
from rapport_service.ballotbox.models import Submission
from rapport_service.charter.clock_leap import TickTimes
from rapport_service.charter.document import WaveDates
from rapport_service.charter.schedule import (
    KEEP_SECONDS,
    retirement_date,
)
from rapport_service.cli.tick import tick
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.installation import claim_vacuum, get_tick_times
from rapport_service.lifecycle.organization import advance_all
from rapport_service.lifecycle.sealing import run_sealing_job
from rapport_service.pollbook.models import Elector
from rapport_service.registry.models import BallotKey, Release
from rapport_service.waves.planning import plan_wave
from tests.cli.command_runner import run_command
from tests.support.audit import TEST_ACTOR
from tests.support.concurrency import run_concurrently
from tests.support.rows import rows_of
from tests.support.service import NOON
from tests.support.submissions import identical_contents, submit_contents

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def planned(agency, *, announces=timedelta(seconds=10), opens, closes, seals):
    """A wave with these dates, counted from now; its public id."""
    now = agency.service.clock()
    dates = WaveDates(
        now + announces,
        now + opens,
        now + closes,
        now + seals,
        retirement_date(now + closes),
        KEEP_SECONDS,
    )
    with transaction(Door.POLL_BOOK) as session:
        return plan_wave(session, agency.id, dates, now, TEST_ACTOR).public_id


@pytest.fixture
def wave(agency):
    """A wave that opens in a minute, for a week, and is sealed a week later."""
    return planned(agency, opens=timedelta(minutes=1), closes=7 * DAY, seals=14 * DAY)


@pytest.fixture
def open_wave(agency, wave, tick_at, ballot_factory):
    """The same wave on its first day, open and answered by all."""
    tick_at(seconds=10)
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(8)})
    tick_at(seconds=70)
    assert agency.wave(wave).state == WaveState.OPEN
    return wave


def read_score(agency):
    return agency.score(agency.reader_token("director"), "a")


def tick_times():
    with read_transaction(Door.SEAL) as session:
        return get_tick_times(session)


def test_one_tick_two_months_ahead_closes_and_seals_nothing(
    agency, open_wave, tick_at, failed_checks, caplog
):
    tick_at(days=60)

    assert agency.wave(open_wave).state == WaveState.OPEN
    assert len(rows_of(Submission, agency)) == 8
    assert read_score(agency)["delay"] == "clock_unconfirmed"
    (reported,) = failed_checks().values()
    assert open_wave in reported
    assert "2027-03-01T12:01:10Z to 2027-04-30T12:00:00Z" in reported
    assert "rapport tick --confirm-clock" in reported
    assert "2027-04-30T13:00:00Z" in reported
    (record,) = (r for r in caplog.records if r.message.startswith("the clock leapt"))
    assert record.now == "2027-04-30T12:00:00Z"


def test_wave_goes_on_as_planned_if_the_clock_comes_back(
    agency, open_wave, tick_at, failed_checks
):
    tick_at(days=60)

    tick_at(seconds=75)
    back = failed_checks(status=0), read_score(agency)["delay"]
    for day in range(1, 15):
        tick_at(days=day)

    assert back == ({}, None)
    assert agency.wave(open_wave).state == WaveState.SEALED
    assert read_score(agency)["status"] == "released"


def test_wave_goes_on_an_hour_later_by_the_same_clock(agency, open_wave, tick_at):
    tick_at(days=60)
    tick_at(days=60, minutes=59)
    before = agency.wave(open_wave).state

    tick_at(days=60, hours=1)

    assert before == WaveState.OPEN
    assert agency.wave(open_wave).state == WaveState.SEALED


def test_operator_confirms_the_clock_and_the_wave_goes_on_at_once(
    agency, open_wave, tick_at, failed_checks
):
    tick_at(days=60)

    tick_at("--confirm-clock", days=60, seconds=1)

    assert agency.wave(open_wave).state == WaveState.SEALED
    assert read_score(agency)["status"] == "released"
    assert failed_checks(status=0) == {}


def test_clock_that_jumps_back_opens_nothing_again(
    agency, open_wave, tick_at, failed_checks
):
    tick_at(days=60)
    tick_at("--confirm-clock", days=60)

    tick_at(minutes=2)
    (reported,) = failed_checks().values()
    tick_at(days=60, hours=3)

    assert agency.wave(open_wave).state == WaveState.SEALED
    assert "the clock says 2027-03-01T12:02:00Z" in reported
    assert "2027-04-30T12:00:00Z" in reported
    assert failed_checks(status=0) == {}


def test_clock_that_jumps_back_undoes_no_confirmation(agency, open_wave, tick_at):
    """A wave that was confirmed, and met an obstacle, is not held up once more."""
    tick_at(days=20)
    tick_at(days=20, hours=1)
    second = planned(agency, opens=HOUR, closes=2 * HOUR, seals=3 * HOUR)
    for hour in range(1, 4):
        tick_at(days=20, hours=hour)

    tick_at(days=1)
    tick_at(days=20, hours=4)

    assert agency.wave(open_wave).state == WaveState.SEALED
    assert agency.wave(second).state == WaveState.SEALED


def test_operator_confirms_a_clock_that_was_wrong_and_is_right_again(
    agency, open_wave, tick_at, failed_checks
):
    for hour in range(3):
        tick_at(days=60, hours=hour)
    assert agency.wave(open_wave).state == WaveState.SEALED

    tick_at("--confirm-clock", days=1)
    right = failed_checks(status=0)
    second = planned(agency, opens=9 * DAY, closes=16 * DAY, seals=17 * DAY)
    tick_at(days=1, seconds=30)
    tick_at(days=60)

    assert right == {}
    assert agency.wave(second).state == WaveState.ANNOUNCED


def test_planned_wave_is_neither_announced_nor_cancelled_by_a_leap(
    agency, wave, tick_at, failed_checks
):
    tick_at(seconds=1)

    tick_at(days=60)

    assert agency.wave(wave).state == WaveState.PLANNED
    assert wave in failed_checks()["clock"]
    tick_at(seconds=20)
    assert agency.wave(wave).state == WaveState.ANNOUNCED


@pytest.mark.usefixtures("open_wave")
def test_sealed_wave_does_not_retire_by_a_leap(agency, tick_at):
    for day in (1, 7, 14):
        tick_at("--confirm-clock", days=day)
    kept = (BallotKey, Elector)

    tick_at(days=800)
    waiting = [rows_of(table, agency) for table in kept]
    tick_at(days=800, hours=1)

    assert all(waiting)
    assert all(key.jwk for key in waiting[0])
    assert [key.jwk for key in rows_of(BallotKey, agency)] == [None]
    assert rows_of(Elector, agency) == []


def test_gap_that_is_shorter_than_the_wave_holds_nothing_up(
    agency, open_wave, tick_at, failed_checks
):
    tick_at(days=1)

    tick_at(days=7, hours=1)

    assert agency.wave(open_wave).state == WaveState.CLOSED
    assert failed_checks(status=0) == {}


def test_wave_of_seconds_that_is_planned_after_weeks_of_rest_runs_by_itself(
    agency, open_wave, tick_at, failed_checks
):
    tick_at(days=21)
    seconds = [timedelta(seconds=n) for n in range(1, 5)]
    short = planned(
        agency,
        announces=seconds[0],
        opens=seconds[1],
        closes=seconds[2],
        seals=seconds[3],
    )

    for second in range(1, 5):
        tick_at(days=21, seconds=second)

    assert agency.wave(short).state == WaveState.SEALED
    assert agency.wave(open_wave).state == WaveState.OPEN
    assert short not in failed_checks()["clock"]


def test_tick_that_finds_nothing_to_do_notes_its_time(tick_at):
    tick_at(seconds=5)
    tick_at(seconds=10)

    assert tick_times() == TickTimes(NOON + timedelta(seconds=10))


def test_repeated_tick_confirms_the_clock_once(service, agency, open_wave, monkeypatch):
    """The clock leaps before the first tick, and once more before the second."""
    leaps = iter([30])

    def sleep(_seconds):
        days = next(leaps, None)
        if days is None:
            raise KeyboardInterrupt
        service.clock.now += timedelta(days=days)

    later = planned(agency, opens=35 * DAY, closes=36 * DAY, seals=37 * DAY)
    service.clock.now += timedelta(minutes=2)
    run_command(tick)
    service.clock.now += timedelta(days=20)
    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    run_command(tick, "--every", "1", "--confirm-clock", status=1)

    assert agency.wave(open_wave).state == WaveState.SEALED
    assert agency.wave(later).state == WaveState.ANNOUNCED


def test_ticks_at_once_wait_together_and_seal_once(service, agency, open_wave):
    def tick_four_times(later):
        service.clock.now = NOON + later
        run_concurrently(service, *[tick_once] * 4)

    def tick_once():
        advance_all(service.dependencies)
        run_sealing_job(service.dependencies)

    tick_four_times(60 * DAY)
    waiting = agency.wave(open_wave).state, tick_times()
    tick_four_times(60 * DAY + HOUR)

    assert waiting == (
        WaveState.OPEN,
        TickTimes(NOON + timedelta(seconds=70), NOON + 60 * DAY),
    )
    assert agency.wave(open_wave).state == WaveState.SEALED
    assert len(rows_of(Release, agency)) == 1


def test_machines_whose_clocks_differ_wait_for_an_operator(agency, open_wave, tick_at):
    """One clock is right, one is two months ahead, and both tick for hours."""
    for minute in range(2, 182, 20):
        tick_at(minutes=minute)
        tick_at(days=60, minutes=minute)

    assert agency.wave(open_wave).state == WaveState.OPEN


@pytest.mark.usefixtures("service")
def test_vacuum_goes_on_after_a_clock_that_was_ahead():
    with transaction(Door.SEAL) as session:
        claim_vacuum(session, NOON + 60 * DAY, HOUR)

        assert claim_vacuum(session, NOON, HOUR)
        assert not claim_vacuum(session, NOON - timedelta(seconds=2), HOUR)
