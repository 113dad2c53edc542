"""One sync: its order, its repetitions, and its report."""

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
from fake_service.phone import Phone, answer_first_pulse
from fake_service.service import CODE, problem

from rapport_client import Response, SyncReport
from rapport_client._protocol import base64url


def test_answers_go_before_any_request_that_says_who_is_here(answered_phone, service):
    answered_phone.now = NOW + timedelta(hours=1)

    answered_phone.sync()

    assert service.paths() == ["/v1/submissions", "/v1/token", "/v1/sync"]


def test_a_first_sync_pulls_checks_and_draws_in_this_order(new_phone, service, wave):
    phone = new_phone()
    phone.enrol(CODE)
    service.log.clear()

    phone.sync()

    assert service.paths() == [
        "/v1/sync",
        f"/v1/waves/{wave.id}/charter",
        f"/v1/keys/{wave.kid}",
        f"/v1/instruments/{base64url.digest(service.instrument)}",
        "/v1/ballots",
    ]


def test_one_request_draws_for_all_waves(new_phone, service, keys):
    service.add_wave(keys[1], state="announced")
    service.add_wave(keys[2], opens_at=NOW + timedelta(days=1))
    phone = new_phone()
    phone.enrol(CODE)

    report = phone.sync()

    assert report.drawn == 3
    assert service.paths().count("/v1/ballots") == 1


def test_a_second_sync_asks_for_the_list_and_nothing_else(phone, service):
    service.log.clear()

    report = phone.sync()

    assert service.paths() == ["/v1/sync"]
    assert service.log[0].headers["If-None-Match"]
    assert report == SyncReport(
        accepted=0,
        withdrawn=0,
        waiting=0,
        dead=0,
        drawn=0,
        notices=(),
        problem=None,
        offline=False,
        retry_after=None,
        needs_code=False,
    )


def test_a_device_that_was_never_enrolled_does_nothing(new_phone, service):
    report = new_phone().sync()

    assert str(report).startswith("accepted=0 waiting=0 dead=0; This device is not")
    assert report.needs_code
    assert service.log == []


@pytest.mark.parametrize(
    "path", ["/v1/sync", "/v1/waves", "/v1/keys", "/v1/instruments", "/v1/ballots"]
)
@pytest.mark.parametrize("fault", [drop_request, lose_reply])
def test_connection_broken_anywhere_is_reported_and_recovered(
    new_phone, service, wave, path, fault
):
    phone = new_phone()
    phone.enrol(CODE)
    service.intercept = on_path(path, fault)
    broken = phone.sync()
    service.intercept = no_fault

    mended = phone.sync()

    assert broken.offline
    assert (broken.drawn, mended.drawn) == (0, 1)
    assert mended.notices == ()
    assert len(wave.signed) == 1


@pytest.mark.parametrize(
    "path", ["/v1/sync", "/v1/waves", "/v1/keys", "/v1/instruments", "/v1/ballots"]
)
@pytest.mark.parametrize(
    ("reply", "offline"),
    [
        (PORTAL, True),
        (Response(302, {"location": "https://portal.test"}, b""), True),
        (problem(503, "busy"), False),
        (problem(404, "not-found"), False),
    ],
)
def test_wrong_reply_anywhere_is_reported_and_recovered(
    new_phone, service, path, reply, offline
):
    phone = new_phone()
    phone.enrol(CODE)
    service.intercept = on_path(path, reply_with(reply))
    broken = phone.sync()
    service.intercept = no_fault

    mended = phone.sync()

    assert broken.problem is not None
    assert broken.offline == offline
    assert (broken.drawn, mended.drawn) == (0, 1)


def test_a_failing_poll_book_does_not_hide_what_was_sent(answered_phone, service):
    service.intercept = on_path("/v1/sync", drop_request)

    report = answered_phone.sync()

    assert report.accepted == 1
    assert report.offline


def test_a_failing_ballot_box_does_not_keep_ballots_from_being_drawn(
    answered_phone, service, keys
):
    service.add_wave(keys[1])
    service.intercept = on_path("/v1/submissions", reply_with(problem(503, "busy")))

    report = answered_phone.sync()

    assert (report.waiting, report.drawn) == (1, 1)


