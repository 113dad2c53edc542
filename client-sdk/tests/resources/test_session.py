"""Calls of a program: repetitions, the log, the last response, the user agent."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fake_service.faults import drop_request, lose_reply, on_path, reply_with
from fake_service.phone import SERVER
from fake_service.service import CODE, problem

from rapport_client import (
    Client,
    PlannedWave,
    ProblemError,
    TransportFailure,
    __version__,
)

OPENS = datetime(2027, 1, 11, 9, tzinfo=UTC)
DATES = {
    "announces_at": OPENS - timedelta(days=7),
    "opens_at": OPENS,
    "closes_at": OPENS + timedelta(days=7),
    "seals_at": OPENS + timedelta(days=14),
}


def fail_times(times, fault):
    """The fault on so many requests for data; those after them go through."""
    left = [times]

    def interfere(request, answer):
        if request.url.endswith("/token") or not left[0]:
            return answer()
        left[0] -= 1
        return fault(request, answer)

    return interfere


def busy(seconds):
    reply = problem(503, "busy")
    return reply_with(
        replace(reply, headers={**reply.headers, "retry-after": str(seconds)})
    )


def paths_without_tokens(service):
    return [path for path in service.paths() if path != "/v1/token"]


@pytest.mark.parametrize("fault", [drop_request, lose_reply, busy(3)])
def test_a_read_is_repeated_twice(client, service, fault):
    service.intercept = fail_times(2, fault)

    assert client.teams.list()

    assert paths_without_tokens(service) == ["/v1/teams"] * 3


def test_the_third_failure_is_raised(client, service):
    service.intercept = fail_times(3, drop_request)

    with pytest.raises(TransportFailure):
        client.teams.list()

    assert len(paths_without_tokens(service)) == 3


def test_a_service_that_stays_busy_is_a_problem(client, service):
    service.intercept = fail_times(9, busy(1))

    with pytest.raises(ProblemError) as refused:
        client.teams.list()

    assert (refused.value.code, len(paths_without_tokens(service))) == ("busy", 3)


def test_repetitions_can_be_switched_off(service):
    service.intercept = fail_times(1, drop_request)

    with (
        Client(SERVER, "c", "s3cret", transport=service, max_retries=0) as client,
        pytest.raises(TransportFailure),
    ):
        client.teams.list()


def test_a_busy_service_is_given_the_time_that_it_asks_for(client, service):
    service.intercept = fail_times(1, busy(30))

    client.teams.list()

    assert 30 <= service.log[-1].delay < 31


def test_an_hour_is_too_long_to_wait(client, service):
    service.intercept = fail_times(1, busy(3600))

    with pytest.raises(ProblemError):
        client.teams.list()


def test_a_creation_is_repeated_under_its_id(client, service):
    service.intercept = fail_times(1, lose_reply)

    wave = client.waves.plan(**DATES)

    assert [*service.planned] == [wave.id]
    assert len({request.body for request in service.log[1:]}) == 1


def test_an_action_is_not_repeated(client, service):
    wave = client.waves.plan(**DATES)
    service.log.clear()
    service.intercept = fail_times(1, lose_reply)

    with pytest.raises(TransportFailure):
        client.waves.cancel(wave, "the office is closed")

    assert len(paths_without_tokens(service)) == 1


def test_an_action_returns_what_it_made(client):
    wave = client.waves.plan(**DATES)

    cancelled = client.waves.cancel(wave, "the office is closed")

    assert isinstance(cancelled, PlannedWave)
    assert (cancelled.state, cancelled.reason) == ("cancelled", "the office is closed")


def test_a_token_request_is_repeated_too(client, service):
    tried = []

    def drop_first_token(request, answer):
        if request.url.endswith("/token") and not tried:
            tried.append(request)
            return drop_request(request, answer)
        return answer()

    service.intercept = drop_first_token

    assert client.teams.list()


def test_the_last_response_has_the_request_id(client, service):
    assert client.last_response is None
    reply = problem(404, "team-not-found")
    reply = replace(reply, headers={**reply.headers, "x-request-id": "r-17"})
    service.intercept = on_path("/v1/teams", reply_with(reply))

    with pytest.raises(ProblemError):
        client.teams.list()

    assert (client.last_response.status, client.last_response.request_id) == (
        404,
        "r-17",
    )


def test_calls_name_the_version_of_the_sdk(client, service):
    client.teams.list()

    assert {request.headers["User-Agent"] for request in service.log} == {
        f"rapport-client/{__version__}"
    }


def test_the_log_tells_of_calls_and_keeps_secrets(client, service, caplog):
    caplog.set_level(logging.DEBUG, "rapport_client")
    service.intercept = fail_times(1, drop_request)

    client.teams.list(external_id="north")

    text = caplog.text
    assert "GET /v1/teams: 200 in" in text
    assert "again in" in text
    for secret in ("s3cret", *service.valid_access_tokens, "north"):
        assert secret not in text


def test_the_log_never_tells_of_a_phone(new_phone, caplog):
    caplog.set_level(logging.DEBUG, "rapport_client")
    phone = new_phone()

    phone.enrol(CODE)
    phone.sync()

    assert not [each for each in caplog.records if each.name == "rapport_client"]


def test_a_reply_with_tokens_is_never_the_last_response(client, service):
    service.intercept = fail_times(9, drop_request)

    with pytest.raises(TransportFailure):
        client.teams.list()

    assert client.last_response is None


@pytest.mark.parametrize("options", [{"max_retries": -1}, {"timeout": 0}])
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(ValueError, match=r"negative|longer"):
        Client(SERVER, "c", "s3cret", **options)


def test_a_foreign_exception_leaves_nothing_behind(service, tmp_path):
    service.scope = "supervisor"
    file = tmp_path / "tokens.json"

    def explode(_, __):
        raise RuntimeError("a fault of the carrier")

    service.intercept = explode
    with Client.from_reading_code(SERVER, CODE, file, transport=service) as me:
        with pytest.raises(RuntimeError) as kept:
            me.teams.list()
        service.intercept = lambda _, answer: answer()

        assert me.teams.list()  # while the exception, with its frames, is kept

    assert kept.value


def test_the_log_names_no_person(client, service, caplog):
    caplog.set_level(logging.DEBUG, "rapport_client")
    service.intercept = on_path(
        "/v1/people", reply_with(problem(404, "person-not-found"))
    )

    with pytest.raises(ProblemError):
        client.people.create_code("e-1001")

    assert "POST /v1/people/.../codes: 404" in caplog.text
    assert "e-1001" not in caplog.text
