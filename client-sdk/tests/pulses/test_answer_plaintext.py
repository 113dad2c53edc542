"""Checks of an answer, and the plaintext that goes into its envelope."""

import json

import pytest
from fake_service import documents
from fake_service.frozen_items import build_frozen_item
from fake_service.phone import answer_first_pulse
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_client import AlreadyAnswered, AnswersInvalid, InstrumentRefused
from rapport_client._protocol import base64url
from rapport_client._pulses import instrument
from rapport_client._pulses.answers import write_plaintext

BODY = documents.to_bytes(documents.instrument())
INSTRUMENT = instrument.parse_instrument(BODY, base64url.digest(BODY))
ASKED = ("A0", "T1", "T6", "C1", "C6")
GOOD = dict.fromkeys(ASKED, 4)


def test_the_plaintext_is_these_very_bytes():
    answers = {"C6": "skip", "A0": 5, "T1": 1, "T6": "na", "C1": 3}

    text = (
        b'{"form":0,"answers":{"A0":5,"T1":1,"T6":"na","C1":3,"C6":"skip"},'
        b'"context":"normal"}'
    )
    plaintext = write_plaintext(INSTRUMENT, 0, answers, "normal")
    assert plaintext == text + b" " * (256 - len(text))


@pytest.mark.parametrize("value", [1, "na", "skip"])
@pytest.mark.parametrize("context", ["normal", "stretched", None])
def test_every_plaintext_has_the_same_length(value, context):
    answers = dict.fromkeys(ASKED, value)

    assert len(write_plaintext(INSTRUMENT, 0, answers, context)) == 256


def test_questions_whose_answers_fit_no_envelope_are_refused():
    item = "T" * 160
    renamed = documents.instrument(forms=[["T1", "T6", "C1", item]])
    renamed["items"].append({"id": item, "construct": "trust", "en": item})
    body = documents.to_bytes(renamed)
    long = instrument.parse_instrument(body, base64url.digest(body))
    answers = dict.fromkeys(long.items_of(0), "skip")

    with pytest.raises(InstrumentRefused, match="do not fit"):
        write_plaintext(long, 0, answers, "stretched")


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

    content = json.loads(write_plaintext(INSTRUMENT, form, answers, context))

    assert content == {
        "form": form,
        "answers": answers,
        "context": context,
    }


@pytest.mark.parametrize(
    "value", [0, 6, -1, True, False, 4.0, "4", "NA", None, [4], 10**30, ""]
)
def test_an_answer_off_the_scale_is_refused_and_named(value):
    with pytest.raises(AnswersInvalid) as caught:
        write_plaintext(INSTRUMENT, 0, {**GOOD, "T6": value}, None)

    assert (caught.value.item, caught.value.rule) == (
        "T6",
        "must be 1 to 5, 'na' or 'skip'",
    )


def test_a_question_without_an_answer_is_named():
    with pytest.raises(AnswersInvalid) as caught:
        write_plaintext(INSTRUMENT, 0, {"A0": 4, "T1": 4, "T6": 4, "C1": 4}, None)

    assert (caught.value.item, caught.value.rule) == ("C6", "has no answer")


def test_an_answer_to_a_question_of_another_form_is_named():
    with pytest.raises(AnswersInvalid) as caught:
        write_plaintext(INSTRUMENT, 0, {**GOOD, "T2": 4}, None)

    assert (caught.value.item, caught.value.rule) == (
        "T2",
        "is not a question of this pulse",
    )


@pytest.mark.parametrize("context", ["calm", "", "Normal"])
def test_a_context_that_is_no_option_is_named(context):
    with pytest.raises(AnswersInvalid) as caught:
        write_plaintext(INSTRUMENT, 0, GOOD, context)

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
