"""Checks of an answer, and the bytes that it is frozen to."""

import json

import pytest
from fake_service import documents
from fake_service.frozen_items import build_frozen_item
from fake_service.phone import answer_first_pulse
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_client import AlreadyAnswered, AnswersInvalid
from rapport_client._protocol import base64url
from rapport_client._pulses import instrument
from rapport_client._pulses.answers import freeze

BODY = documents.to_bytes(documents.instrument())
INSTRUMENT = instrument.parse_instrument(BODY, base64url.digest(BODY))
ASKED = ("A0", "T1", "T6", "C1", "C6")
GOOD = dict.fromkeys(ASKED, 4)
NONCE = bytes(16)


def test_the_content_is_these_very_bytes():
    answers = {"C6": "skip", "A0": 5, "T1": 1, "T6": "na", "C1": 3}

    assert freeze(INSTRUMENT, 0, answers, "normal", NONCE) == (
        b'{"form":0,"answers":{"A0":5,"T1":1,"T6":"na","C1":3,"C6":"skip"},'
        b'"context":"normal","nonce":"AAAAAAAAAAAAAAAAAAAAAA"}'
    )


@settings(deadline=None)
@given(
    form=st.integers(0, 2),
    values=st.lists(
        st.integers(1, 5) | st.sampled_from(["na", "skip"]), min_size=5, max_size=5
    ),
    context=st.sampled_from(["normal", "stretched", "crisis", None]),
)
def test_valid_answers_are_frozen_as_they_were_given(form, values, context):
    answers = dict(zip(INSTRUMENT.items_of(form), values, strict=True))

    content = json.loads(freeze(INSTRUMENT, form, answers, context, NONCE))

    assert content == {
        "form": form,
        "answers": answers,
        "context": context,
        "nonce": "A" * 22,
    }


@pytest.mark.parametrize(
    "value", [0, 6, -1, True, False, 4.0, "4", "NA", None, [4], 10**30, ""]
)
def test_an_answer_off_the_scale_is_refused_and_named(value):
    with pytest.raises(AnswersInvalid) as caught:
        freeze(INSTRUMENT, 0, {**GOOD, "T6": value}, None, NONCE)

    assert (caught.value.item, caught.value.rule) == (
        "T6",
        "must be 1 to 5, 'na' or 'skip'",
    )


def test_a_question_without_an_answer_is_named():
    with pytest.raises(AnswersInvalid) as caught:
        freeze(INSTRUMENT, 0, {"A0": 4, "T1": 4, "T6": 4, "C1": 4}, None, NONCE)

    assert (caught.value.item, caught.value.rule) == ("C6", "has no answer")


def test_an_answer_to_a_question_of_another_form_is_named():
    with pytest.raises(AnswersInvalid) as caught:
        freeze(INSTRUMENT, 0, {**GOOD, "T2": 4}, None, NONCE)

    assert (caught.value.item, caught.value.rule) == (
        "T2",
        "is not a question of this pulse",
    )


@pytest.mark.parametrize("context", ["calm", "", "Normal"])
def test_a_context_that_is_no_option_is_named(context):
    with pytest.raises(AnswersInvalid) as caught:
        freeze(INSTRUMENT, 0, GOOD, context, NONCE)

    assert caught.value.item == "X1"


def test_answers_that_break_a_rule_are_not_queued(phone):
    (pulse,) = phone.open_pulses()

    with pytest.raises(AnswersInvalid):
        phone.answer(pulse, {"A0": 4})

    assert phone.status().queued == 0
    assert phone.open_pulses() == [pulse]


def test_first_answer_is_final(phone, service):
    pulse = answer_first_pulse(phone, value=2)

    with pytest.raises(AlreadyAnswered):
        phone.answer(pulse, {each.id: 5 for each in pulse.questions})

    assert phone.open_pulses() == []
    phone.sync()
    assert set(service.contents[0]["answers"].values()) == {2}
    with pytest.raises(AlreadyAnswered):
        phone.answer(pulse, {each.id: 5 for each in pulse.questions})


def test_two_processes_cannot_both_answer(phone, new_phone):
    other = new_phone()
    (pulse,) = other.open_pulses()
    answers = {each.id: 3 for each in pulse.questions}
    phone.answer(pulse, answers)

    with pytest.raises(AlreadyAnswered):
        other._outbox.add(build_frozen_item(pulse.wave_id))

    assert phone.status().queued == 1


def test_every_answer_has_a_nonce_of_its_own(new_phone, service, keys):
    service.add_wave(keys[1])
    phone = new_phone()
    phone.enrol("acme-7QFM-29XK-T4WD")
    phone.sync()
    answer_first_pulse(phone)
    answer_first_pulse(phone)
    phone.sync()

    nonces = [content["nonce"] for content in service.contents]
    assert [len(base64url.decode(nonce)) for nonce in nonces] == [16, 16]
    assert len(set(nonces)) == 2
