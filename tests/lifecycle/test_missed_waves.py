"""Waves that came due while no tick ran: cancelled with a reason, and reported."""

from datetime import datetime, timedelta
from uuid import UUID

from rapport_schemas.enums import AuditAction, WaveState
from rapport_service.agency.models import AuditEntry
from rapport_service.charter.schedule import MAX_MISSED_LISTED, MISSED_REASON
from rapport_service.core.db import Door, transaction
from rapport_service.lifecycle.organization import advance_all
from rapport_service.pollbook.announcement import TOO_FEW_PEOPLE_REASON
from rapport_service.waves.planning import stop_pulse
from tests.support.audit import TEST_ACTOR
from tests.support.concurrency import run_concurrently
from tests.support.rows import rows_of
from tests.support.service import NOON

DAY = timedelta(days=1)
MONDAY = datetime(2027, 3, 15, 9)  # noqa: DTZ001 - a pulse opens by the local clock


def states(waves):
    return [(wave["opens_at"][:10], wave["state"]) for wave in waves]


def test_wave_that_came_due_before_the_first_tick_is_cancelled_and_reported(
    agency, pulse, tick_at, listed, failed_checks, caplog
):
    missed = pulse(MONDAY)

    tick_at(days=15)

    (wave,) = listed()
    assert states([wave]) == [("2027-03-15", "cancelled")]
    assert (wave["pulse_id"], wave["reason"]) == (missed, MISSED_REASON)
    (entry,) = (e for e in rows_of(AuditEntry, agency) if e.actor_kind == "tick")
    assert (entry.action, entry.subject_id) == ("wave_cancelled", wave["id"])
    (reported,) = failed_checks().values()
    assert f"2027-03-15 of pulse {missed} of {agency.id}" in reported
    assert [r.wave_id for r in caplog.records if r.message == "wave missed"] == [
        wave["id"]
    ]
    assert agency.phone("a-1").sync()["waves"] == []


def test_missed_wave_is_reported_once_and_the_doctor_names_it_until_the_next_one(
    pulse, tick_at, listed, failed_checks
):
    pulse(MONDAY)
    tick_at(days=15)

    for day in range(16, 27):
        tick_at(days=day)
        assert "2027-03-15" in failed_checks()["pulses"]
    tick_at(days=27)

    assert states(listed())[:2] == [
        ("2027-03-15", "cancelled"),
        ("2027-03-29", "announced"),
    ]
    assert failed_checks(status=0) == {}


def test_doctor_names_pulse_and_day_while_no_tick_runs(service, pulse, failed_checks):
    missed = pulse(MONDAY)

    service.clock.now = NOON + 13 * DAY
    late = failed_checks()
    service.clock.now = NOON + 15 * DAY

    assert f"2027-03-15 of pulse {missed}" in late["waves"]
    assert "rapport tick" in late["waves"]
    assert f"2027-03-15 of pulse {missed}" in failed_checks()["pulses"]


def test_doctor_gives_a_new_pulse_time_to_be_planned(service, pulse, failed_checks):
    pulse(NOON + 3 * DAY, announce_days=7)

    service.clock.now = NOON + timedelta(minutes=10)
    at_first = failed_checks(status=0)
    service.clock.now += timedelta(seconds=1)

    assert at_first == {}
    assert "2027-03-04" in failed_checks()["waves"]


def test_missed_waves_wait_if_the_clock_may_have_leapt_over_them(
    pulse, tick_at, listed, failed_checks
):
    missed = pulse(MONDAY)
    tick_at(seconds=5)

    tick_at(days=30)
    waiting = listed(), failed_checks()
    tick_at(days=30, hours=1)

    assert waiting[0] == []
    assert list(waiting[1]) == ["clock"]
    assert f"2027-03-15 of pulse {missed}" in waiting[1]["clock"]
    assert f"2027-03-29 of pulse {missed}" in waiting[1]["clock"]
    assert states(listed()) == [
        ("2027-03-15", "cancelled"),
        ("2027-03-29", "cancelled"),
    ]


def test_operator_who_confirms_the_clock_has_missed_waves_cancelled(
    pulse, tick_at, listed
):
    pulse(MONDAY)
    tick_at(seconds=5)

    tick_at("--confirm-clock", days=15)

    assert states(listed()) == [("2027-03-15", "cancelled")]


def test_clock_that_leapt_and_came_back_has_cancelled_and_planned_nothing(
    pulse, tick_at, listed, failed_checks
):
    pulse(MONDAY)
    tick_at(seconds=5)
    tick_at(days=60)

    tick_at(seconds=10)

    assert listed() == []
    assert failed_checks(status=0) == {}


def test_two_missed_years_are_twelve_rows_and_one_line_of_the_rest(
    pulse, tick_at, listed, failed_checks
):
    pulse(MONDAY, every_weeks=1, open_days=3)
    tick_at(days=730)

    for second in range(3):
        tick_at(days=730, seconds=second)

    waves = [wave for wave in listed() if wave["state"] == "cancelled"]
    first, *others = [wave["reason"] for wave in waves]
    assert len(waves) == MAX_MISSED_LISTED
    assert first == (
        f"{MISSED_REASON}; missed too: 91 earlier waves, 2027-03-15 to 2028-12-04"
    )
    assert set(others) == {MISSED_REASON}
    assert waves[0]["opens_at"][:10] == "2028-12-11"
    assert waves[-1]["opens_at"][:10] == "2029-02-26"
    assert failed_checks()["pulses"].count("of pulse") == MAX_MISSED_LISTED


def test_ticks_at_once_cancel_and_audit_a_missed_wave_once(
    service, agency, pulse, listed
):
    pulse(MONDAY)
    service.clock.now = NOON + 15 * DAY

    run_concurrently(service, *[lambda: advance_all(service.dependencies)] * 4)

    assert states(listed()) == [("2027-03-15", "cancelled")]
    cancellations = [
        entry
        for entry in rows_of(AuditEntry, agency)
        if entry.action == AuditAction.WAVE_CANCELLED
    ]
    assert len(cancellations) == 1


def test_openings_before_the_pulse_was_created_were_not_missed(
    pulse, tick_at, listed, failed_checks
):
    pulse(NOON - 50 * DAY, every_weeks=1)

    tick_at(seconds=5)

    assert {state for _, state in states(listed())} == {"planned"}
    assert failed_checks(status=0) == {}


def test_stopped_pulse_misses_nothing(agency, pulse, tick_at, listed, failed_checks):
    stopped = pulse(MONDAY)
    with transaction(Door.POLL_BOOK) as session:
        stop_pulse(session, agency.id, UUID(stopped), NOON, TEST_ACTOR)

    tick_at(days=15)

    assert listed() == []
    assert failed_checks(status=0) == {}


def test_wave_that_was_planned_and_not_announced_in_time_was_missed(
    agency, pulse, tick_at, listed, failed_checks
):
    pulse(MONDAY)
    tick_at(days=10)

    tick_at("--confirm-clock", days=21)

    first = listed()[0]
    assert (first["state"], first["reason"]) == ("cancelled", MISSED_REASON)
    assert "2027-03-15" in failed_checks()["pulses"]
    assert agency.wave(first["id"]).state == WaveState.CANCELLED


def test_wave_of_too_few_people_was_not_missed(agency, pulse, tick_at, listed):
    agency.put({"a": 7}, {}, {})
    pulse(MONDAY)
    tick_at(days=10)

    for day in (13, 15, 21):
        tick_at("--confirm-clock", days=day)

    assert listed()[0]["reason"] == TOO_FEW_PEOPLE_REASON
