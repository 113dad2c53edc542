"""Envelopes: made for one ballot under one charter, and tried out before that."""

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from fake_service import documents
from fake_service.envelopes import SUITE
from fake_service.phone import answer_first_pulse
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_client import CharterRefused, EnvelopeTrialFailed
from rapport_client._ballots import envelope
from rapport_client._json import JsonObject
from rapport_client._protocol import base64url

PRIVATE = ec.generate_private_key(ec.SECP256R1())
KEY = envelope.parse_sealing_key(
    JsonObject(documents.sealing_jwk(PRIVATE), "the key", CharterRefused)
)
KID, HASH, DIGEST = "acme.key", base64url.digest(b"R"), base64url.digest(b"charter")
INFO = envelope.envelope_info(KID, HASH, DIGEST)


@settings(deadline=None)
@given(plaintext=st.binary(min_size=256, max_size=256))
def test_envelope_opens_to_its_plaintext_and_has_one_length(plaintext):
    made = envelope.make_envelope(KEY, plaintext, INFO)

    assert len(made) == 337
    assert SUITE.decrypt(made, PRIVATE, info=INFO) == plaintext


@pytest.mark.parametrize(
    "info",
    [
        envelope.envelope_info("acme.another", HASH, DIGEST),
        envelope.envelope_info(KID, base64url.digest(b"another"), DIGEST),
        envelope.envelope_info(KID, HASH, base64url.digest(b"another")),
    ],
    ids=["key", "ballot", "charter"],
)
def test_envelope_fits_no_other_key_ballot_or_charter(info):
    made = envelope.make_envelope(KEY, bytes(256), INFO)

    with pytest.raises(InvalidTag):
        SUITE.decrypt(made, PRIVATE, info=info)


def test_the_same_answers_are_never_sealed_alike():
    made = {envelope.make_envelope(KEY, bytes(256), INFO) for _ in range(9)}

    assert len(made) == 9


class BrokenSuite:
    """A planted fault: another plaintext comes out, or nothing, or another length."""

    def __init__(self, fault):
        self.fault = fault

    def encrypt(self, plaintext, key, info):
        if self.fault == "another plaintext":
            plaintext = plaintext[:-1] + b"x"
        sealed = SUITE.encrypt(plaintext, key, info=info)
        return sealed[:-1] if self.fault == "cut off" else sealed

    def decrypt(self, sealed, key, info):
        if self.fault == "another info":
            info += b"x"
        return SUITE.decrypt(sealed, key, info=info)


@pytest.mark.parametrize("fault", ["another plaintext", "cut off", "another info"])
def test_device_that_cannot_seal_keeps_and_sends_nothing(
    phone, service, monkeypatch, fault
):
    (pulse,) = phone.open_pulses()
    answers = {each.id: 4 for each in pulse.questions}
    monkeypatch.setattr(envelope, "_SUITE", BrokenSuite(fault))

    with pytest.raises(EnvelopeTrialFailed, match="nothing was kept or sent"):
        phone.answer(pulse, answers)

    assert phone.status().items == ()
    service.log.clear()
    phone.sync()
    assert "/v1/submissions" not in service.paths()
    monkeypatch.undo()
    assert phone.open_pulses() == [pulse]  # the same questions
    phone.answer(pulse, answers)
    assert phone.sync().accepted == 1


@pytest.mark.parametrize("length", [255, 257])
def test_plaintext_of_another_length_is_not_sealed(length):
    with pytest.raises(EnvelopeTrialFailed):
        envelope.make_envelope(KEY, bytes(length), INFO)


def test_answer_arrives_as_it_was_given(phone, service):
    answer_first_pulse(phone, value=2)
    phone.sync()

    (content,) = service.contents
    assert content == {
        "form": 0,
        "answers": dict.fromkeys(("A0", "T1", "T6", "C1", "C6"), 2),
        "context": "normal",
    }
