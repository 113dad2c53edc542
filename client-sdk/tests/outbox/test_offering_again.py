"""An item that was refused for good is kept, shown as it is, and sent again by hand."""

import sqlite3

import pytest
from fake_service.faults import no_fault, on_path, reply_with
from fake_service.phone import answer_first_pulse
from fake_service.service import problem
from fake_service.submission_log import list_submitted_items

from rapport_client import (
    AlreadyAnswered,
    AnswerRefused,
    NothingToOffer,
    PulseNotOpen,
)


@pytest.fixture
def phone_with_refused_answer(answered_phone, service, wave):
    """A phone whose answer the service refused, because it has lost the wave."""
    service.waves.clear()
    assert answered_phone.sync().dead == 1
    service.waves[wave.id] = wave
    service.log.clear()
    return answered_phone


def test_refused_answer_is_not_called_answered(phone_with_refused_answer, wave):
    with pytest.raises(AnswerRefused) as refused:
        phone_with_refused_answer.pulse(wave.id)

    assert refused.value.reason == "ballot_unknown_key"
    assert str(refused.value).startswith(
        "An answer was refused and stays on this device: the service does not know the"
        " key of its ballot (ballot_unknown_key)"
    )
    assert "rapport-field offer-again" in str(refused.value)
    assert phone_with_refused_answer.open_pulses() == []


def test_refused_answer_is_sent_again_only_if_the_person_asks(
    phone_with_refused_answer, service, wave
):
    phone_with_refused_answer.sync()
    assert list_submitted_items(service) == []

    phone_with_refused_answer.offer_again(wave.id)

    (item,) = phone_with_refused_answer.status().items
    assert item.in_words() == "Your answer waits to be sent"
    with pytest.raises(AlreadyAnswered):
        phone_with_refused_answer.pulse(wave.id)
    assert str(phone_with_refused_answer.sync()) == "accepted=1 waiting=0 dead=0"
    assert len(service.contents) == 1


def test_answer_that_is_refused_once_more_is_kept_once_more(
    phone_with_refused_answer, service, wave
):
    service.waves.clear()
    for _ in range(3):
        phone_with_refused_answer.offer_again(wave.id)
        assert phone_with_refused_answer.sync().dead == 1

    (dead,) = phone_with_refused_answer.export_dead()
    assert dead.envelope is not None


@pytest.mark.parametrize("code", ["too-large", "malformed"])
def test_answer_refused_for_any_reason_can_be_sent_again(
    answered_phone, service, wave, code
):
    service.intercept = on_path("/v1/submissions", reply_with(problem(400, code)))
    assert answered_phone.sync().dead == 1
    service.intercept = no_fault

    answered_phone.offer_again(wave.id)

    assert answered_phone.sync().accepted == 1


def test_withdrawal_is_sent_again_and_never_the_answer_that_it_takes_back(
    phone_with_refused_answer, service, wave
):
    phone = phone_with_refused_answer
    phone.withdraw(wave.id)
    del service.waves[wave.id]
    assert phone.sync().dead == 2
    with pytest.raises(AnswerRefused, match="A withdrawal was refused"):
        phone.pulse(wave.id)
    service.waves[wave.id] = wave
    service.log.clear()

    phone.offer_again(wave.id)
    phone.sync()

    assert [item["op"] for item in list_submitted_items(service)] == ["withdraw"]
    assert [item.status for item in phone.status().items] == ["withdrawn"] * 2
    with pytest.raises(PulseNotOpen, match="you have withdrawn"):
        phone.pulse(wave.id)


def test_withdrawal_that_came_too_late_leaves_the_pulse_answered(answered_phone, wave):
    answered_phone.sync()
    wave.sealed = True
    answered_phone.withdraw(wave.id)
    answered_phone.sync()

    with pytest.raises(AlreadyAnswered):
        answered_phone.pulse(wave.id)


@pytest.mark.parametrize("state", ["unanswered", "queued", "settled"])
def test_item_that_was_not_refused_is_not_sent_again(phone, wave, state):
    if state != "unanswered":
        answer_first_pulse(phone)
    if state == "settled":
        phone.sync()

    with pytest.raises(NothingToOffer, match="nothing of this pulse was refused"):
        phone.offer_again(wave.id)


def test_item_that_cannot_be_read_is_not_sent_again(
    phone_with_refused_answer, wave, tmp_path
):
    with sqlite3.connect(tmp_path / "outbox.db") as rows:
        rows.execute("UPDATE outbox SET item = zeroblob(300)")

    with pytest.raises(NothingToOffer):
        phone_with_refused_answer.offer_again(wave.id)
    with pytest.raises(AnswerRefused, match="cannot be read on this device any more"):
        phone_with_refused_answer.pulse(wave.id)


def test_answer_can_be_sent_again_by_its_pulse(phone, service, wave):
    pulse = answer_first_pulse(phone)
    service.waves.clear()
    phone.sync()
    service.waves[wave.id] = wave

    phone.offer_again(pulse)

    assert phone.sync().accepted == 1
