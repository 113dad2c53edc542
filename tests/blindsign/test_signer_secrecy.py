"""Blind signer: the messages that it signs, and those that it refuses."""

import math

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_service.blindsign.sign import (
    BlindedInvalidError,
    SigningFaultError,
    blind_sign,
)

SEVEN = (7).to_bytes(256)


@pytest.fixture(scope="module")
def key(ballot_keys):
    return ballot_keys[0].private_numbers()


def spoiled(key, part):
    """The same key with one bit of one number turned, as memory or a glitch may."""
    parts = ("p", "q", "d", "dmp1", "dmq1", "iqmp")
    numbers = {name: getattr(key, name) for name in parts}
    numbers[part] ^= 2
    return RSAPrivateNumbers(**numbers, public_numbers=key.public_numbers)


@settings(max_examples=25)
@given(any_number=st.integers(min_value=0, max_value=2**2100))
def test_signature_is_the_private_power_of_the_blinded_message(key, any_number):
    n = key.public_numbers.n
    m = 1 + any_number % (n - 1)

    signature = blind_sign(key, m.to_bytes(256))

    assert int.from_bytes(signature) == pow(m, key.d, n)
    assert len(signature) == 256


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(lambda _: 1, id="the least"),
        pytest.param(lambda key: key.public_numbers.n - 1, id="the greatest"),
        pytest.param(lambda key: key.p, id="a factor of the modulus"),
    ],
)
def test_every_number_below_the_modulus_is_signed(key, number):
    m = number(key)

    signature = int.from_bytes(blind_sign(key, m.to_bytes(256)))

    assert pow(signature, key.public_numbers.e, key.public_numbers.n) == m


def test_the_same_number_gets_the_same_signature_however_the_base_was_blinded(key):
    assert blind_sign(key, SEVEN) == blind_sign(key, SEVEN)


@pytest.mark.parametrize(
    "blinded",
    [
        pytest.param(lambda _: bytes(256), id="zero"),
        pytest.param(lambda n: n.to_bytes(256), id="the modulus"),
        pytest.param(lambda n: (n + 1).to_bytes(256), id="one more than the modulus"),
        pytest.param(lambda _: b"\xff" * 256, id="the greatest of its length"),
        pytest.param(lambda _: SEVEN[1:], id="a byte short"),
        pytest.param(lambda _: b"\0" + SEVEN, id="a byte long"),
        pytest.param(lambda _: b"", id="nothing"),
    ],
)
def test_blinded_message_is_a_number_of_the_modulus_length_below_it(key, blinded):
    with pytest.raises(BlindedInvalidError):
        blind_sign(key, blinded(key.public_numbers.n))


@pytest.mark.parametrize("part", ["dmp1", "dmq1", "iqmp"])
def test_a_signature_from_a_faulty_key_never_leaves(key, part):
    with pytest.raises(SigningFaultError):
        blind_sign(spoiled(key, part), SEVEN)


def test_the_planted_fault_would_disclose_the_key(key):
    """Wrong modulo one prime only: a greatest common divisor finds the other one."""
    n, e = key.public_numbers.n, key.public_numbers.e
    by_p = pow(7, spoiled(key, "dmp1").dmp1, key.p)
    by_q = pow(7, key.dmq1, key.q)

    leaked = by_q + key.q * ((by_p - by_q) * key.iqmp % key.p)

    assert math.gcd(pow(leaked, e, n) - 7, n) == key.q
