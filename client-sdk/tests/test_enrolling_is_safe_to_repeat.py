"""Enrolment and tokens: lost replies, crashes, refusals."""

import json
from datetime import timedelta

import pytest
from peer.documents import NOW
from peer.faults import PORTAL, at, clear, drop_request, edited, instead, lose_reply
from peer.service import CODE, problem

from rapport_client import (
    CodeExpired,
    CodeUnknown,
    CodeUsed,
    Response,
    TransportFailure,
    UnexpectedReply,
    UnknownProblem,
    b64,
)

ENROLMENTS = "/v1/enrolments"


def devices_presented(peer):
    return [
        json.loads(request.body)["device"]
        for request in peer.log
        if request.url.endswith(ENROLMENTS)
    ]


def test_a_device_presents_its_code_and_32_random_bytes(new_phone, peer):
    new_phone().enrol(CODE)

    (device,) = devices_presented(peer)
    assert len(b64.decode(device)) == 32


@pytest.mark.parametrize("fault", [drop_request, lose_reply])
def test_the_same_device_tries_again_after_a_broken_line(new_phone, peer, fault):
    phone = new_phone()
    peer.interfere = at(ENROLMENTS, fault)
    with pytest.raises(TransportFailure):
        phone.enrol(CODE)
    phone.close()

    peer.interfere = clear
    again = new_phone()
    again.enrol(CODE)

    first, second = devices_presented(peer)
    assert first == second
    assert again.sync().drawn == 1


def test_the_device_is_on_disk_before_the_code_is_presented(new_phone, peer):
    phone = new_phone()
    found = []

    def look(_, answer):
        found.append(phone._pollbook._enrolment.device_for(CODE))
        return answer()

    peer.interfere = at(ENROLMENTS, look)
    phone.enrol(CODE)

    assert [b64.encode(device) for device in found] == devices_presented(peer)


def test_a_code_that_the_device_is_enrolled_with_is_not_presented_again(phone, peer):
    peer.log.clear()

    phone.enrol(f" {CODE.lower()} ")

    assert peer.log == []


def test_another_code_is_presented_by_another_device(phone, peer):
    peer.codes["acme-0000-0000-0000"] = None

    phone.enrol("acme-0000-0000-0000", again=True)

    first, second = devices_presented(peer)
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
def test_a_refusal_is_raised_as_what_it_is(new_phone, peer, reply, error):
    peer.interfere = at(ENROLMENTS, instead(reply))

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
def test_tokens_that_are_none_are_refused(new_phone, peer, changed):
    peer.interfere = at(ENROLMENTS, edited(lambda tokens: tokens.update(changed)))

    with pytest.raises(UnexpectedReply):
        new_phone().enrol(CODE)


def test_tokens_that_were_given_to_somebody_else_are_refused(new_phone, peer):
    others = []
    peer.interfere = at(ENROLMENTS, lambda _, reply: others.append(reply()) or reply())
    new_phone("other.db").enrol(CODE)
    peer.codes["acme-OTHR-OTHR-OTHR"] = None
    peer.interfere = at(ENROLMENTS, instead(others[0]))
    phone = new_phone()

    with pytest.raises(UnexpectedReply, match="another request"):
        phone.enrol("acme-OTHR-OTHR-OTHR")

    assert not phone.enrolled


def test_an_access_token_is_renewed_when_it_has_expired(phone, peer):
    peer.log.clear()
    phone.now = NOW + timedelta(seconds=900)

    phone.sync()

    assert peer.paths() == ["/v1/token", "/v1/sync"]


def test_an_access_token_is_used_while_it_is_good(phone, peer):
    peer.log.clear()
    phone.now = NOW + timedelta(seconds=899)

    phone.sync()

    assert peer.paths() == ["/v1/sync"]


def test_a_clock_that_went_back_does_not_keep_an_old_token_alive(phone, peer):
    peer.log.clear()
    phone.now = NOW - timedelta(days=365)

    phone.sync()

    assert peer.paths() == ["/v1/token", "/v1/sync"]


