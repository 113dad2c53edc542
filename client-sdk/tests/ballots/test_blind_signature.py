"""The client's half of RFC 9474, against the RFC's own figures and its laws."""

import hashlib
import json
import math
import os
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA384
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rapport_client._ballots.blind import blind, emsa_pss_encode, finalize, prepare
from rapport_client.errors import SignatureInvalid

HERE = Path(__file__).parent
FEW_EXAMPLES = settings(deadline=None, max_examples=8)


def load_golden_vectors():
    default = HERE.parents[2].parent / "shared" / "golden"
    folder = Path(os.environ.get("RAPPORT_GOLDEN", default))
    path = folder / "rfc9474_vectors.json"
    if not path.exists():
        pytest.skip("RAPPORT_GOLDEN names no folder with rfc9474_vectors.json")
    return json.loads(path.read_text())


def check_vector(vector):
    """Runs one variant from the message to the signature, as the RFC prints it."""
    n, e, p, q = (int(vector[name], 16) for name in ("n", "e", "p", "q"))
    salt = bytes.fromhex(vector["salt"])
    factor = pow(int(vector["inv"], 16), -1, n)
    d = pow(e, -1, math.lcm(p - 1, q - 1))

    message = prepare(bytes.fromhex(vector["msg"]), bytes.fromhex(vector["msg_prefix"]))
    blinded = blind(message, n, e, salt=salt, factor=factor)
    blind_signature = pow(int.from_bytes(blinded), d, n).to_bytes(len(blinded))
    signature = finalize(
        message, n, e, salt=salt, factor=factor, blind_signature=blind_signature
    )

    encoded = emsa_pss_encode(message, n.bit_length() - 1, salt)
    # The RFC leaves the encoded message out of the first variant.
    assert encoded.hex() == vector.get("encoded_msg", encoded.hex())
    assert blinded.hex() == vector["blinded_msg"]
    assert blind_signature.hex() == vector["blind_sig"]
    assert signature.hex() == vector["sig"]


@pytest.mark.golden
@pytest.mark.parametrize("variant", range(4))
def test_every_variant_gives_the_figures_of_the_rfc(variant):
    check_vector(load_golden_vectors()[variant])


def test_the_variant_of_ballots_gives_the_figures_of_the_rfc():
    check_vector(json.loads((HERE / "rfc9474_deterministic.json").read_text()))


@FEW_EXAMPLES
@given(
    message=st.binary(max_size=300),
    salt=st.binary(min_size=48, max_size=48) | st.just(b""),
    prefix=st.binary(min_size=32, max_size=32) | st.just(b""),
    seed=st.binary(min_size=32, max_size=32),
)
def test_a_blind_signature_becomes_an_ordinary_one(keys, message, salt, prefix, seed):
    private = keys[0].private_numbers()
    n, e = private.public_numbers.n, private.public_numbers.e
    factor = derive_factor(seed, n)
    prepared = prepare(message, prefix)

    blinded = int.from_bytes(blind(prepared, n, e, salt=salt, factor=factor))
    blind_signature = pow(blinded, private.d, n).to_bytes(256)
    signature = finalize(
        prepared, n, e, salt=salt, factor=factor, blind_signature=blind_signature
    )

    keys[0].public_key().verify(
        signature, prepared, PSS(MGF1(SHA384()), len(salt)), SHA384()
    )


@FEW_EXAMPLES
@given(
    message=st.binary(max_size=100),
    salt=st.binary(min_size=48, max_size=48),
    bits=st.integers(min_value=8 * 98, max_value=2100),
)
def test_an_encoding_has_its_length_its_trailer_and_no_high_bits(message, salt, bits):
    encoded = emsa_pss_encode(message, bits, salt)

    assert len(encoded) == (bits + 7) // 8
    assert encoded[-1] == 0xBC
    assert int.from_bytes(encoded).bit_length() <= bits