def test_one_document_out_of_reach_does_not_spoil_the_other_waves(
    new_phone, service, wave, keys
):
    service.add_wave(keys[1])
    service.intercept = on_path(
        f"/v1/waves/{wave.id}", reply_with(problem(404, "not-found"))
    )
    phone = new_phone()
    phone.enrol(CODE)

    assert phone.sync().drawn == 1


@pytest.mark.usefixtures("phone")
def test_pulse_begun_on_another_phone_is_reported(new_phone, service):
    other = new_phone("other.db")
    service.codes["acme-0000-0000-0000"] = None
    other.enrol("acme-0000-0000-0000")

    report = other.sync()

    assert report.notices == (
        "North: a ballot was drawn on another phone, or here before a reset;"
        " you cannot answer this pulse on this device",
    )
    assert other.open_pulses() == []


@pytest.mark.parametrize(
    "status", ["not_eligible", "wrong_key", "not_drawable", "blinded_invalid", "new"]
)
def test_unsigned_ballot_is_reported_with_its_reason_and_requested_again(
    new_phone, service, status
):
    phone = new_phone()
    phone.enrol(CODE)
    service.intercept = on_path(
        "/v1/ballots",
        edit_reply(
            lambda reply: reply["results"][0].update(status=status, signature=None)
        ),
    )
    report = phone.sync()
    service.intercept = no_fault

    (notice,) = report.notices
    assert notice.startswith("North: no ballot now: ")
    assert status in notice
    assert phone.sync().drawn == 1


@pytest.mark.parametrize(
    "edit",
    [
        lambda reply: reply["results"].clear(),
        lambda reply: reply.update(results=reply["results"] * 2),
        lambda reply: reply["results"][0].update(wave_id="acme.other"),
        lambda reply: reply["results"][0].update(status=None),
        lambda reply: reply["results"][0].update(signature=5),
    ],
)
def test_results_that_are_not_those_asked_for_make_no_ballot(new_phone, service, edit):
    phone = new_phone()
    phone.enrol(CODE)
    service.intercept = on_path("/v1/ballots", edit_reply(edit))

    report = phone.sync()

    assert report.drawn == 0
    assert report.problem is not None


def test_a_revoked_device_draws_nothing_but_sends_and_answers(
    answered_phone, service, keys
):
    service.add_wave(keys[1])
    answered_phone.sync()
    service.add_wave(keys[2])
    service.revoked = True
    answer_first_pulse(answered_phone)

    report = answered_phone.sync()

    assert (report.accepted, report.drawn) == (1, 0)
    assert "may draw no more ballots" in report.notices[0]
    assert report.needs_code
    assert report.problem is None


def test_device_revoked_while_it_draws_reports_it(new_phone, service):
    service.intercept = on_path(
        "/v1/ballots", reply_with(problem(403, "device-revoked"))
    )
    phone = new_phone()
    phone.enrol(CODE)

    report = phone.sync()

    assert "may draw no more ballots" in report.notices[0]
    assert report.needs_code


def test_the_epoch_is_noted_at_each_draw(phone, service, wave, keys):
    service.epoch = "epoch-2"
    later = service.add_wave(keys[1])
    phone.sync()

    assert phone._draws.ballot(wave.id).epoch == "epoch-1"
    assert phone._draws.ballot(later.id).epoch == "epoch-2"


def test_an_origin_may_end_in_a_slash_and_the_ballot_box_may_have_its_own(
    tmp_path, service
):
    with Phone(
        tmp_path / "two.db",
        "https://book.test/",
        "https://box.test/",
        transport=service,
    ) as phone:
        phone.enrol(CODE)
        phone.sync()
        answer_first_pulse(phone)
        phone.sync()

    origins = {
        request.url.partition("/v1/")[2].partition("/")[0]: request.url[8:12]
        for request in service.log
    }
    assert origins == {
        "enrolments": "book",
        "sync": "book",
        "ballots": "book",
        "waves": "box.",
        "keys": "box.",
        "instruments": "box.",
        "submissions": "box.",
    }


def test_more_waves_than_one_request_may_hold_are_drawn_in_turns(
    new_phone, service, keys, monkeypatch
):
    monkeypatch.setattr("rapport_client._sync.ballot_drawer.MAX_DRAWS_PER_REQUEST", 2)
    service.add_wave(keys[1])
    service.add_wave(keys[2])
    phone = new_phone()
    phone.enrol(CODE)

    assert phone.sync().drawn == 3
    assert service.paths().count("/v1/ballots") == 2