def test_an_access_token_that_is_refused_is_renewed_once(phone, peer):
    peer.log.clear()
    peer.good_access.clear()

    assert phone.sync().problem is None
    assert peer.paths() == ["/v1/sync", "/v1/token", "/v1/sync"]

    peer.log.clear()
    peer.interfere = at("/v1/sync", instead(problem(401, "token-invalid")))
    assert phone.sync().problem == "token-invalid (token-invalid, HTTP 401)"
    assert peer.paths() == ["/v1/sync", "/v1/token", "/v1/sync"]


def test_the_old_refresh_token_is_presented_again_after_a_lost_reply(phone, peer):
    peer.log.clear()
    peer.good_access.clear()
    peer.interfere = at("/v1/token", lose_reply)
    phone.sync()

    peer.interfere = clear
    assert phone.sync().problem is None

    first, second = (
        request.body for request in peer.log if request.url.endswith("/v1/token")
    )
    assert first == second


def test_the_successor_is_used_after_a_renewal(phone, peer):
    for _ in range(2):
        peer.good_access.clear()
        phone.sync()

    first, second = (
        request.body for request in peer.log if request.url.endswith("/v1/token")
    )
    assert first != second


def test_a_reply_without_a_successor_leaves_the_refresh_token_good(phone, peer):
    peer.interfere = at(
        "/v1/token", edited(lambda tokens: tokens.update(refresh_token=None))
    )
    for _ in range(2):
        peer.good_access.clear()
        assert phone.sync().problem is None


def test_a_device_whose_enrolment_has_ended_is_told_and_still_sends(answered, peer):
    peer.good_access.clear()
    peer.good_refresh.clear()

    report = answered.sync()

    assert report.accepted == 1
    assert "Ask for a new enrolment code" in report.notices[0]


def test_the_next_person_does_not_see_the_list_of_the_last(phone, peer):
    peer.codes["acme-0000-0000-0000"] = None
    phone.enrol("acme-0000-0000-0000", again=True)
    peer.log.clear()

    phone.sync()

    assert "If-None-Match" not in peer.log[0].headers


def test_a_list_without_a_tag_is_fetched_each_time(new_phone, peer):
    def untagged(_, answer):
        return Response(200, {"content-type": "application/json"}, answer().body)

    peer.interfere = at("/v1/sync", untagged)
    phone = new_phone()
    phone.enrol(CODE)
    phone.sync()

    assert phone.sync().problem is None
    assert all("If-None-Match" not in request.headers for request in peer.log)


def test_not_modified_means_nothing_to_a_device_without_a_list(new_phone, peer):
    peer.interfere = at("/v1/sync", instead(Response(304, {}, b"")))
    phone = new_phone()
    phone.enrol(CODE)

    assert "something other than Rapport replied (HTTP 304)" in phone.sync().problem


@pytest.mark.parametrize(
    "listed",
    [
        {"wave": "../../admin"},
        {"wave": "acme.not-a-uuid"},
        {"charter": "short"},
        {"group": None},
        {"state": 1},
    ],
)
def test_a_malformed_list_is_told_and_draws_nothing(new_phone, peer, listed):
    peer.interfere = at(
        "/v1/sync", edited(lambda sync: sync["waves"][0].update(listed))
    )
    phone = new_phone()
    phone.enrol(CODE)

    report = phone.sync()

    assert report.problem.startswith("the list of pulses")
    assert report.drawn == 0


def test_states_and_directives_that_are_new_are_passed_over(new_phone, peer):
    def add(sync):
        sync["directives"].append("dance")
        sync["waves"].append({"wave": "acme.x", "state": "postponed"})

    peer.interfere = at("/v1/sync", edited(add))
    phone = new_phone()
    phone.enrol(CODE)

    report = phone.sync()

    assert (report.drawn, report.problem) == (1, None)
