"""The pains of ``docs/pains.md``, by number, where it is the device that answers.

Each test replays what users of another tool reported; its docstring names the thread.
"""

import json
from datetime import timedelta

import pytest
from peer.documents import NOW
from peer.faults import PORTAL, at, clear, drop_request, edited, instead, lose_reply
from peer.frozen import frozen
from peer.phone import HeldClock, answer
from peer.sent import SUBMISSIONS, items, requests
from peer.service import CODE, envelope_of, problem

from rapport_client import AlreadyAnswered, Response, TimedOut, b64


def test_t1_what_was_given_is_sent_again_to_the_byte_and_cannot_be_changed(
    answered, peer
):
    """getodk/collect#4589: opening a form whose reply was lost changed its bytes."""
    (pulse,) = [*answered._draws.ballots()]
    peer.interfere = at(SUBMISSIONS, lose_reply)
    for _ in range(3):
        answered.sync()
        with pytest.raises(AlreadyAnswered):
            answered._outbox.add(frozen(pulse.wave, b"changed"))
    peer.interfere = clear

    assert answered.sync().held == 0
    assert len({json.dumps(item) for item in items(peer)}) == 1


def test_t2_ten_lost_replies_make_one_row(answered, peer):
    """kobotoolbox/kpi#5047, getodk/getodk#50: ten rows for one form."""
    peer.interfere = at(SUBMISSIONS, lose_reply)
    for _ in range(10):
        answered.sync()
    peer.interfere = clear

    assert answered.sync().accepted == 1
    assert len(peer.contents) == 1
    assert answered.status().settled == 1


def test_t5_a_rotten_item_at_the_head_blocks_nothing(new_phone):
    """dimagi/commcare-android#1807, #1823, #2289: "can't send anything"."""
    phone = new_phone()
    phone.enrol(CODE)
    phone.sync()
    phone._outbox.add(frozen("acme.rotten"))
    with phone._me.space.database.write() as rows:
        rows.execute("UPDATE outbox SET item = zeroblob(99)")
    answer(phone)

    report = phone.sync()

    assert (report.accepted, report.dead, report.waiting) == (1, 1, 0)
    assert phone.export_dead()[0].reason == "unreadable"


def test_t6_a_permanent_fault_is_never_sent_again(answered, peer):
    """dimagi/commcare-hq#25609: phones repeated a parse error without end."""
    peer.interfere = at(SUBMISSIONS, instead(problem(400, "malformed")))
    for _ in range(5):
        answered.sync()

    assert len(requests(peer)) == 1
    (dead,) = answered.export_dead()
    assert dead.reason == "malformed"


def test_t7_a_backlog_a_hundred_times_the_limit_drains(gateway, peer):
    """medic/cht-core#6143: a backlog over the limit was refused for ever."""
    person = gateway.person("ana")
    for number in range(500):
        person._outbox.add(frozen(f"acme.{number}", b"x", ballot=f"b{number}"))
    peer._process = lambda item: {
        "status": "accepted",
        "reason": None,
        "hash": b64.digest(f"acme.{item['ballot'][1:]} {item['ballot']}".encode()),
        "digest": b64.digest(item["content"].encode()),
    }
    too_large = Response(413, {"content-type": "text/html"}, b"")
    peer.interfere = at(
        SUBMISSIONS,
        lambda request, reply: (
            too_large if len(envelope_of(request)["items"]) > 5 else reply()
        ),
    )

    report = gateway.sync()

    assert (report.accepted, report.waiting) == (500, 0)
    assert len(requests(peer)) <= 100 + 10


TRUTHS = {
    "no reply": (drop_request, "queued", False),
    "reply lost": (lose_reply, "queued", True),
    "captive portal": (instead(PORTAL), "queued", False),
    "broken": (instead(problem(500, "internal")), "queued", False),
    "another batch": (edited(lambda told: told.update(batch="x")), "queued", True),
    "clear": (clear, "settled", True),
}


