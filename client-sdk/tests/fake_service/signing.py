"""The signer's raw operation, for tests alone: quick, and not in constant time."""

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


def blind_sign(key: RSAPrivateKey, blinded: bytes) -> bytes:
    """``m^d mod n`` by the Chinese remainder theorem (RFC 8017 section 5.1.2)."""
    private = key.private_numbers()
    m = int.from_bytes(blinded)
    by_p = pow(m, private.dmp1, private.p)
    by_q = pow(m, private.dmq1, private.q)
    signature = by_q + private.q * ((by_p - by_q) * private.iqmp % private.p)
    return signature.to_bytes((private.public_numbers.n.bit_length() + 7) // 8)
