"""The published envelopes in JavaScript: made and opened with WebCrypto alone."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hpke

from rapport_client._protocol import base64url
from tests.vectors import hpke_steps
from tests.vectors.envelope_vectors import RFC_9180, TEST_SCALAR
from tests.vectors.make_ballot_vectors import FILE

PROGRAM = Path(__file__).with_name("envelopes.mjs")
VECTORS = json.loads(FILE.read_text())
ENVELOPE = VECTORS["envelope"]
SUITE = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_128_GCM)


@pytest.fixture(scope="module")
def webcrypto():
    """The report of the program, which node runs without any package."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    run = subprocess.run(
        [node, PROGRAM, FILE], capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(run.stdout)


def test_webcrypto_agrees_with_rfc_9180(webcrypto):
    assert webcrypto["rfc"] is True


def test_webcrypto_opens_the_published_envelope(webcrypto):
    assert webcrypto["opened"] == ENVELOPE["plaintext"]


def test_webcrypto_makes_the_published_envelope_byte_for_byte(webcrypto):
    assert webcrypto["made"] == ENVELOPE["envelope"]


def test_python_opens_an_envelope_that_webcrypto_made(webcrypto):
    opened = SUITE.decrypt(
        base64url.decode(webcrypto["fresh"]),
        hpke_steps.private_key(TEST_SCALAR),
        info=base64url.decode(ENVELOPE["info"]),
    )

    assert opened.decode() == ENVELOPE["plaintext"]
    assert webcrypto["fresh"] != ENVELOPE["envelope"]


def test_webcrypto_opens_no_broken_envelope_that_must_stay_shut(webcrypto):
    assert webcrypto["broken"] == {
        broken["name"]: broken["opens"] for broken in VECTORS["broken_envelopes"]
    }


def test_steps_of_the_generator_agree_with_rfc_9180():
    number = {name: bytes.fromhex(text) for name, text in RFC_9180.items()}
    recipient, ephemeral = (
        hpke_steps.private_key(int.from_bytes(number[name]))
        for name in ("recipient_key", "ephemeral_key")
    )

    sealed = hpke_steps.seal(
        *(recipient.public_key(), ephemeral),
        *(number["info"], number["plaintext"], number["aad"]),
    )

    assert hpke_steps.point(recipient.public_key()) == number["recipient_public_key"]
    assert sealed == hpke_steps.SealedMessage(
        *(number["enc"], number["shared_secret"], number["key"], number["nonce"]),
        number["ciphertext"],
    )
