"""What became of an answer is said in English and Spanish, and never as a bare code."""

import pytest
from peer.documents import TEAM

from rapport_client.pulses.verdicts import _REASONS, _SENTENCES, in_words
from rapport_client.store.status import ItemStatus

OF_THE_TABLE = {
    "final": ["withdraw-too-late", "wave-cancelled", "expired"],
    "held": ["content-conflict", "form-unknown", "answers-invalid"],
    "rejected": [
        "ballot-invalid",
        "ballot-unknown-key",
        "undecodable",
        "too-large",
        "op-unknown",
    ],
}
"""Every reason that the service has for a status, as the protocol lists them."""


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("status", "reason"),
    [(status, reason) for status in OF_THE_TABLE for reason in OF_THE_TABLE[status]],
)
def test_every_reason_of_the_protocol_has_words(status, reason, language):
    told = in_words("submit", status, reason, language)

    assert told.endswith(f" ({reason})")
    assert not told.endswith(f": {reason}")


def test_both_languages_say_everything():
    for wording in (*_SENTENCES.values(), *_REASONS.values()):
        assert wording.in_language("en") != wording.in_language("es")


def test_a_reason_from_a_later_service_is_told_as_it_came():
    assert in_words("submit", "held", "new").endswith("does not count: new")
    assert in_words("submit", "final", None, "es").endswith("no se dio ningún motivo")


@pytest.mark.parametrize("status", ["accepted", "duplicate", "late"])
def test_where_all_is_well_nothing_is_told(status):
    assert in_words("submit", status, None) is None


def item(state, status, reason):
    return ItemStatus(TEAM, "submit", state, status, reason)


def test_what_died_before_the_service_said_a_word_is_told_too():
    assert (
        "cannot be read on this device" in item("dead", None, "unreadable").in_words()
    )
    assert item("queued", None, None).in_words() is None
