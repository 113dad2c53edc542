"""Enrolment and tokens: lost replies, crashes, refusals."""

import json
from datetime import timedelta

import pytest
from fake_service.documents import NOW
from fake_service.faults import (
    PORTAL,
    drop_request,
    edit_reply,
    lose_reply,
    no_fault,
    on_path,
    reply_with,
)
from fake_service.service import CODE, problem

from rapport_client import (
    CodeExpired,
    CodeUnknown,
    CodeUsed,
    Response,
    TransportFailure,
    UnexpectedReply,
    UnknownProblem,
)
from rapport_client._protocol import base64url

ENROLMENTS = "/v1/enrolments"


def list_presented_devices(service):
    return [
        json.loads(request.body)["device"]
        for request in service.log
        if request.url.endswith(ENROLMENTS)
    ]


def test_a_device_presents_its_code_and_32_random_bytes(new_phone, service):
    new_phone().enrol(CODE)

    (device,) = list_presented_devices(service)
    assert len(base64url.decode(device)) == 32


@pytest.mark.parametrize("fault", [drop_request, lose_reply])
def test_same_device_tries_again_after_a_broken_connection(new_phone, service, fault):
    phone = new_phone()
    service.intercept = on_path(ENROLMENTS, fault)
    with pytest.raises(TransportFailure):
        phone.enrol(CODE)
    phone.close()

    service.intercept = no_fault
    again = new_phone()
    again.enrol(CODE)

    first, second = list_presented_devices(service)
    assert first == second
    assert again.sync().drawn == 1


def test_the_device_is_on_disk_before_the_code_is_presented(new_phone, service):
    phone = new_phone()
    stored = []

    def look(_, answer):
        stored.append(phone._pollbook._enrolment.device_for(CODE))
        return answer()

    service.intercept = on_path(ENROLMENTS, look)
    phone.enrol(CODE)

    assert [base64url.encode(device) for device in stored] == list_presented_devices(
        service
    )


def test_a_code_that_the_device_is_enrolled_with_is_not_presented_again(phone, service):
    service.log.clear()

    phone.enrol(f" {CODE.lower()} ")

    assert service.log == []


def test_another_code_is_presented_by_another_device(phone, service):
    service.codes["acme-0000-0000-0000"] = None

    phone.enrol("acme-0000-0000-0000", again=True)

    first, second = list_presented_devices(service)
    assert first != second


def test_a_code_that_fails_leaves_the_enrolment_as_it_was(phone):
    with pytest.raises(CodeUnknown):
        phone.enrol("acme-XXXX-XXXX-XXXX", again=True)

    assert phone.sync().problem is None


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (problem(404, "code-unknown"), CodeUnknown),
        (problem(409, "code-used"), CodeUsed),
        (problem(410, "code-expired"), CodeExpired),
        (problem(418, "brand-new"), UnknownProblem),
        (PORTAL, UnexpectedReply),
        (Response(500, {}, b""), UnexpectedReply),
    ],
)
def test_a_refusal_is_raised_as_what_it_is(new_phone, service, reply, error):
    service.intercept = on_path(ENROLMENTS, reply_with(reply))

    with pytest.raises(error):
        new_phone().enrol(CODE)


@pytest.mark.parametrize(
    "changed",
    [
        {"access_token": None},
        {"access_token": "line\nbreak"},
        {"access_token": "☃"},
        {"refresh_token": None},
        {"expires_in": "900"},
        {"echo": None},
    ],
)
def test_tokens_that_are_none_are_refused(new_phone, service, changed):
    service.intercept = on_path(
        ENROLMENTS, edit_reply(lambda tokens: tokens.update(changed))
    )

    with pytest.raises(UnexpectedReply):
        new_phone().enrol(CODE)


def test_tokens_of_another_device_are_refused(new_phone, service):
    others = []
    service.intercept = on_path(
        ENROLMENTS, lambda _, reply: others.append(reply()) or reply()
    )
    new_phone("other.db").enrol(CODE)
    service.codes["acme-OTHR-OTHR-OTHR"] = None
    service.intercept = on_path(ENROLMENTS, reply_with(others[0]))
    phone = new_phone()

    with pytest.raises(UnexpectedReply, match="another request"):
        phone.enrol("acme-OTHR-OTHR-OTHR")

    assert not phone.enrolled


def test_an_access_token_is_renewed_when_it_has_expired(phone, service):
    service.log.clear()
    phone.now = NOW + timedelta(seconds=900)

    phone.sync()

    assert service.paths() == ["/v1/token", "/v1/sync"]


