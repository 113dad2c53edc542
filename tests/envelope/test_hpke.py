"""Envelopes are HPKE of RFC 9180, and open for their own ballot and charter alone."""

import hashlib

import pytest
from cryptography.hazmat.bindings._rust import openssl
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.envelope import hpke
from rapport_service.envelope.hpke import (
    EnvelopeUnopenableError,
    envelope_info,
    open_envelope,
    seal_envelope,
)
from rapport_service.envelope.sealing_key import make_sealing_key
from rapport_service.envelope.test_key import TEST_KEY
from tests.vectors import hpke_steps
from tests.vectors.envelope_vectors import RFC_9180

KID = "acme.47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
HASH, CHARTER = (hashlib.sha256(name).digest() for name in (b"R", b"charter"))
INFO = envelope_info(KID, HASH, CHARTER)
PLAINTEXT = b"{}".ljust(256)


@pytest.fixture(scope="module")
def figures():
    """The published figures of appendix A.3.1, base mode, as bytes."""
    return {name: bytes.fromhex(figure) for name, figure in RFC_9180.items()}


def test_the_suite_opens_the_published_ciphertext(figures):
    """Compared: the plaintext of message 0, opened with our suite and the RFC's aad.

    The library seals with an ephemeral key of its own choice, so its ciphertext cannot
    be compared; and its public functions take no aad.
    """
    opened = openssl.hpke._decrypt_with_aad(
        hpke._SUITE,
        figures["enc"] + figures["ciphertext"],
        hpke_steps.private_key(int.from_bytes(figures["recipient_key"])),
        info=figures["info"],
        aad=figures["aad"],
    )

    assert opened == figures["plaintext"]


def test_the_steps_written_out_give_every_published_figure(figures):
    """Compared: encapsulated key, shared secret, key, nonce and ciphertext."""
    recipient, ephemeral = (
        hpke_steps.private_key(int.from_bytes(figures[name]))
        for name in ("recipient_key", "ephemeral_key")
    )

    message = hpke_steps.seal(
        recipient.public_key(),
        ephemeral,
        *(figures[name] for name in ("info", "plaintext", "aad")),
    )

    assert hpke_steps.point(recipient.public_key()) == figures["recipient_public_key"]
    for name in ("enc", "shared_secret", "key", "nonce", "ciphertext"):
        assert getattr(message, name) == figures[name], name


def test_an_envelope_made_step_by_step_opens():
    """Compared: our room's opening with the steps that the figures above confirm."""
    message = hpke_steps.seal(
        TEST_KEY.public_key(), make_sealing_key(), INFO, PLAINTEXT
    )

    opened = open_envelope(TEST_KEY, message.enc + message.ciphertext, INFO)

    assert opened == PLAINTEXT


def test_the_info_names_version_key_ballot_and_charter():
    assert b"rapport envelope 1\0" + KID.encode() + b"\0" + HASH + CHARTER == INFO


@given(plaintext=st.binary(min_size=256, max_size=256))
def test_every_plaintext_comes_out_as_it_went_in(plaintext):
    envelope = seal_envelope(TEST_KEY.public_key(), plaintext, INFO)

    assert len(envelope) == 337
    assert open_envelope(TEST_KEY, envelope, INFO) == plaintext


def test_equal_answers_have_envelopes_that_share_no_byte_sequence():
    first, second = (
        seal_envelope(TEST_KEY.public_key(), PLAINTEXT, INFO) for _ in range(2)
    )

    runs = ({envelope[n : n + 8] for n in range(330)} for envelope in (first, second))
    assert set.intersection(*runs) == set()


@pytest.mark.parametrize("length", [0, 255, 257])
def test_no_other_length_is_sealed(length):
    with pytest.raises(ValueError, match="256"):
        seal_envelope(TEST_KEY.public_key(), bytes(length), INFO)


@pytest.mark.parametrize(
    "info",
    [
        envelope_info(KID[:-1] + "A", HASH, CHARTER),
        envelope_info(KID, CHARTER, CHARTER),
        envelope_info(KID, HASH, HASH),
        envelope_info(KID, CHARTER, HASH),
        INFO.replace(b"1", b"2", 1),
        INFO + b"\0",
        b"",
    ],
    ids=["key", "ballot", "charter", "swapped", "version", "longer", "empty"],
)
def test_an_envelope_of_another_ballot_or_charter_does_not_open(info):
    envelope = seal_envelope(TEST_KEY.public_key(), PLAINTEXT, INFO)

    with pytest.raises(EnvelopeUnopenableError):
        open_envelope(TEST_KEY, envelope, info)


def test_an_envelope_to_another_key_does_not_open():
    envelope = seal_envelope(make_sealing_key().public_key(), PLAINTEXT, INFO)

    with pytest.raises(EnvelopeUnopenableError):
        open_envelope(TEST_KEY, envelope, INFO)


@given(position=st.integers(0, 336), flip=st.integers(1, 255))
def test_an_envelope_with_a_changed_byte_does_not_open(position, flip):
    envelope = bytearray(seal_envelope(TEST_KEY.public_key(), PLAINTEXT, INFO))
    envelope[position] ^= flip

    with pytest.raises(EnvelopeUnopenableError):
        open_envelope(TEST_KEY, bytes(envelope), INFO)


@given(st.binary(max_size=400) | st.binary(min_size=337, max_size=337))
def test_no_other_bytes_open(envelope):
    with pytest.raises(EnvelopeUnopenableError):
        open_envelope(TEST_KEY, envelope, INFO)


@pytest.mark.parametrize(
    "point",
    [
        b"\0" * 65,
        b"\4" + b"\0" * 64,
        b"\4" + b"\1" * 64,
        b"\4" + b"\xff" * 64,
    ],
)
def test_an_encapsulated_key_off_the_curve_does_not_open(point):
    envelope = seal_envelope(TEST_KEY.public_key(), PLAINTEXT, INFO)

    with pytest.raises(EnvelopeUnopenableError):
        open_envelope(TEST_KEY, point + envelope[65:], INFO)
