"""Ballot keys: generation, thumbprint, JSON Web Key, encryption at rest."""

import json
import secrets
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from rapport_service.encoding import base64url

MODULUS_BITS = 2048
EXPONENT = 65537
_NONCE_BYTES = 12

KeyMaker = Callable[[], rsa.RSAPrivateKey]


def make_key() -> rsa.RSAPrivateKey:
    """Generate an RSA-2048 key with exponent 65537; takes 35 to 50 ms."""
    return rsa.generate_private_key(public_exponent=EXPONENT, key_size=MODULUS_BITS)


def thumbprint(key: rsa.RSAPublicKey) -> str:
    """Return the key's RFC 7638 thumbprint with SHA-256, 43 characters."""
    numbers = key.public_numbers()
    members = {
        "e": _encode_integer(numbers.e),
        "kty": "RSA",
        "n": _encode_integer(numbers.n),
    }
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return base64url.digest(canonical.encode())


def key_id(organization_id: str, key: rsa.RSAPublicKey) -> str:
    """Return the ``kid`` of a ballot key: ``<organization>.<thumbprint>``."""
    return f"{organization_id}.{thumbprint(key)}"


def public_jwk(kid: str, key: rsa.RSAPublicKey) -> str:
    """Return the public key as the JSON Web Key that phones fetch (RFC 7517)."""
    numbers = key.public_numbers()
    return json.dumps(
        {
            "kty": "RSA",
            "n": _encode_integer(numbers.n),
            "e": _encode_integer(numbers.e),
            "alg": "PS384",
            "use": "sig",
            "kid": kid,
        },
        separators=(",", ":"),
    )


def public_key(jwk: str) -> rsa.RSAPublicKey:
    """Return the public key of a stored JSON Web Key."""
    members = json.loads(jwk)
    n, e = (int.from_bytes(base64url.decode(members[name])) for name in ("n", "e"))
    return rsa.RSAPublicNumbers(e, n).public_key()


def encrypt(key: rsa.RSAPrivateKey, kid: str, secret: bytes) -> bytes:
    """Return the private key as AES-256-GCM ciphertext, bound to its ``kid``."""
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(secret).encrypt(nonce, der, kid.encode())


def decrypt(encrypted: bytes, kid: str, secret: bytes) -> rsa.RSAPrivateKey:
    """Return the private key inside ``encrypted``.

    Raises:
        cryptography.exceptions.InvalidTag: another secret, another kid, or damage.
    """
    nonce, ciphertext = encrypted[:_NONCE_BYTES], encrypted[_NONCE_BYTES:]
    der = AESGCM(secret).decrypt(nonce, ciphertext, kid.encode())
    # The ciphertext is authenticated; checking the numbers again costs 20 ms a draw.
    key = load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("not an RSA key")
    return key


def _encode_integer(value: int) -> str:
    """Return the Base64urlUInt of RFC 7518 section 2."""
    return base64url.encode(value.to_bytes((value.bit_length() + 7) // 8))
