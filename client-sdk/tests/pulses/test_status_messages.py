"""Sentences for the state and the result of an answer, in English and Spanish."""

import pytest
from fake_service.documents import TEAM

from rapport_client import ItemStatus
from rapport_client._protocol.send import STATUSES
from rapport_client._status_messages import (
    _PENDING_MESSAGES,
    _REASONS,
    _RESULT_MESSAGES,
    describe_result,
)

RECEIVED = ("accepted", "duplicate")
REASONS_BY_STATUS = {
    "final": [
        "envelope_conflict",
        "withdraw_too_late",
        "too_late",
        "wave_cancelled",
        "expired",
    ],
    "rejected": ["ballot_invalid", "ballot_unknown_key", "undecodable", "op_unknown"],
}
"""Every reason that the service has for a status, as the protocol lists them."""


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (status, reason)
        for status in REASONS_BY_STATUS
        for reason in REASONS_BY_STATUS[status]
    ],
)
def test_every_reason_of_the_protocol_has_words(status, reason, language):
    sentence = describe_result("submit", status, reason).in_language(language)

    assert sentence.endswith(f" ({reason})")
    assert not sentence.endswith(f": {reason}")


def test_both_languages_say_everything():
    for wording in (
        *_RESULT_MESSAGES.values(),
        *_REASONS.values(),
        *_PENDING_MESSAGES.values(),
    ):
        assert wording.in_language("en") != wording.in_language("es")


def test_reason_from_a_later_service_is_reported_as_it_came():
    new = describe_result("submit", "final", "new")
    none = describe_result("submit", "final", None)

    assert str(new).endswith("be counted: new")
    assert none.in_language("es").endswith("no se dio ningún motivo")


@pytest.mark.parametrize("status", ["accepted", "duplicate"])
def test_success_needs_no_sentence(status):
    assert describe_result("submit", status, None) is None


def build_item_status(state, status, reason):
    return ItemStatus(TEAM, "submit", state, status, reason)


def test_item_that_died_without_a_reply_is_reported_too():
    assert (
        "cannot be read on this device"
        in build_item_status("dead", None, "unreadable").in_words()
    )


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("op", ["submit", "withdraw"])
@pytest.mark.parametrize("state", ["queued", "in_flight", "settled", "dead"])
@pytest.mark.parametrize("status", [None, *sorted(STATUSES)])
def test_every_item_has_a_sentence_without_the_words_of_the_outbox(
    op, state, status, language
):
    sentence = ItemStatus(TEAM, op, state, status, None).in_words(language)

    assert sentence[0].isupper()
    for word in ("queued", "in_flight", "settled", "duplicate"):
        assert word not in sentence


def test_an_answer_that_was_received_twice_is_simply_there():
    once, twice = (build_item_status("settled", status, None) for status in RECEIVED)

    assert once.in_words() == twice.in_words() == "Your answer was received"
    assert twice.in_words("es") == "Se recibió su respuesta"
    assert twice.in_words("de") == twice.in_words("en")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("status", RECEIVED)
def test_no_answer_is_called_counted_before_the_seal(status, language):
    sentence = build_item_status("settled", status, None).in_words(language)

    assert "count" not in sentence
    assert "cuenta" not in sentence


def test_item_offered_again_waits_despite_its_earlier_status():
    assert (
        build_item_status("queued", "final", "new").in_words()
        == "Your answer waits to be sent"
    )
