"""Withdrawals: queued like an answer, and ahead of it."""

import pytest
from cryptography.exceptions import InvalidTag
from fake_service.faults import (
    drop_request,
    edit_reply,
    lose_reply,
    no_fault,
    on_path,
    reply_with,
)
from fake_service.phone import answer_first_pulse
from fake_service.service import CODE, problem, read_request

from rapport_client import NothingToWithdraw, PulseNotOpen
from rapport_client._protocol import base64url

SUBMISSIONS = "/v1/submissions"


def list_sent_operations(service):
    """The operations that went out, in order."""
    return [
        item["op"]
        for request in service.log
        if request.url.endswith(SUBMISSIONS)
        for item in read_request(request)["items"]
    ]


def list_item_states(phone):
    return [(item.op, item.state, item.status) for item in phone.status().items]


def test_an_answer_that_was_counted_is_taken_back(answered_phone, service, wave):
    answered_phone.sync()
    answered_phone.withdraw(wave.id)
    assert answered_phone.status().queued == 1

    report = answered_phone.sync()

    assert (report.withdrawn, report.waiting) == (1, 0)
    assert report.notices == ("Your answer was withdrawn: it is counted nowhere",)
    assert service.contents == []
    assert list_item_states(answered_phone) == [
        ("submit", "settled", "accepted"),
        ("withdraw", "settled", "withdrawn"),
    ]


def test_an_answer_that_has_not_gone_need_not_go_at_all(answered_phone, service, wave):
    answered_phone.withdraw(wave.id)

    report = answered_phone.sync()

    assert list_sent_operations(service) == ["withdraw"]
    assert (report.withdrawn, report.waiting) == (1, 0)
    assert list_item_states(answered_phone) == [
        ("submit", "settled", "withdrawn"),
        ("withdraw", "settled", "withdrawn"),
    ]


def test_answer_without_a_known_result_waits_for_its_withdrawal(
    answered_phone, service, wave
):
    service.intercept = on_path(SUBMISSIONS, lose_reply)
    answered_phone.sync()
    answered_phone.withdraw(wave.id)
    service.intercept = no_fault

    answered_phone.sync()

    assert list_sent_operations(service) == ["submit", "withdraw"]
    assert service.contents == []
    assert answered_phone.status().settled == 2


def test_a_withdrawal_that_comes_too_late_says_so_and_the_answer_still_goes(
    answered_phone, service, wave
):
    service.intercept = on_path(SUBMISSIONS, lose_reply)
    answered_phone.sync()
    service.intercept = no_fault
    wave.sealed = True
    answered_phone.withdraw(wave.id)

    report = answered_phone.sync()

    assert (
        "An answer can no longer be withdrawn:"
        " the answers to this pulse have been unlocked, all together"
        " (withdraw_too_late)"
    ) in report.notices
    assert list_sent_operations(service) == ["submit", "withdraw", "submit"]
    assert list_item_states(answered_phone) == [
        ("submit", "settled", "duplicate"),
        ("withdraw", "settled", "final"),
    ]


def reject_item():
    return edit_reply(
        lambda document: document["results"][0].update(status="rejected", reason="odd")
    )


def refuse_request():
    return reply_with(problem(400, "malformed"))


@pytest.mark.parametrize("fault", [reject_item, refuse_request])
def test_an_answer_never_goes_because_its_withdrawal_was_refused(
    answered_phone, service, wave, fault
):
    answered_phone.withdraw(wave.id)
    service.intercept = on_path(SUBMISSIONS, fault())
    answered_phone.sync()
    service.intercept = no_fault

    report = answered_phone.sync()

    assert (report.waiting, report.dead) == (0, 2)
    assert list_sent_operations(service) == ["withdraw"]
    assert service.contents == []
    assert len(answered_phone.export_dead()) == 2


def test_answer_never_goes_because_its_withdrawal_is_corrupt(
    answered_phone, service, wave
):
    answered_phone.withdraw(wave.id)
    with answered_phone._account.namespace.database.write() as rows:
        rows.execute("UPDATE outbox SET item = zeroblob(300) WHERE op = 'withdraw'")

    assert answered_phone.sync().dead == 2

    assert list_sent_operations(service) == []


def test_only_what_was_answered_can_be_taken_back(phone):
    (pulse,) = phone.open_pulses()

    with pytest.raises(NothingToWithdraw, match="not answered on this device"):
        phone.withdraw(pulse)

    assert phone.open_pulses() == [pulse]
    assert phone.status().items == ()


