"""From a pulse's schedule to an announced wave, or to none if no person is safe."""

from datetime import datetime, timedelta

import pytest

from rapport_schemas.enums import WaveState
from rapport_service.agency.models import AuditEntry
from rapport_service.charter.document import WaveDates
from rapport_service.charter.schedule import (
    KEEP_SECONDS,
    retirement_date,
)
from rapport_service.core.db import Door, transaction
from rapport_service.pollbook.announcement import TOO_FEW_PEOPLE_REASON
from rapport_service.pollbook.models import Elector, PrivateKey
from rapport_service.registry.models import BallotKey, Charter, Wave
from rapport_service.waves.planning import (
    PulseInvalidError,
    UnknownPulseError,
    create_pulse,
    plan_wave,
    stop_pulse,
)
from tests.support.admin import AdminClient
from tests.support.audit import TEST_ACTOR
from tests.support.concurrency import run_concurrently
from tests.support.rows import rows_of
from tests.support.service import NOON

WEEKLY = {"every_weeks": 1, "open_days": 3, "announce_days": 2, "grace_days": 1}
MONDAY = datetime(2027, 3, 15, 9)  # noqa: DTZ001 - a pulse opens by the local clock


def pulse(agency, first_opens=MONDAY, **lengths):
    with transaction(Door.POLL_BOOK) as session:
        made = create_pulse(
            *(session, agency.id, first_opens, agency.service.clock(), TEST_ACTOR),
            **(WEEKLY | lengths),
        )
        return made.pulse_id


def waves(agency):
    """Every wave: which occurrence, in which state."""
    rows = sorted(rows_of(Wave, agency), key=lambda row: row.opens_at)
    return [(row.occurrence, row.state.value) for row in rows]


def planned(agency, **announces):
    """A wave that is announced some time from now."""
    now = agency.service.clock()
    announces_at = now + timedelta(**announces)
    seals_at = announces_at + timedelta(days=3)
    dates = WaveDates(
        announces_at=announces_at,
        opens_at=announces_at + timedelta(days=1),
        closes_at=announces_at + timedelta(days=2),
        seals_at=seals_at,
        retires_at=retirement_date(seals_at),
        keep_seconds=KEEP_SECONDS,
    )
    with transaction(Door.POLL_BOOK) as session:
        return plan_wave(session, agency.id, dates, now, TEST_ACTOR).public_id


def state(agency, wave):
    return agency.wave(wave).state.value


@pytest.fixture
def agency(service):
    return service.agency({"a": 9, "b": 9})


def test_a_pulse_plans_each_wave_a_week_before_it_is_announced(agency):
    pulse(agency)  # opens on the 15th at nine, so it is announced on the 13th
    seen = {}
    for day in (5, 6, 12, 13, 15):
        agency.service.clock.now = NOON.replace(day=day)
        agency.tick()
        seen[day] = waves(agency)

    assert seen == {
        5: [],
        6: [(0, "planned")],
        12: [(0, "planned")],
        13: [(0, "announced"), (1, "planned")],
        15: [(0, "open"), (1, "planned")],
    }


def test_a_pulse_runs_wave_after_wave_with_its_own_dates(agency):
    pulse(agency)

    for _ in range(14):
        agency.tick(days=2)

    assert waves(agency) == [
        (0, "sealed"),
        (1, "sealed"),
        (2, "open"),
        (3, "planned"),
    ]
    rows = rows_of(Wave, agency)
    assert {row.opens_at.strftime("%a %H:%M") for row in rows} == {"Mon 09:00"}
    assert {row.closes_at - row.opens_at for row in rows} == {timedelta(days=3)}


def test_ticking_again_plans_nothing_twice(agency):
    pulse(agency)
    agency.service.clock.advance(days=10)

    for _ in range(3):
        agency.tick()

    assert waves(agency) == [(0, "planned")]


