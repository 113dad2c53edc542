"""Taking an answer back: queued like an answer, and ahead of it."""

import pytest
from peer.faults import at, clear, drop_request, edited, instead, lose_reply
from peer.phone import answer
from peer.service import envelope_of, problem

from rapport_client import NothingToWithdraw, PulseNotOpen

SUBMISSIONS = "/v1/submissions"


def sent(peer):
    """The operations that went out, in order."""
    return [
        item["op"]
        for request in peer.log
        if request.url.endswith(SUBMISSIONS)
        for item in envelope_of(request)["items"]
    ]


def told(phone):
    return [(item.op, item.state, item.status) for item in phone.status().items]


def test_an_answer_that_was_counted_is_taken_back(answered, peer, wave):
    answered.sync()
    answered.withdraw(wave.id)
    assert answered.status().queued == 1

    report = answered.sync()

    assert (report.withdrawn, report.waiting) == (1, 0)
    assert report.notices == ("Your answer was withdrawn: it is counted nowhere",)
    assert peer.contents == []
    assert told(answered) == [
        ("submit", "settled", "accepted"),
        ("withdraw", "settled", "withdrawn"),
    ]


def test_an_answer_that_has_not_gone_need_not_go_at_all(answered, peer, wave):
    answered.withdraw(wave.id)

    report = answered.sync()

    assert sent(peer) == ["withdraw"]
    assert (report.withdrawn, report.waiting) == (1, 0)
    assert told(answered) == [
        ("submit", "settled", "withdrawn"),
        ("withdraw", "settled", "withdrawn"),
    ]


def test_an_answer_whose_fate_is_unknown_waits_for_its_withdrawal(answered, peer, wave):
    peer.interfere = at(SUBMISSIONS, lose_reply)
    answered.sync()
    answered.withdraw(wave.id)
    peer.interfere = clear

    answered.sync()

    assert sent(peer) == ["submit", "withdraw"]
    assert peer.contents == []
    assert answered.status().settled == 2


def test_a_withdrawal_that_comes_too_late_says_so_and_the_answer_still_goes(
    answered, peer, wave
):
    peer.interfere = at(SUBMISSIONS, lose_reply)
    answered.sync()
    peer.interfere = clear
    wave.sealed = True
    answered.withdraw(wave.id)

    report = answered.sync()

    assert (
        "An answer can no longer be withdrawn:"
        " a score that counts it is out (withdraw-too-late)"
    ) in report.notices
    assert sent(peer) == ["submit", "withdraw", "submit"]
    assert told(answered) == [
        ("submit", "settled", "duplicate"),
        ("withdraw", "settled", "final"),
    ]


def rejects():
    return edited(
        lambda told: told["results"][0].update(status="rejected", reason="odd")
    )


def refuses():
    return instead(problem(400, "malformed"))


@pytest.mark.parametrize("fault", [rejects, refuses])
def test_an_answer_never_goes_because_its_withdrawal_was_refused(
    answered, peer, wave, fault
):
    answered.withdraw(wave.id)
    peer.interfere = at(SUBMISSIONS, fault())
    answered.sync()
    peer.interfere = clear

    report = answered.sync()

    assert (report.waiting, report.dead) == (0, 2)
    assert sent(peer) == ["withdraw"]
    assert peer.contents == []
    (answer, _) = answered.export_dead()
    assert '"A0":4' in answer.content


def test_an_answer_never_goes_because_its_withdrawal_rotted(answered, peer, wave):
    answered.withdraw(wave.id)
    with answered._me.space.database.write() as rows:
        rows.execute("UPDATE outbox SET item = zeroblob(300) WHERE op = 'withdraw'")

    assert answered.sync().dead == 2

    assert sent(peer) == []


def test_only_what_was_answered_can_be_taken_back(phone):
    (pulse,) = phone.open_pulses()

    with pytest.raises(NothingToWithdraw, match="not answered on this device"):
        phone.withdraw(pulse)

    assert phone.open_pulses() == [pulse]
    assert phone.status().items == ()


def test_what_was_taken_back_cannot_be_answered_again(phone, peer):
    pulse = answer(phone)
    phone.withdraw(pulse)

    assert phone.open_pulses() == []
    with pytest.raises(PulseNotOpen, match="withdrawn"):
        phone.answer(pulse, {each.id: 4 for each in pulse.questions})
    assert phone.sync().withdrawn == 1
    assert len(peer.withdrawn) == 1


def test_asking_twice_changes_nothing(answered, wave):
    answered.withdraw(wave.id)
    answered.withdraw(wave.id)

    assert told(answered) == [
        ("submit", "queued", None),
        ("withdraw", "queued", None),
    ]


def test_asking_twice_at_once_changes_nothing(answered, new_phone, wave):
    """Two processes on one outbox: both looked before one of them wrote."""
    other = new_phone()
    other._outbox.has = lambda _, op: op == "submit"
    answered.withdraw(wave.id)

    other.withdraw(wave.id)

    assert answered.status().queued == 2


@pytest.mark.parametrize("reason", ["ballot-unknown-key", "odd"])
def test_an_answer_that_was_refused_is_no_more_than_withdrawn(
    answered, peer, wave, reason
):
    peer.interfere = at(
        SUBMISSIONS,
        edited(
            lambda told: told["results"][0].update(status="rejected", reason=reason)
        ),
    )
    answered.sync()
    assert answered.status().dead == 1
    peer.interfere = clear
    answered.withdraw(wave.id)

    answered.sync()

    assert told(answered) == [
        ("submit", "settled", "withdrawn"),
        ("withdraw", "settled", "withdrawn"),
    ]


def test_without_a_ballot_there_is_nothing_to_withdraw(new_phone):
    with pytest.raises(NothingToWithdraw):
        new_phone().withdraw("acme.no-such-wave")


def test_a_withdrawal_survives_the_line_like_an_answer(answered, peer, wave):
    answered.withdraw(wave.id)
    for fault in (drop_request, lose_reply):
        peer.interfere = at(SUBMISSIONS, fault)
        assert answered.sync().waiting == 2
    peer.interfere = clear

    assert answered.sync().waiting == 0
    assert peer.contents == []


@pytest.mark.parametrize(
    "changed",
    [{"hash": "h" * 43}, {"digest": "d" * 43}, {"hash": None}, {"status": "gone"}],
)
def test_a_withdrawal_is_let_go_by_the_exact_reply_alone(answered, peer, wave, changed):
    answered.withdraw(wave.id)
    peer.interfere = at(
        SUBMISSIONS, edited(lambda reply: reply["results"][0].update(changed))
    )

    report = answered.sync()

    assert report.problem is not None
    assert report.waiting == 2


def test_a_refused_withdrawal_is_dead_and_told(answered, peer, wave):
    answered.sync()
    answered.withdraw(wave.id)
    peer.interfere = at(
        SUBMISSIONS,
        edited(
            lambda reply: reply["results"][0].update(
                status="rejected", reason="ballot-invalid"
            )
        ),
    )

    report = answered.sync()

    (notice,) = report.notices
    assert notice.startswith("A withdrawal was refused: the service did not sign")
    assert notice.endswith("(ballot-invalid)")
    (dead,) = answered.export_dead()
    assert (dead.op, dead.reason, dead.content) == ("withdraw", "ballot-invalid", None)
