"""Problems of ``docs/field-problems.md``, by number, that the device solves.

Each test replays what users of another tool reported; its docstring names the thread.
"""

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
from fake_service.frozen_items import build_frozen_item
from fake_service.phone import ManualClock, answer_first_pulse
from fake_service.service import CODE, problem, read_request
from fake_service.submission_log import (
    SUBMISSIONS,
    list_submission_requests,
    list_submitted_items,
)

from rapport_client import AlreadyAnswered, Response, TimedOut
from rapport_client._protocol import base64url


def test_t1_submitted_answer_is_sent_again_to_the_byte_and_cannot_change(
    answered_phone, service
):
    """getodk/collect#4589: opening a form whose reply was lost changed its bytes."""
    (pulse,) = [*answered_phone._draws.ballots()]
    service.intercept = on_path(SUBMISSIONS, lose_reply)
    for _ in range(3):
        answered_phone.sync()
        with pytest.raises(AlreadyAnswered):
            answered_phone._outbox.add(build_frozen_item(pulse.wave_id, b"changed"))
    service.intercept = no_fault

    assert answered_phone.sync().accepted == 1
    assert len({json.dumps(item) for item in list_submitted_items(service)}) == 1


def test_t2_ten_lost_replies_make_one_row(answered_phone, service):
    """kobotoolbox/kpi#5047, getodk/getodk#50: ten rows for one form."""
    service.intercept = on_path(SUBMISSIONS, lose_reply)
    for _ in range(10):
        answered_phone.sync()
    service.intercept = no_fault

    assert answered_phone.sync().accepted == 1
    assert len(service.contents) == 1
    assert answered_phone.status().settled == 1


def test_t5_corrupt_item_at_the_head_blocks_nothing(new_phone):
    """dimagi/commcare-android#1807, #1823, #2289: "can't send anything"."""
    phone = new_phone()
    phone.enrol(CODE)
    phone.sync()
    phone._outbox.add(build_frozen_item("acme.rotten"))
    with phone._account.namespace.database.write() as rows:
        rows.execute("UPDATE outbox SET item = zeroblob(99)")
    answer_first_pulse(phone)

    report = phone.sync()

    assert (report.accepted, report.dead, report.waiting) == (1, 1, 0)
    assert phone.export_dead()[0].reason == "unreadable"


def test_t6_a_permanent_fault_is_never_sent_again(answered_phone, service):
    """dimagi/commcare-hq#25609: phones repeated a parse error without end."""
    service.intercept = on_path(SUBMISSIONS, reply_with(problem(400, "malformed")))
    for _ in range(5):
        answered_phone.sync()

    assert len(list_submission_requests(service)) == 1
    (dead,) = answered_phone.export_dead()
    assert dead.reason == "malformed"


def test_t7_a_backlog_a_hundred_times_the_limit_drains(gateway, service):
    """medic/cht-core#6143: a backlog over the limit was refused for ever."""
    person = gateway.person("ana")
    person.enrol(CODE)
    gateway.sync()
    for number in range(500):
        person._outbox.add(
            build_frozen_item(f"acme.{number}", b"x", ballot=f"b{number}")
        )
    service._process = lambda item: {
        "status": "accepted",
        "reason": None,
        "hash": base64url.digest(
            f"acme.{item['ballot'][1:]} {item['ballot']}".encode()
        ),
        "digest": base64url.digest(base64url.decode(item["envelope"])),
    }
    too_large = Response(413, {"content-type": "text/html"}, b"")
    service.intercept = on_path(
        SUBMISSIONS,
        lambda request, reply: (
            too_large if len(read_request(request)["items"]) > 5 else reply()
        ),
    )

    report = gateway.sync()

    assert (report.accepted, report.waiting) == (500, 0)
    assert len(list_submission_requests(service)) <= 100 + 10


FAULT_OUTCOMES = {
    "no reply": (drop_request, "queued", False),
    "reply lost": (lose_reply, "queued", True),
    "captive portal": (reply_with(PORTAL), "queued", False),
    "broken": (reply_with(problem(500, "internal")), "queued", False),
    "another batch": (
        edit_reply(lambda document: document.update(batch="x")),
        "queued",
        True,
    ),
    "clear": (no_fault, "settled", True),
}