def test_ticking_at_once_plans_nothing_twice(agency):
    pulse(agency)
    agency.service.clock.advance(days=10)

    run_concurrently(agency.service, *[agency.tick] * 3)

    assert waves(agency) == [(0, "planned")]


def test_wave_that_no_tick_planned_is_cancelled_and_not_made_up_for(agency):
    pulse(agency)
    agency.service.clock.advance(days=30)  # the 31st, a Wednesday: the third is open

    agency.tick()

    assert waves(agency) == [
        *((missed, "cancelled") for missed in (0, 1, 2)),
        (3, "planned"),
    ]


def test_two_pulses_of_an_agency_have_waves_of_their_own(agency):
    pulse(agency)
    pulse(agency, datetime(2027, 3, 18, 9), every_weeks=2)  # noqa: DTZ001
    agency.service.clock.advance(days=10)

    agency.tick()

    assert [occurrence for occurrence, _ in waves(agency)] == [0, 0]
    assert len({row.pulse_id for row in rows_of(Wave, agency)}) == 2


def test_a_stopped_pulse_plans_no_more_and_its_waves_run_on(agency):
    stopped = pulse(agency)
    agency.tick(days=10)
    with transaction(Door.POLL_BOOK) as session:
        stop_pulse(session, agency.id, stopped, agency.service.clock(), TEST_ACTOR)

    agency.tick(days=5)

    assert waves(agency) == [(0, "open")]


def test_a_pulse_is_stopped_by_its_own_organization_alone(agency, service):
    pulse_id, other = pulse(agency), service.agency({})

    with transaction(Door.POLL_BOOK) as session, pytest.raises(UnknownPulseError):
        stop_pulse(session, other.id, pulse_id, service.clock(), TEST_ACTOR)


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_opens": MONDAY.astimezone()},
        {"every_weeks": 0},
        {"open_days": 0},
        {"announce_days": 0},
        {"grace_days": -1},
        {"open_days": 8},
    ],
)
def test_a_pulse_that_cannot_run_is_refused(agency, wrong):
    with pytest.raises(PulseInvalidError):
        pulse(agency, **wrong)


def test_keys_are_made_ahead_and_belong_to_no_group_until_the_announcement(agency):
    wave = planned(agency, days=3)

    agency.tick()
    ahead = len(rows_of(PrivateKey, agency)), rows_of(BallotKey, agency)
    agency.tick()
    agency.tick(days=3, seconds=-1)
    still = state(agency, wave)
    agency.tick(seconds=1)

    assert ahead == (2, [])
    assert (still, state(agency, wave)) == ("planned", "announced")
    assert len(rows_of(PrivateKey, agency)) == len(rows_of(BallotKey, agency)) == 2


def test_a_roster_that_grew_meanwhile_gets_the_keys_that_it_lacks(agency):
    planned(agency, days=3)
    agency.tick()

    agency.put({"a": 9, "b": 9, "c": 9}, {}, {})
    agency.tick(days=3)

    assert len(rows_of(BallotKey, agency)) == 3
    assert len(rows_of(Elector, agency)) == 27


def test_keys_that_a_smaller_roster_leaves_over_are_destroyed(agency):
    planned(agency, days=3)
    agency.tick()

    agency.put({"a": 9}, {}, {})
    agency.tick(days=3)

    (public,) = rows_of(BallotKey, agency)
    assert [row.kid for row in rows_of(PrivateKey, agency)] == [public.kid]


@pytest.mark.parametrize("people", [{}, {"a": 7}, {"a": 4, "b": 3}])
def test_an_agency_under_its_smallest_pool_is_given_up_at_the_close(service, people):
    agency = service.agency(people)
    wave = planned(agency, seconds=0)

    agency.tick()
    agency.tick(days=2, seconds=-1)
    waiting = state(agency, wave), rows_of(Charter, agency), rows_of(Elector, agency)
    agency.tick(seconds=1)

    assert waiting == ("planned", [], [])
    given_up = agency.wave(wave)
    assert given_up.state is WaveState.CANCELLED
    assert given_up.cancel_reason == TOO_FEW_PEOPLE_REASON
    assert service.http.get(f"/v1/waves/{wave}/charter").status_code == 404
    (entry,) = (e for e in rows_of(AuditEntry, agency) if e.actor_kind == "tick")
    assert (entry.action, entry.subject_id) == ("wave_cancelled", wave)


