"""Values that look right to Python and are not what the document says."""

import pytest

from rapport_schemas.problems import Problem
from rapport_service.waves.planning import LENGTH_RANGE
from tests.api import problem_checks
from tests.api.routes import JSON_ROUTES, UUID, call, token_on_record

BY_NAME = {route.endpoint: route for route in JSON_ROUTES}


def reply_to(service, endpoint, **members):
    route = BY_NAME[endpoint]
    agency = service.agency({"a": 8})
    return service.http.post(
        route.path,
        json={**route.body["json"], **members},
        headers=token_on_record({"admin"}, agency.id),
    )


def named(reply):
    assert problem_checks.read_problem(reply) is Problem.INVALID
    return problem_checks.field_names(reply)


@pytest.mark.parametrize(
    "length", ["every_weeks", "open_days", "announce_days", "grace_days"]
)
def test_a_pulses_length_out_of_its_range_is_named(service, length):
    for lasting in (LENGTH_RANGE.start - 1, LENGTH_RANGE.stop, 10**30, 10**900):
        reply = reply_to(service, "pulses.create_pulse", **{length: lasting})

        assert named(reply) == {length}


def test_the_shortest_and_the_longest_pulse_can_be_made(service):
    for length in (LENGTH_RANGE.start, LENGTH_RANGE.stop - 1):
        lengths = dict.fromkeys(("every_weeks", "announce_days", "grace_days"), length)
        reply = reply_to(service, "pulses.create_pulse", open_days=length, **lengths)

        assert reply.status_code == 201, reply.text


@pytest.mark.parametrize(
    ("endpoint", "member", "value", "field"),
    [
        ("markers.declare_marker", "team_id", f"{UUID}\n", "team_id"),
        ("markers.declare_marker", "effective_on", "2027-03-01\n", "effective_on"),
        ("clients.create_client", "team_ids", [f"{UUID}\n"], "team_ids.0"),
        ("waves.plan_wave", "opens_at", "2027-03-02T13:00:00Z\n", "opens_at"),
        ("pulses.create_pulse", "first_opens", "2027-01-11T09:00\n", "first_opens"),
    ],
)
def test_a_line_feed_behind_what_fits_is_named(service, endpoint, member, value, field):
    assert named(reply_to(service, endpoint, **{member: value})) == {field}


@pytest.mark.parametrize("number", [0, 1, 0.0, 1.0])
def test_a_number_is_neither_true_nor_false(service, number):
    reply = reply_to(service, "markers.declare_marker", confirmed=number)

    assert named(reply) == {"confirmed"}


@pytest.mark.parametrize("route", JSON_ROUTES, ids=str)
def test_a_number_longer_than_any_counter_is_named(service, route):
    for member in route.body["json"]:
        reply = call(service, route, json={**route.body["json"], member: 10**900})

        assert named(reply) == {member}


@pytest.fixture
def ask_of_wave(service):
    agency = service.agency({"a": 8})

    def ask(wave):
        return service.http.get(
            f"/v1/teams/{agency.team_id('a')}/score?wave_id={wave}",
            headers=token_on_record({"admin"}, agency.id),
        )

    return ask


@pytest.mark.parametrize(
    "wave",
    ["", "%00", "x", "acme.", "%ff", f"acme.{UUID}%0a", "acme." + "1" * 5000],
)
def test_wave_with_bad_dates_is_invalid(ask_of_wave, wave):
    assert named(ask_of_wave(wave)) == {"wave_id"}


def test_a_wave_that_never_was_has_measured_nothing(ask_of_wave):
    assert (
        problem_checks.read_problem(ask_of_wave(f"nowhere.{UUID}"))
        is Problem.NOTHING_MEASURED
    )