def test_withdrawn_answer_cannot_be_given_again(phone, service):
    pulse = answer_first_pulse(phone)
    phone.withdraw(pulse)

    assert phone.open_pulses() == []
    with pytest.raises(PulseNotOpen, match="withdrawn"):
        phone.answer(pulse, {each.id: 4 for each in pulse.questions})
    assert phone.sync().withdrawn == 1
    assert len(service.withdrawn) == 1


def test_asking_twice_changes_nothing(answered_phone, wave):
    answered_phone.withdraw(wave.id)
    answered_phone.withdraw(wave.id)

    assert list_item_states(answered_phone) == [
        ("submit", "queued", None),
        ("withdraw", "queued", None),
    ]


def test_asking_twice_at_once_changes_nothing(answered_phone, new_phone, wave):
    """Two processes on one outbox: both looked before one of them wrote."""
    other = new_phone()
    other._outbox.has = lambda _, op: op == "submit"
    answered_phone.withdraw(wave.id)

    other.withdraw(wave.id)

    assert answered_phone.status().queued == 2


@pytest.mark.parametrize("reason", ["ballot_unknown_key", "odd"])
def test_an_answer_that_was_refused_is_no_more_than_withdrawn(
    answered_phone, service, wave, reason
):
    service.intercept = on_path(
        SUBMISSIONS,
        edit_reply(
            lambda document: document["results"][0].update(
                status="rejected", reason=reason
            )
        ),
    )
    answered_phone.sync()
    assert answered_phone.status().dead == 1
    service.intercept = no_fault
    answered_phone.withdraw(wave.id)

    answered_phone.sync()

    assert list_item_states(answered_phone) == [
        ("submit", "settled", "withdrawn"),
        ("withdraw", "settled", "withdrawn"),
    ]


def test_withdrawal_without_a_ballot_is_refused(new_phone):
    with pytest.raises(NothingToWithdraw):
        new_phone().withdraw("acme.no-such-wave")


def test_withdrawal_survives_network_faults_like_an_answer(
    answered_phone, service, wave
):
    answered_phone.withdraw(wave.id)
    for fault in (drop_request, lose_reply):
        service.intercept = on_path(SUBMISSIONS, fault)
        assert answered_phone.sync().waiting == 2
    service.intercept = no_fault

    assert answered_phone.sync().waiting == 0
    assert service.contents == []


@pytest.mark.parametrize(
    "changed",
    [
        {"hash": "h" * 43},
        {"digest": "d" * 43},
        {"hash": None},
        {"digest": None},
        {"status": "gone"},
    ],
)
def test_withdrawal_is_settled_by_the_exact_reply_alone(
    answered_phone, service, wave, changed
):
    answered_phone.withdraw(wave.id)
    service.intercept = on_path(
        SUBMISSIONS, edit_reply(lambda reply: reply["results"][0].update(changed))
    )

    report = answered_phone.sync()

    assert report.problem is not None
    assert report.waiting == 2


def test_refused_withdrawal_is_dead_and_reported(answered_phone, service, wave):
    answered_phone.sync()
    answered_phone.withdraw(wave.id)
    service.intercept = on_path(
        SUBMISSIONS,
        edit_reply(
            lambda reply: reply["results"][0].update(
                status="rejected", reason="ballot_invalid"
            )
        ),
    )

    report = answered_phone.sync()

    (notice,) = report.notices
    assert notice.startswith("A withdrawal was refused: the service did not sign")
    assert notice.endswith("(ballot_invalid)")
    (dead,) = answered_phone.export_dead()
    assert (dead.op, dead.reason) == ("withdraw", "ballot_invalid")


def list_withdrawals(service):
    return [
        item
        for request in service.log
        if request.url.endswith(SUBMISSIONS)
        for item in read_request(request)["items"]
        if item["op"] == "withdraw"
    ]


def test_withdrawal_carries_the_same_random_bytes_every_time(
    answered_phone, service, wave
):
    """On the wire it is as long as an answer, and its reply is checked like one's."""
    answered_phone.withdraw(wave.id)
    service.intercept = on_path(SUBMISSIONS, lose_reply)
    answered_phone.sync()
    answered_phone.withdraw(wave.id)
    service.intercept = no_fault
    answered_phone.sync()

    first, second = list_withdrawals(service)
    assert first == second
    assert first.keys() == {"op", "ballot", "envelope"}
    assert len(base64url.decode(first["envelope"])) == 337
    with pytest.raises(InvalidTag):
        service.open_item(first)


def test_no_two_withdrawals_carry_the_same_bytes(new_phone, service, keys):
    service.add_wave(keys[1])
    phone = new_phone()
    phone.enrol(CODE)
    phone.sync()
    for _ in range(2):
        phone.withdraw(answer_first_pulse(phone))
    phone.sync()

    first, second = list_withdrawals(service)
    assert first["envelope"] != second["envelope"]