def test_ineligible_people_do_not_make_an_agency_large_enough(service):
    agency = service.agency({"a": 7}, supervises={"director": ["agency"]})
    wave = planned(agency, seconds=0)

    agency.tick()

    assert state(agency, wave) == "planned"


def test_an_agency_that_reaches_its_smallest_pool_in_time_is_announced_late(service):
    agency = service.agency({"a": 7})
    wave = planned(agency, seconds=0)
    agency.tick(days=1)

    agency.put({"a": 8}, {}, {})
    agency.tick()

    assert state(agency, wave) == "open"
    assert len(rows_of(Elector, agency)) == 8


def test_the_smallest_pool_is_the_agencys_own(service):
    agency = service.agency({"a": 9, "b": 12}, min_pool=10)

    wave = agency.announce()

    charter = service.http.get(f"/v1/waves/{wave}/charter").get_json()
    assert charter["min_pool"] == 10
    assert [node["pool"] for node in charter["tree"] if node["pool"]] == [21]


@pytest.mark.parametrize(("before", "after"), [(10, 6), (6, 10)])
def test_a_change_of_the_smallest_pool_counts_from_the_next_charter_on(
    service, before, after
):
    """A smaller one needs more ballot keys than a planned wave had made."""
    agency = service.agency({"a": 9, "b": 12}, min_pool=before)
    frozen = agency.announce(opens_in=3)
    charter = service.http.get(f"/v1/waves/{frozen}/charter").data
    wave = planned(agency, seconds=60)
    agency.tick()

    assert AdminClient(agency).patch("/v1/organization", {"min_pool": after}).json
    agency.tick(seconds=61)

    assert service.http.get(f"/v1/waves/{frozen}/charter").data == charter
    pools = {6: [9, 12], 10: [21]}
    for wave_id, smallest in ((frozen, before), (wave, after)):
        read = service.http.get(f"/v1/waves/{wave_id}/charter").get_json()
        assert read["min_pool"] == smallest
        assert [node["pool"] for node in read["tree"] if node["pool"]] == pools[
            smallest
        ]


def test_people_who_are_away_are_not_in_the_electorate(service):
    agency = service.agency({"a": 9})
    admin = AdminClient(agency)
    roster = admin.get("/v1/roster").get_json()
    roster["people"][0]["away"] = True
    assert admin.put("/v1/roster", roster).status_code == 200

    wave = agency.announce()

    charter = service.http.get(f"/v1/waves/{wave}/charter").get_json()
    assert [node["eligible"] for node in charter["tree"]] == [8, 8]
    assert len(rows_of(Elector, agency)) == 8


def test_one_late_tick_takes_a_wave_through_everything_that_was_due(agency):
    wave = planned(agency, seconds=0)
    agency.tick()

    agency.tick(days=3)

    assert state(agency, wave) == "sealed"
    assert rows_of(PrivateKey, agency) == []


def test_the_charter_states_the_dates_that_the_wave_keeps(agency):
    wave = planned(agency, seconds=0)
    agency.tick()

    dates_in_charter = agency.service.http.get(f"/v1/waves/{wave}/charter").get_json()[
        "wave"
    ]

    row = agency.wave(wave)
    dates = [
        dates_in_charter[name] for name in ("announces_at", "opens_at", "closes_at")
    ]
    dates += [
        dates_in_charter["seals_at"],
        dates_in_charter["retires_at"],
    ]
    assert [datetime.fromisoformat(at) for at in dates] == [
        *(row.announces_at, row.opens_at, row.closes_at, row.seals_at),
        row.retires_at,
    ]
    assert dates_in_charter["keep_seconds"] == row.keep_seconds
