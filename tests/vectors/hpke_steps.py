"""HPKE base mode (RFC 9180), step by step, with a chosen ephemeral key.

DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM. Libraries choose the ephemeral key
themselves, as they must; a published example needs a fixed one.
"""

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEM_SUITE = b"KEM" + (0x0010).to_bytes(2)
SUITE = b"HPKE" + (0x0010).to_bytes(2) + (0x0001).to_bytes(2) + (0x0001).to_bytes(2)


@dataclass(frozen=True)
class SealedMessage:
    """Every step from the ephemeral key to the ciphertext."""

    enc: bytes
    shared_secret: bytes
    key: bytes
    nonce: bytes
    ciphertext: bytes


def private_key(scalar: int) -> ec.EllipticCurvePrivateKey:
    """The P-256 key of a scalar."""
    return ec.derive_private_key(scalar, ec.SECP256R1())


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """The uncompressed point of a key, 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def seal(
    recipient: ec.EllipticCurvePublicKey,
    ephemeral: ec.EllipticCurvePrivateKey,
    info: bytes,
    plaintext: bytes,
    aad: bytes = b"",
) -> SealedMessage:
    """Seals one message, the first of its context."""
    enc = point(ephemeral.public_key())
    secret = shared_secret(ephemeral.exchange(ec.ECDH(), recipient), enc, recipient)
    key, nonce = key_schedule(secret, info)
    ciphertext = AESGCM(key).encrypt(nonce, plaintext, aad)
    return SealedMessage(enc, secret, key, nonce, ciphertext)


def shared_secret(
    exchanged: bytes, enc: bytes, recipient: ec.EllipticCurvePublicKey
) -> bytes:
    """ExtractAndExpand of section 4.1."""
    prk = labeled_extract(KEM_SUITE, b"", b"eae_prk", exchanged)
    context = enc + point(recipient)
    return labeled_expand(KEM_SUITE, prk, b"shared_secret", context, 32)


def key_schedule(secret: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Key and nonce of the first message in base mode (section 5.1)."""
    context = (
        b"\0"
        + labeled_extract(SUITE, b"", b"psk_id_hash", b"")
        + labeled_extract(SUITE, b"", b"info_hash", info)
    )
    prk = labeled_extract(SUITE, secret, b"secret", b"")
    return (
        labeled_expand(SUITE, prk, b"key", context, 16),
        labeled_expand(SUITE, prk, b"base_nonce", context, 12),
    )


def labeled_extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    """LabeledExtract of section 4."""
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def labeled_expand(
    suite: bytes, prk: bytes, label: bytes, info: bytes, length: int
) -> bytes:
    """LabeledExpand of section 4, of at most one block of SHA-256."""
    if length > hashlib.sha256().digest_size:
        raise ValueError("more than one block")
    labeled = length.to_bytes(2) + b"HPKE-v1" + suite + label + info
    return hmac.digest(prk, labeled + b"\x01", "sha256")[:length]
