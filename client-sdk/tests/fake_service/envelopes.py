"""The private halves: envelopes are opened as the seal opens them, and as a check."""

import json

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from rapport_client import AnswersInvalid
from rapport_client._ballots.envelope import envelope_info
from rapport_client._ballots.test_key import TEST_PRIVATE_SCALAR
from rapport_client._protocol import base64url
from rapport_client._pulses.answers import write_plaintext
from rapport_client._pulses.instrument import parse_instrument

SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
TEST_KEY = ec.derive_private_key(TEST_PRIVATE_SCALAR, ec.SECP256R1())


def open_envelope(wave, ballot_hash, envelope):
    """The document in an envelope of a wave, under a ballot."""
    info = envelope_info(wave.kid, ballot_hash, wave.digest)
    return json.loads(SUITE.decrypt(envelope, wave.sealing_key, info=info))


def check_envelope(asked, instrument):
    """The reply to a check of an envelope for the published test key."""
    info = envelope_info(
        asked["ballot_key_id"], asked["ballot_hash"], asked["charter_digest"]
    )
    try:
        plaintext = SUITE.decrypt(
            base64url.decode(asked["envelope"]), TEST_KEY, info=info
        )
    except (InvalidTag, ValueError):
        return {"opens": False, "valid": False, "errors": []}
    errors = list(_find_errors(plaintext, instrument))
    return {"opens": True, "valid": not errors, "errors": errors}


def _find_errors(plaintext, instrument):
    questions = parse_instrument(instrument, base64url.digest(instrument))
    try:
        document = json.loads(plaintext)
        written = write_plaintext(
            questions, document["form"], document["answers"], document["context"]
        )
    except AnswersInvalid as error:
        pointer = f"/answers/{error.item}"
        yield {"pointer": pointer, "code": "answer-invalid", "detail": error.rule}
    except (ValueError, LookupError, TypeError):
        yield {"pointer": "", "code": "malformed", "detail": "is not JSON of answers"}
    else:
        if written != plaintext:
            yield {"pointer": "", "code": "not-canonical", "detail": "is not canonical"}