@pytest.mark.parametrize("fault", FAULT_OUTCOMES)
def test_t9_the_status_is_the_truth_after_every_fault(answered_phone, service, fault):
    """medic/cht-core#8303: "success" after a time-out, and nothing had arrived."""
    interfere, state, arrived = FAULT_OUTCOMES[fault]
    service.intercept = on_path(SUBMISSIONS, interfere)

    report = answered_phone.sync()

    (item,) = answered_phone.status().items
    assert item.state == state
    assert (report.accepted == 1) == (state == "settled")
    assert (len(service.contents) == 1) == arrived
    assert report.waiting + report.accepted == 1


@pytest.mark.parametrize("years", [-50, 50])
def test_t10_a_battery_that_was_out_costs_no_answer_and_no_order(
    new_phone, service, keys, years
):
    """medic/cht-core#4957, akvo/akvo-flow#266: dates of 1970, patched by hand."""
    service.add_wave(keys[1])
    server_clock = ManualClock()
    service.clock = lambda: server_clock.now
    phone = new_phone(clock=ManualClock())
    phone.enrol(CODE)
    phone.sync()
    answer_first_pulse(phone, 1)
    phone.now = NOW + timedelta(days=365 * years)
    answer_first_pulse(phone, 2)
    phone.sync()

    assert [content["answers"]["A0"] for content in service.contents] == [1, 2]


def test_t12_a_withdrawal_overtakes_the_answer_and_ends_the_same(
    answered_phone, service, wave
):
    """getodk/central#669, #705: a later edit arrived first and was stuck."""
    answered_phone.withdraw(wave.id)
    answered_phone.sync()

    assert [item["op"] for item in list_submitted_items(service)] == ["withdraw"]
    assert [item.status for item in answered_phone.status().items] == ["withdrawn"] * 2


def test_t13_offering_again_what_was_withdrawn_is_calm(answered_phone, service, wave):
    """getodk/central#794: sending again what was deleted got a misleading error."""
    answered_phone.sync()
    answered_phone.withdraw(wave.id)
    answered_phone.sync()
    service.epoch = "epoch-2"
    answered_phone.sync()

    report = answered_phone.sync()

    assert (report.problem, report.dead, report.waiting) == (None, 0, 0)
    assert service.contents == []


def test_t14_busy_service_is_left_alone_and_asked_again(answered_phone, service):
    """dimagi/commcare-android#2124, enketo/enketo#1180: load multiplied, or no end."""
    busy = problem(503, "busy")
    busy.headers["retry-after"] = "600"
    service.intercept = on_path(SUBMISSIONS, reply_with(busy))
    loop = answered_phone.loop()
    while answered_phone.held.monotonic_seconds < 1000 + 590:
        answered_phone.held.advance(seconds=min(10, loop.step()))
    assert len(list_submission_requests(service)) == 1

    service.intercept = no_fault
    while answered_phone.status().queued:
        answered_phone.held.advance(seconds=loop.step())
    # It submits up to 4 minutes after it said who is here, and its last try before the
    # 600 seconds are over may cost the longest wait.
    assert answered_phone.held.monotonic_seconds <= 1000 + 4 * 60 + 600 + 15 * 60


def test_t15_a_login_that_has_ended_neither_holds_nor_hands_over_an_answer(
    answered_phone, service, new_phone
):
    """open-jii#1082, enketo/enketo#1127: logged out; the next user has the queue."""
    service.valid_access_tokens.clear()
    service.valid_refresh_tokens.clear()
    service.revoked = True
    next_user = new_phone(person="somebody else")

    assert next_user.sync().accepted == 0
    assert next_user.status().items == ()
    assert answered_phone.status().queued == 1
    assert answered_phone.sync().accepted == 1


def test_a_slow_service_is_not_taken_for_a_lost_answer(answered_phone, service):
    """getodk/getodk#50: a resend after 15 seconds made a second form."""

    def too_slow(_, reply):
        reply()
        raise TimedOut("no reply in time")

    service.intercept = on_path(SUBMISSIONS, too_slow)
    answered_phone.sync()
    service.intercept = no_fault
    answered_phone.sync()

    assert len(service.contents) == 1
