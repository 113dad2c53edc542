"""The client's half of blind RSA signatures (RFC 9474), in plain integers.

All four variants of the RFC go through these functions. A variant has a salt of 48
bytes (PSS) or none (PSSZERO), and a message that ``prepare`` gave a random prefix of
32 bytes (Randomized) or none (Deterministic). The hash and MGF1's hash are SHA-384.
Ballots use RSABSSA-SHA384-PSS-Deterministic, which is what JOSE calls PS384.

Everything random comes in as an argument, so that each step can be checked against the
figures that the RFC prints.
"""

import hashlib
import math

from rapport_client.errors import SignatureInvalid

HASH_BYTES = 48


def prepare(message: bytes, prefix: bytes = b"") -> bytes:
    """Adds the prefix to the message: Prepare of RFC 9474 section 4.1.

    Args:
        message: to be signed.
        prefix: 32 random bytes in a randomized variant, else empty.
    """
    return prefix + message


def emsa_pss_encode(message: bytes, em_bits: int, salt: bytes) -> bytes:
    """Encodes a message for signing: EMSA-PSS-ENCODE of RFC 8017 section 9.1.1.

    Args:
        message: to be signed.
        em_bits: the longest that the encoded message may be, in bits: one less than
            the modulus has.
        salt: 48 bytes or none.

    Returns:
        The encoded message, ``ceil(em_bits / 8)`` bytes.

    Raises:
        ValueError: the modulus is too short for this hash and salt.
    """
    em_length = (em_bits + 7) // 8
    padding_length = em_length - len(salt) - HASH_BYTES - 2
    if padding_length < 0:
        raise ValueError("the modulus is too short for this hash and salt")
    hashed = hashlib.sha384(bytes(8) + hashlib.sha384(message).digest() + salt).digest()
    block = bytes(padding_length) + b"\x01" + salt
    mask = int.from_bytes(_mgf1(hashed, len(block)))
    # The leftmost bits are cleared, so that the number stays below the modulus.
    kept = (1 << 8 * len(block) - (8 * em_length - em_bits)) - 1
    masked = (int.from_bytes(block) ^ mask) & kept
    return masked.to_bytes(len(block)) + hashed + b"\xbc"


def blind(message: bytes, n: int, e: int, *, salt: bytes, factor: int) -> bytes:
    """Hides a message in a random multiple: Blind of RFC 9474 section 4.2.

    Args:
        message: the prepared message.
        n: the modulus.
        e: the public exponent.
        salt: 48 random bytes, or none.
        factor: the blinding factor, uniformly random below n and coprime to it.

    Returns:
        The blinded message ``m * factor^e mod n``, as long as the modulus.

    Raises:
        ValueError: the message or the factor shares a divisor with the modulus, or the
            factor is not below it.
    """
    encoded = _encode_message(message, n, salt)
    if math.gcd(encoded, n) != 1:
        raise ValueError("the encoded message shares a divisor with the modulus")
    if not 0 < factor < n or math.gcd(factor, n) != 1:
        raise ValueError("the blinding factor cannot be undone under this modulus")
    return (encoded * pow(factor, e, n) % n).to_bytes(_modulus_bytes(n))


def finalize(
    message: bytes, n: int, e: int, *, salt: bytes, factor: int, blind_signature: bytes
) -> bytes:
    """Turns the blind signature into a signature: Finalize of RFC 9474 section 4.4.

    The RFC verifies the result as any RSASSA-PSS signature. The client that blinded the
    message knows its salt, so the check here is stricter and shorter: the signature
    must open to exactly the encoding that was blinded.

    Args:
        message: the prepared message.
        n: the modulus.
        e: the public exponent.
        salt: the one given to ``blind``.
        factor: the one given to ``blind``.
        blind_signature: the signer's signature of the blinded message.

    Returns:
        The RSASSA-PSS signature, as long as the modulus.

    Raises:
        SignatureInvalid: the signer signed something else, or nothing.
    """
    if len(blind_signature) != _modulus_bytes(n):
        raise SignatureInvalid(
            f"the blind signature is not {_modulus_bytes(n)} bytes long"
        )
    signature = int.from_bytes(blind_signature) * pow(factor, -1, n) % n
    if pow(signature, e, n) != _encode_message(message, n, salt):
        raise SignatureInvalid("the finalised signature does not verify")
    return signature.to_bytes(_modulus_bytes(n))


def _encode_message(message: bytes, n: int, salt: bytes) -> int:
    return int.from_bytes(emsa_pss_encode(message, n.bit_length() - 1, salt))


def _modulus_bytes(n: int) -> int:
    return (n.bit_length() + 7) // 8


def _mgf1(seed: bytes, length: int) -> bytes:
    """The mask generation function of RFC 8017 section B.2.1."""
    blocks = (
        hashlib.sha384(seed + counter.to_bytes(4)).digest()
        for counter in range((length + HASH_BYTES - 1) // HASH_BYTES)
    )
    return b"".join(blocks)[:length]