@pytest.mark.parametrize("fault", TRUTHS)
def test_t9_the_status_is_the_truth_after_every_fault(answered, peer, fault):
    """medic/cht-core#8303: "success" after a time-out, and nothing had arrived."""
    interfere, state, arrived = TRUTHS[fault]
    peer.interfere = at(SUBMISSIONS, interfere)

    report = answered.sync()

    (item,) = answered.status().items
    assert item.state == state
    assert (report.accepted == 1) == (state == "settled")
    assert (len(peer.contents) == 1) == arrived
    assert report.waiting + report.accepted == 1


@pytest.mark.parametrize("years", [-50, 50])
def test_t10_a_battery_that_was_out_costs_no_answer_and_no_order(
    new_phone, peer, keys, years
):
    """medic/cht-core#4957, akvo/akvo-flow#266: dates of 1970, patched by hand."""
    peer.add_wave(keys[1])
    true = HeldClock()
    peer.clock = lambda: true.now
    phone = new_phone(clock=HeldClock())
    phone.enrol(CODE)
    phone.sync()
    answer(phone, 1)
    phone.now = NOW + timedelta(days=365 * years)
    answer(phone, 2)
    phone.sync()

    assert [content["answers"]["A0"] for content in peer.contents] == [1, 2]


def test_t12_a_withdrawal_overtakes_the_answer_and_ends_the_same(answered, peer, wave):
    """getodk/central#669, #705: a later edit arrived first and was stuck."""
    answered.withdraw(wave.id)
    answered.sync()

    assert [item["op"] for item in items(peer)] == ["withdraw"]
    assert [item.status for item in answered.status().items] == ["withdrawn"] * 2


def test_t13_offering_again_what_was_withdrawn_is_calm(answered, peer, wave):
    """getodk/central#794: sending again what was deleted got a misleading error."""
    answered.sync()
    answered.withdraw(wave.id)
    answered.sync()
    peer.epoch = "epoch-2"
    answered.sync()

    report = answered.sync()

    assert (report.problem, report.dead, report.waiting) == (None, 0, 0)
    assert peer.contents == []


def test_t14_a_busy_service_is_left_alone_and_found_again(answered, peer):
    """dimagi/commcare-android#2124, enketo/enketo#1180: load multiplied, or no end."""
    busy = problem(503, "busy")
    busy.headers["retry-after"] = "600"
    peer.interfere = at(SUBMISSIONS, instead(busy))
    loop = answered.loop()
    while answered.held.monotonic_seconds < 1000 + 590:
        answered.held.pass_by(seconds=min(10, loop.step()))
    assert len(requests(peer)) == 1

    peer.interfere = clear
    while answered.status().queued:
        answered.held.pass_by(seconds=loop.step())
    # It submits up to 4 minutes after it said who is here, and its last try before the
    # 600 seconds are over may cost the longest wait.
    assert answered.held.monotonic_seconds <= 1000 + 4 * 60 + 600 + 15 * 60


def test_t15_a_login_that_has_ended_neither_holds_nor_hands_over_an_answer(
    answered, peer, new_phone
):
    """open-jii#1082, enketo/enketo#1127: logged out; the next user has the queue."""
    peer.good_access.clear()
    peer.good_refresh.clear()
    peer.revoked = True
    next_user = new_phone(person="somebody else")

    assert next_user.sync().accepted == 0
    assert next_user.status().items == ()
    assert answered.status().queued == 1
    assert answered.sync().accepted == 1


def test_a_slow_service_is_not_taken_for_a_lost_answer(answered, peer):
    """getodk/getodk#50: a resend after 15 seconds made a second form."""

    def too_slow(_, reply):
        reply()
        raise TimedOut("no reply in time")

    peer.interfere = at(SUBMISSIONS, too_slow)
    answered.sync()
    peer.interfere = clear
    answered.sync()

    assert len(peer.contents) == 1
