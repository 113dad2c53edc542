"""HPKE in base mode, single shot: P-256, HKDF-SHA256, AES-128-GCM (RFC 9180)."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from rapport_schemas.enums import ENVELOPE_BYTES, PLAINTEXT_BYTES

_LABEL = b"rapport envelope 1"
_SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


class EnvelopeUnopenableError(ValueError):
    """Another key, another ballot or charter, or damage: nothing is known inside."""


def envelope_info(kid: str, ballot_hash: bytes, charter_digest: bytes) -> bytes:
    """Return the ``info`` that binds an envelope to its ballot and charter.

    Args:
        kid: the id of the ballot's key.
        ballot_hash: SHA-256 of the ballot's R, 32 bytes.
        charter_digest: SHA-256 of the charter that the device was shown, 32 bytes.
    """
    return b"\0".join((_LABEL, kid.encode("ascii"), ballot_hash + charter_digest))


def seal_envelope(key: EllipticCurvePublicKey, plaintext: bytes, info: bytes) -> bytes:
    """Return an envelope: a fresh encapsulated key of 65 bytes, then the ciphertext.

    Raises:
        ValueError: the plaintext has another length than every envelope's.
    """
    if len(plaintext) != PLAINTEXT_BYTES:
        raise ValueError("a plaintext has 256 bytes")
    return _SUITE.encrypt(plaintext, key, info=info)


def open_envelope(key: EllipticCurvePrivateKey, envelope: bytes, info: bytes) -> bytes:
    """Return the 256 bytes inside an envelope.

    Raises:
        EnvelopeUnopenableError: it was not made with this key and info.
    """
    if len(envelope) != ENVELOPE_BYTES:
        raise EnvelopeUnopenableError
    try:
        return _SUITE.decrypt(envelope, key, info=info)
    except InvalidTag:  # also where the encapsulated key is no point of the curve
        raise EnvelopeUnopenableError from None
