"""The public key that a ballot is drawn under, and the checks it must pass."""

import json
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from rapport_client._json import JsonObject
from rapport_client._protocol import base64url
from rapport_client.errors import KeyRefused

MODULUS_BITS = 2048
EXPONENT = 65537


@dataclass(frozen=True)
class BallotKey:
    """A checked public key.

    Attributes:
        kid: ``<organization>.<RFC 7638 thumbprint>``.
        n: the modulus, exactly 2048 bits.
        e: the exponent, always 65537.
    """

    kid: str
    n: int
    e: int

    @cached_property
    def public_key(self) -> RSAPublicKey:
        """The key as the libraries take it."""
        return RSAPublicNumbers(self.e, self.n).public_key()


def parse_ballot_key(body: bytes, kid: str) -> BallotKey:
    """Reads a JSON Web Key (RFC 7517); refuses any key but the one named ``kid``.

    A key of another size or exponent, or one with another thumbprint, could mark the
    ballots of one person.

    Raises:
        KeyRefused: names the check that failed.
    """
    jwk = JsonObject.from_json(body, "the key", KeyRefused)
    if jwk.text("kty") != "RSA":
        raise KeyRefused("the key is not an RSA key")
    n, e = (_decode_uint(jwk.text(name), name) for name in ("n", "e"))
    if e != EXPONENT:
        raise KeyRefused(f"the key's exponent is not {EXPONENT}")
    if n.bit_length() != MODULUS_BITS:
        raise KeyRefused(
            f"the key's modulus has {n.bit_length()} bits, not {MODULUS_BITS}"
        )
    if thumbprint(n, e) != kid.partition(".")[2]:
        raise KeyRefused("the key's thumbprint is not the one that its name states")
    if n % 2 == 0:
        raise KeyRefused("the key's modulus is even")
    return BallotKey(kid, n, e)


def thumbprint(n: int, e: int) -> str:
    """The RFC 7638 thumbprint of an RSA key, with SHA-256, as base64url text."""
    members = {"e": _encode_uint(e), "kty": "RSA", "n": _encode_uint(n)}
    canonical = json.dumps(members, separators=(",", ":"))
    return base64url.digest(canonical.encode())


def _decode_uint(text: str, name: str) -> int:
    try:
        data = base64url.decode(text)
    except ValueError as error:
        raise KeyRefused(f"the key's {name} is not base64url") from error
    number = int.from_bytes(data)
    if _encode_uint(number) != text:
        raise KeyRefused(f"the key's {name} is not in its shortest form")
    return number


def _encode_uint(number: int) -> str:
    """Base64urlUInt of RFC 7518 section 2."""
    return base64url.encode(number.to_bytes((number.bit_length() + 7) // 8))