def test_an_access_token_is_used_while_it_is_good(phone, service):
    service.log.clear()
    phone.now = NOW + timedelta(seconds=899)

    phone.sync()

    assert service.paths() == ["/v1/sync"]


def test_a_clock_that_went_back_does_not_keep_an_old_token_alive(phone, service):
    service.log.clear()
    phone.now = NOW - timedelta(days=365)

    phone.sync()

    assert service.paths() == ["/v1/token", "/v1/sync"]


def test_an_access_token_that_is_refused_is_renewed_once(phone, service):
    service.log.clear()
    service.valid_access_tokens.clear()

    assert phone.sync().problem is None
    assert service.paths() == ["/v1/sync", "/v1/token", "/v1/sync"]

    service.log.clear()
    service.intercept = on_path("/v1/sync", reply_with(problem(401, "token-invalid")))
    assert phone.sync().problem == "token-invalid (token-invalid, HTTP 401)"
    assert service.paths() == ["/v1/sync", "/v1/token", "/v1/sync"]


def test_the_old_refresh_token_is_presented_again_after_a_lost_reply(phone, service):
    service.log.clear()
    service.valid_access_tokens.clear()
    service.intercept = on_path("/v1/token", lose_reply)
    phone.sync()

    service.intercept = no_fault
    assert phone.sync().problem is None

    first, second = (
        request.body for request in service.log if request.url.endswith("/v1/token")
    )
    assert first == second


def test_the_successor_is_used_after_a_renewal(phone, service):
    for _ in range(2):
        service.valid_access_tokens.clear()
        phone.sync()

    first, second = (
        request.body for request in service.log if request.url.endswith("/v1/token")
    )
    assert first != second


def test_a_reply_without_a_successor_leaves_the_refresh_token_good(phone, service):
    service.intercept = on_path(
        "/v1/token", edit_reply(lambda tokens: tokens.update(refresh_token=None))
    )
    for _ in range(2):
        service.valid_access_tokens.clear()
        assert phone.sync().problem is None


def test_device_whose_enrolment_has_ended_still_sends_and_reports_it(
    answered_phone, service
):
    service.valid_access_tokens.clear()
    service.valid_refresh_tokens.clear()

    report = answered_phone.sync()

    assert report.accepted == 1
    assert "Ask for a new enrolment code" in report.notices[0]


def test_the_next_person_does_not_see_the_list_of_the_last(phone, service):
    service.codes["acme-0000-0000-0000"] = None
    phone.enrol("acme-0000-0000-0000", again=True)
    service.log.clear()

    phone.sync()

    assert "If-None-Match" not in service.log[0].headers


def test_a_list_without_a_tag_is_fetched_each_time(new_phone, service):
    def untagged(_, answer):
        return Response(200, {"content-type": "application/json"}, answer().body)

    service.intercept = on_path("/v1/sync", untagged)
    phone = new_phone()
    phone.enrol(CODE)
    phone.sync()

    assert phone.sync().problem is None
    assert all("If-None-Match" not in request.headers for request in service.log)


def test_not_modified_means_nothing_to_a_device_without_a_list(new_phone, service):
    service.intercept = on_path("/v1/sync", reply_with(Response(304, {}, b"")))
    phone = new_phone()
    phone.enrol(CODE)

    assert "something other than Rapport replied (HTTP 304)" in phone.sync().problem


@pytest.mark.parametrize(
    "listed",
    [
        {"wave_id": "../../admin"},
        {"wave_id": "acme.not-a-uuid"},
        {"charter_digest": "short"},
        {"voting_team_id": None},
        {"state": 1},
    ],
)
def test_malformed_list_is_reported_and_draws_nothing(new_phone, service, listed):
    service.intercept = on_path(
        "/v1/sync", edit_reply(lambda sync: sync["waves"][0].update(listed))
    )
    phone = new_phone()
    phone.enrol(CODE)

    report = phone.sync()

    assert report.problem.startswith("the list of pulses")
    assert report.drawn == 0


def test_states_and_directives_that_are_new_are_passed_over(new_phone, service):
    def add(sync):
        sync["directives"].append("dance")
        sync["waves"].append({"wave_id": "acme.x", "state": "postponed"})

    service.intercept = on_path("/v1/sync", edit_reply(add))
    phone = new_phone()
    phone.enrol(CODE)

    report = phone.sync()

    assert (report.drawn, report.problem) == (1, None)
