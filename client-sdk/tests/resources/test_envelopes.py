"""``envelopes.check``: the service opens envelopes for the published test key."""

import json

import pytest
from fake_service.documents import FORMS

from rapport_client import EnvelopeCheck
from rapport_client._ballots.envelope import envelope_info, make_envelope
from rapport_client._ballots.test_key import TEST_KEY
from rapport_client._protocol import base64url

BOUND = {
    "ballot_key_id": "acme.key",
    "ballot_hash": base64url.digest(b"R"),
    "charter_digest": base64url.digest(b"charter"),
}
ANSWERS = dict.fromkeys(("A0", *FORMS[0]), 4)


def seal(answers=ANSWERS, **bound):
    document = {"form": 0, "answers": answers, "context": None}
    text = json.dumps(document, separators=(",", ":")).encode()
    info = envelope_info(*{**BOUND, **bound}.values())
    return make_envelope(TEST_KEY, text.ljust(256), info)


@pytest.fixture
def digest(service):
    return base64url.digest(service.instrument)


@pytest.mark.parametrize("encode", [bytes, base64url.encode])
def test_good_envelope_opens_and_is_valid(client, service, digest, encode):
    checked = client.envelopes.check(encode(seal()), **BOUND, instrument_digest=digest)

    assert checked == EnvelopeCheck(opens=True, valid=True, errors=())
    (request,) = service.log
    assert "Authorization" not in request.headers


def test_envelope_for_another_ballot_does_not_open(client, digest):
    envelope = seal(ballot_hash=base64url.digest(b"another"))

    checked = client.envelopes.check(envelope, **BOUND, instrument_digest=digest)

    assert (checked.opens, checked.valid) == (False, False)


def test_answers_that_would_not_be_counted_are_named(client, digest):
    checked = client.envelopes.check(
        seal({**ANSWERS, "T6": 9}), **BOUND, instrument_digest=digest
    )

    assert (checked.opens, checked.valid) == (True, False)
    (error,) = checked.errors
    assert error.pointer == "/answers/T6"
    assert str(error).startswith("answers.T6: ")
