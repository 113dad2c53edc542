"""No two waves of an organization are ever open at once, by any way of planning."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from rapport_schemas.enums import WaveState
from rapport_service.charter.clock_leap import TickTimes
from rapport_service.charter.document import WaveDates
from rapport_service.charter.open_windows import occurrence_window
from rapport_service.charter.schedule import KEEP_SECONDS, retirement_date
from rapport_service.core.db import Door, db, read_transaction, transaction
from rapport_service.waves import pulse_calendar
from rapport_service.waves.free_windows import WindowTakenError
from rapport_service.waves.planning import (
    create_pulse,
    list_waves,
    plan_pulses,
    plan_wave,
    stop_pulse,
)
from tests.support.admin import AdminClient, code_of
from tests.support.audit import TEST_ACTOR
from tests.support.concurrency import TIMEOUT_SECONDS
from tests.support.service import NOON

ZONE = "America/New_York"

READS = re.compile(r"^SELECT .*\bFROM (waves|pulses)\b", re.DOTALL)


@pytest.fixture
def agency(service):
    return service.agency({"a": 10}, time_zone=ZONE)


@pytest.fixture
def admin(agency):
    return AdminClient(agency)


def at(**later):
    return (NOON + timedelta(**later)).strftime("%Y-%m-%dT%H:%M:%SZ")


def wave(opens, closes):
    """A wave that opens and closes so many days from now."""
    return {
        "announces_at": at(),
        "opens_at": at(days=opens),
        "closes_at": at(days=closes),
        "seals_at": at(days=closes + 1),
    }


def pulse(first_opens, every_weeks=1, open_days=7):
    return {
        "first_opens": first_opens,
        "every_weeks": every_weeks,
        "open_days": open_days,
        "announce_days": 1,
        "grace_days": 1,
    }


def plan(admin, body):
    return admin.post("/v1/waves", body)


def create(admin, body):
    return admin.post("/v1/pulses", body)


def test_second_wave_is_refused_with_the_name_of_the_first(admin):
    first = plan(admin, wave(1, 8)).get_json()

    refused = plan(admin, wave(7, 9))

    assert refused.status_code == 409
    problem = refused.get_json()
    assert problem["code"] == "window-taken"
    assert problem["taken_by"] == {
        "wave_id": first["id"],
        "pulse_id": None,
        "opens_at": first["opens_at"],
        "closes_at": first["closes_at"],
    }
    assert problem["detail"] == (
        f"The wave that would open at {at(days=7)} meets wave {first['id']}, which is"
        f" open from {at(days=1)} to {at(days=8)}."
    )


def test_refusal_is_in_spanish_too(admin):
    first = plan(admin, wave(1, 8)).get_json()

    refused = admin.post("/v1/waves", wave(7, 9), **{"Accept-Language": "es"})

    assert refused.get_json()["detail"] == (
        f"La ronda que se abriría el {at(days=7)} coincide con la ronda"
        f" {first['id']}, que está abierta del {at(days=1)} al {at(days=8)}."
    )


@pytest.mark.parametrize(
    ("window", "status"),
    [
        ((0.5, 1), 201),
        ((8, 9), 201),
        ((0.5, 1.01), 409),
        ((7.99, 9), 409),
        ((0.5, 9), 409),
        ((2, 3), 409),
        ((1, 8), 409),
    ],
)
def test_wave_may_begin_where_another_ends(admin, window, status):
    plan(admin, wave(1, 8))

    assert plan(admin, wave(*window)).status_code == status


def test_cancelled_wave_leaves_its_window_free(admin):
    first = plan(admin, wave(1, 8)).get_json()["id"]
    admin.post(f"/v1/waves/{first}/cancel", {"reason": "a mistake"})

    assert plan(admin, wave(1, 8)).status_code == 201


def test_repeated_request_is_answered_and_not_refused_for_its_own_window(admin):
    body = wave(1, 8) | {"id": "7b9d3c22-5a41-4d9e-8f0a-2f6f1f0a8d11"}

    first, again = plan(admin, body), plan(admin, body)

    assert first.get_json() == again.get_json()


def test_other_organizations_are_free(service, admin):
    plan(admin, wave(1, 8))
    create(admin, pulse("2027-06-01T09:00"))
    other = AdminClient(service.agency({"a": 10}))

    assert plan(other, wave(1, 8)).status_code == 201
    assert create(other, pulse("2027-06-01T09:00")).status_code == 201


class TestWavesAndPulses:
    def test_wave_is_refused_where_a_pulse_will_ask_years_ahead(self, admin):
        made = create(admin, pulse("2027-04-05T09:00", 4)).get_json()
        days = (datetime(2041, 3, 1, tzinfo=UTC) - NOON).days
        answers = [plan(admin, wave(days + n, days + n + 1)) for n in range(28)]

        refused = [reply for reply in answers if reply.status_code == 409]

        assert 7 <= len(refused) <= 9
        taken = refused[0].get_json()["taken_by"]
        assert (taken["wave_id"], taken["pulse_id"]) == (None, made["id"])
        assert taken["opens_at"].startswith("2041-0")

    def test_pulse_is_refused_where_a_single_wave_will_be_open(self, admin):
        days = (datetime(2033, 6, 15, tzinfo=UTC) - NOON).days
        single = plan(admin, wave(days, days + 1)).get_json()

        refused = create(admin, pulse("2027-04-05T09:00"))

        assert code_of(refused) == "window-taken"
        assert refused.get_json()["taken_by"]["wave_id"] == single["id"]

    def test_stopped_pulse_leaves_waves_and_no_more(self, agency, admin):
        first = create(admin, pulse("2027-03-08T09:00")).get_json()["id"]
        agency.tick()
        admin.post(f"/v1/pulses/{first}/stop")
        (left,) = admin.get("/v1/waves").get_json()["waves"]

        second = create(admin, pulse("2027-03-09T09:00"))
        outright = plan(admin, wave(9, 10))
        later = create(admin, pulse("2027-03-15T09:00"))

        for refused in (second, outright):
            taken = refused.get_json()["taken_by"]
            assert (taken["wave_id"], taken["pulse_id"]) == (left["id"], first)
        assert later.status_code == 201

    def test_cancelled_wave_of_a_pulse_leaves_its_window_free(self, agency, admin):
        create(admin, pulse("2027-03-08T09:00"))
        agency.tick()
        (planned,) = admin.get("/v1/waves").get_json()["waves"]
        times = {name: planned[name] for name in ("opens_at", "closes_at", "seals_at")}
        instead = {"announces_at": at(), **times}

        before = plan(admin, instead)
        admin.post(f"/v1/waves/{planned['id']}/cancel", {"reason": "a mistake"})

        assert code_of(before) == "window-taken"
        assert plan(admin, instead).status_code == 201


class TestTwoPulses:
    @pytest.mark.parametrize(
        ("first", "second", "status"),
        [
            (("2027-04-05T09:00", 2), ("2027-04-12T09:00", 2), 201),
            (("2027-04-05T09:00", 2), ("2027-04-12T08:59", 2), 409),
            (("2027-04-05T09:00", 2), ("2027-04-18T09:00", 2), 409),
            (("2027-04-05T09:00", 51), ("2027-05-03T09:00", 52), 409),  # in 2078
            (("2027-04-05T09:00", 364), ("2027-05-03T09:00", 365), 409),  # in 4573
            (("2027-04-05T09:00", 364), ("2027-05-03T09:00", 182), 201),
            (("2027-04-05T09:00", 1), ("3999-05-03T09:00", 1), 409),
        ],
    )
    def test_all_occurrences_to_come_are_compared(self, admin, first, second, status):
        create(admin, pulse(*first))

        assert create(admin, pulse(*second)).status_code == status

    def test_spring_gap_makes_them_meet(self, admin):
        """One closes on Sundays at 2:30, which is 3:30 on one Sunday of the year; the
        other opens at 3."""
        made = create(admin, pulse("2027-04-04T02:30", 2)).get_json()

        refused = create(admin, pulse("2027-04-11T03:00", 2, 6))
        apart = create(admin, pulse("2027-04-11T03:30", 2, 6))

        taken = refused.get_json()["taken_by"]
        assert (code_of(refused), taken["pulse_id"]) == ("window-taken", made["id"])
        assert taken["closes_at"][5:] >= "03-08T07:30:00Z"
        assert taken["closes_at"][5:] <= "03-14T07:30:00Z"
        assert apart.status_code == 201

    def test_zone_without_changes_has_no_gap(self, service):
        admin = AdminClient(service.agency({"a": 10}, time_zone="UTC"))
        create(admin, pulse("2027-04-04T02:30", 2))

        assert create(admin, pulse("2027-04-11T03:00", 2, 6)).status_code == 201

    def test_stopped_pulse_does_not_count(self, admin):
        first = create(admin, pulse("2027-04-05T09:00")).get_json()["id"]
        admin.post(f"/v1/pulses/{first}/stop")

        assert create(admin, pulse("2027-04-05T09:00")).status_code == 201

    def test_pulses_own_waves_would_meet(self, admin):
        refused = create(admin, pulse("2027-04-05T09:00", 1, 8))

        assert code_of(refused) == "invalid"


@contextmanager
def happening_after(service, count, action):
    """Runs an action once, in a thread, after so many reads of waves and pulses."""
    reads = []

    def run():
        with service.app.app_context():
            action()

    def notice(_connection, _cursor, statement, *_):
        if threading.current_thread() is reader and READS.search(statement):
            reads.append(statement)
            if len(reads) == count:
                with ThreadPoolExecutor(1) as pool:
                    pool.submit(run).result(TIMEOUT_SECONDS)

    reader = threading.current_thread()
    event.listen(db.engine, "after_cursor_execute", notice)
    try:
        yield
    finally:
        event.remove(db.engine, "after_cursor_execute", notice)
    assert len(reads) >= count


@pytest.mark.postgresql  # SQLite has one writer: the tick waits for its turn
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_wave_is_refused_for_an_occurrence_that_a_tick_plans_meanwhile(
    service, agency, admin, count
):
    """Count says after which of the reads the tick commits."""

    def tick():
        with transaction(Door.SEAL) as session:
            now = service.clock()
            plan_pulses(session, agency.id, TickTimes(now), now)

    made = create(admin, pulse("2027-03-08T09:00", 4)).get_json()["id"]

    with happening_after(service, count, tick):
        refused = plan(admin, wave(9, 10))

    assert code_of(refused) == "window-taken"
    assert refused.get_json()["taken_by"]["pulse_id"] == made
    (planned,) = admin.get("/v1/waves").get_json()["waves"]
    assert planned["pulse_id"] == made


def test_pulse_looks_at_few_occurrences_for_each_wave_however_far_it_is(
    admin, monkeypatch
):
    def count_window(*arguments):
        looked_at.append(arguments)
        return occurrence_window(*arguments)

    looked_at = []
    monkeypatch.setattr(pulse_calendar, "occurrence_window", count_window)
    for year in (2100, 5000, 8998):
        days = (datetime.fromisocalendar(year, 11, 1) - NOON.replace(tzinfo=None)).days
        assert plan(admin, wave(days, days + 1)).status_code == 201

    on_fridays = create(admin, pulse("2027-03-05T09:00", 1, 1))

    assert on_fridays.status_code == 201
    assert len(looked_at) <= 4 * 4


steps = st.lists(
    st.one_of(
        st.tuples(st.just("wave"), st.integers(0, 40), st.integers(1, 20)),
        st.tuples(st.just("pulse"), st.integers(0, 40), st.integers(1, 3)),
        st.tuples(st.just("stop"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("tick"), st.integers(1, 20), st.just(0)),
    ),
    max_size=8,
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps)
def test_no_two_waves_meet_after_any_plans_and_stops(service, steps):
    service.clock.reset()
    agency = service.agency({"a": 10}, time_zone=ZONE)
    pulses = []
    for kind, first, second in steps:
        now = service.clock()
        with transaction(Door.POLL_BOOK) as session:
            try:
                if kind == "wave":
                    _plan(session, agency, now, first, second)
                elif kind == "pulse":
                    pulses.append(_create(session, agency, now, first, second))
                elif kind == "stop" and pulses:
                    stop_pulse(
                        *(session, agency.id, pulses[first % len(pulses)]),
                        *(now, TEST_ACTOR),
                    )
            except WindowTakenError:
                pass
        if kind == "tick":
            agency.tick(days=first)
    agency.tick(days=60)

    with read_transaction(Door.POLL_BOOK) as session:
        waves = list_waves(session, agency.id).rows
    windows = sorted(
        (wave.opens_at, wave.closes_at)
        for wave in waves
        if wave.state is not WaveState.CANCELLED
    )
    assert all(closes <= opens for (_, closes), (opens, _) in pairwise(windows))


def _plan(session, agency, now, first, length):
    opens = now + timedelta(days=first + 1)
    closes = opens + timedelta(days=length)
    seals = closes + timedelta(days=1)
    dates = WaveDates(now, opens, closes, seals, retirement_date(closes), KEEP_SECONDS)
    plan_wave(session, agency.id, dates, now, TEST_ACTOR)


def _create(session, agency, now, first, weeks):
    opens = (now + timedelta(days=first)).replace(tzinfo=None, hour=2, minute=30)
    return create_pulse(
        session,
        agency.id,
        opens,
        now,
        TEST_ACTOR,
        every_weeks=weeks,
        open_days=7,
        announce_days=1,
        grace_days=1,
    ).pulse_id