@FEW_EXAMPLES
@given(seeds=st.tuples(*[st.binary(min_size=32, max_size=32)] * 2))
def test_blinding_factor_changes_the_request_and_not_the_result(keys, seeds):
    assume(seeds[0] != seeds[1])
    private = keys[0].private_numbers()
    n, e = private.public_numbers.n, private.public_numbers.e
    salt, message = bytes(48), b"the same message"
    sent, signatures = set(), set()

    for factor in (derive_factor(seed, n) for seed in seeds):
        blinded = blind(message, n, e, salt=salt, factor=factor)
        sent.add(blinded)
        blind_signature = pow(int.from_bytes(blinded), private.d, n).to_bytes(256)
        signatures.add(
            finalize(
                message, n, e, salt=salt, factor=factor, blind_signature=blind_signature
            )
        )

    assert len(sent) == 2
    assert len(signatures) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda signature: bytes([signature[0], signature[1] ^ 1]) + signature[2:],
        lambda signature: signature[:-1],
        lambda signature: signature + b"\0",
        lambda _: b"",
        lambda _: bytes(256),
    ],
)
def test_a_signature_that_does_not_verify_is_refused(keys, spoil):
    private = keys[0].private_numbers()
    n, e = private.public_numbers.n, private.public_numbers.e
    blinded = blind(b"message", n, e, salt=bytes(48), factor=5)
    good = pow(int.from_bytes(blinded), private.d, n).to_bytes(256)

    with pytest.raises(SignatureInvalid):
        finalize(
            b"message", n, e, salt=bytes(48), factor=5, blind_signature=spoil(good)
        )


def test_a_signature_by_another_key_is_refused(keys):
    public = keys[0].public_key().public_numbers()
    other = keys[1].private_numbers()
    blinded = blind(b"message", public.n, public.e, salt=bytes(48), factor=5)
    foreign = pow(int.from_bytes(blinded), other.d, other.public_numbers.n)

    with pytest.raises(SignatureInvalid):
        finalize(
            b"message",
            public.n,
            public.e,
            salt=bytes(48),
            factor=5,
            blind_signature=foreign.to_bytes(256),
        )


@pytest.mark.parametrize("times_n", [0, 1, 2])
def test_a_factor_that_cannot_be_undone_is_refused(keys, times_n):
    public = keys[0].public_key().public_numbers()

    with pytest.raises(ValueError, match="factor"):
        blind(
            b"message",
            public.n,
            public.e,
            salt=bytes(48),
            factor=times_n * public.n,
        )


def test_a_message_that_shares_a_divisor_with_the_modulus_is_refused():
    encoded = int.from_bytes(emsa_pss_encode(b"message", 1023, bytes(48)))
    n = encoded << 1024 - encoded.bit_length()

    with pytest.raises(ValueError, match="divisor"):
        blind(b"message", n, 65537, salt=bytes(48), factor=5)


def test_a_modulus_too_short_for_the_hash_is_refused():
    with pytest.raises(ValueError, match="too short"):
        emsa_pss_encode(b"message", 8 * 97, bytes(48))


def test_the_encoding_is_the_one_that_verifiers_expect(keys):
    """A planted fault: one byte less of salt, and no verifier takes the signature."""
    private = keys[0].private_numbers()
    n = private.public_numbers.n
    encoded = int.from_bytes(emsa_pss_encode(b"message", 2047, bytes(47)))
    signature = pow(encoded, private.d, n).to_bytes(256)
    public = RSAPublicNumbers(65537, n).public_key()

    public.verify(signature, b"message", PSS(MGF1(SHA384()), 47), SHA384())
    with pytest.raises(InvalidSignature):
        public.verify(signature, b"message", PSS(MGF1(SHA384()), 48), SHA384())


def derive_factor(seed, n):
    """A blinding factor that only the seed decides."""
    stretched = hashlib.shake_256(seed).digest(256)
    return int.from_bytes(stretched) % (n - 2) + 2
