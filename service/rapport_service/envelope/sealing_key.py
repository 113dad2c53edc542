"""Sealing keys: generation, JSON Web Key, thumbprint, private half as PEM."""

import json

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from rapport_service.encoding import base64url

_COORDINATE_BYTES = 32
_MEMBERS = ("kty", "crv", "x", "y")


class SealingKeyInvalidError(ValueError):
    """Not a sealing key, or not in the one form that this service writes."""


def make_sealing_key() -> ec.EllipticCurvePrivateKey:
    """Generate a key pair on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def public_jwk(key: ec.EllipticCurvePublicKey) -> str:
    """Return the public half as the JSON Web Key that charters name (RFC 7517)."""
    numbers = key.public_numbers()
    members = ("EC", "P-256", _encode(numbers.x), _encode(numbers.y))
    return json.dumps(dict(zip(_MEMBERS, members, strict=True)), separators=(",", ":"))


def thumbprint(key: ec.EllipticCurvePublicKey) -> str:
    """Return the key's RFC 7638 thumbprint with SHA-256, 43 characters."""
    members = json.loads(public_jwk(key))
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return base64url.digest(canonical.encode())


def parse_public_jwk(jwk: str) -> ec.EllipticCurvePublicKey:
    """Return the public key of a JSON Web Key.

    Raises:
        SealingKeyInvalidError: other members, another curve, no point of the curve, or
            not the text that ``public_jwk`` writes.
    """
    try:
        members = json.loads(jwk)
        x, y = (
            int.from_bytes(base64url.decode(members[name], _COORDINATE_BYTES))
            for name in ("x", "y")
        )
        key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise SealingKeyInvalidError from None
    if public_jwk(key) != jwk:
        raise SealingKeyInvalidError
    return key


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the private half as PKCS #8 in PEM, unencrypted: its folder guards it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def parse_private_pem(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """Return the private key of a PEM file.

    Raises:
        SealingKeyInvalidError: no key, or none on P-256.
    """
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise SealingKeyInvalidError from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(
        key.curve, ec.SECP256R1
    ):
        raise SealingKeyInvalidError
    return key


def _encode(coordinate: int) -> str:
    return base64url.encode(coordinate.to_bytes(_COORDINATE_BYTES))
