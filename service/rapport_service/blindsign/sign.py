"""Blind signer of RFC 9474: BlindSign (section 4.3)."""

import math
import secrets

import gmpy2
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers


class BlindedInvalidError(ValueError):
    """The blinded message is not a number below the modulus, of the modulus' length."""


class SigningFaultError(RuntimeError):
    """The signature failed its check; if it were returned, it could leak the key."""


def blind_sign(key: RSAPrivateNumbers, blinded: bytes) -> bytes:
    """Sign a message without seeing it: ``s = m^d mod n``.

    The exponentiations run in constant time (GMP's ``powm_sec``), modulo p and q with
    the Chinese remainder theorem. The recombination is ordinary arithmetic, so the base
    is blinded by a random factor first, and the result is checked before it leaves.

    Args:
        key: the private ballot key; any size, the RFC's vectors use 4096 bits.
        blinded: exactly as many bytes as the modulus.

    Raises:
        BlindedInvalidError: wrong length, or not below the modulus (or zero).
        SigningFaultError: ``s^e != m``.
    """
    n, e = key.public_numbers.n, key.public_numbers.e
    length = (n.bit_length() + 7) // 8
    m = int.from_bytes(blinded)
    if len(blinded) != length or not 0 < m < n:
        raise BlindedInvalidError
    factor = _random_unit(n)
    base = m * int(gmpy2.powmod(factor, e, n)) % n
    s = _crt_power(key, base) * int(gmpy2.invert(factor, n)) % n
    if int(gmpy2.powmod(s, e, n)) != m:
        raise SigningFaultError
    return s.to_bytes(length)


def _crt_power(key: RSAPrivateNumbers, base: int) -> int:
    """Return ``base^d mod n`` by Chinese remainders (RFC 8017 section 5.1.2)."""
    p, q = key.p, key.q
    by_p = int(gmpy2.powmod_sec(base % p, key.dmp1, p))
    by_q = int(gmpy2.powmod_sec(base % q, key.dmq1, q))
    return by_q + q * ((by_p - by_q) * key.iqmp % p)


def _random_unit(n: int) -> int:
    while True:
        factor = secrets.randbelow(n)
        if math.gcd(factor, n) == 1:
            return factor
