"""Envelopes: what was answered, encrypted to the sealing key of its wave.

HPKE in base mode (RFC 9180): DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM. An
envelope is the encapsulated key, then the ciphertext. It opens with the private key of
its wave alone, and only for the ballot and the charter that it was made for.
"""

import json
import secrets
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from rapport_client._json import JsonObject
from rapport_client._protocol import base64url
from rapport_client.errors import CharterRefused, EnvelopeTrialFailed

PLAINTEXT_BYTES = 256
"""Every plaintext is padded to this length: a "skip" is longer than a 4."""

ENVELOPE_BYTES = 337
"""The length of every envelope: encapsulated key, plaintext, authentication tag."""

_LABEL = b"rapport envelope 1"
_COORDINATE_BYTES = 32
_SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


@dataclass(frozen=True)
class SealingKey:
    """A checked public key, a point of P-256.

    Attributes:
        x: its first coordinate, 32 bytes.
        y: its second one.
    """

    x: bytes
    y: bytes

    @cached_property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The key as the libraries take it.

        Raises:
            ValueError: the point is not on the curve.
        """
        x, y = int.from_bytes(self.x), int.from_bytes(self.y)
        return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()

    @property
    def thumbprint(self) -> str:
        """The RFC 7638 thumbprint, with SHA-256, as base64url text."""
        x, y = base64url.encode(self.x), base64url.encode(self.y)
        members = {"crv": "P-256", "kty": "EC", "x": x, "y": y}
        canonical = json.dumps(members, separators=(",", ":"))
        return base64url.digest(canonical.encode())


def parse_sealing_key(jwk: JsonObject) -> SealingKey:
    """Reads the JSON Web Key of a charter (RFC 7518 section 6.2), a point of P-256.

    Raises:
        CharterRefused: names the check that failed.
    """
    if (jwk.text("kty"), jwk.text("crv")) != ("EC", "P-256"):
        raise CharterRefused("the sealing key is not one of the curve P-256")
    key = SealingKey(*(_decode_coordinate(jwk.text(name), name) for name in ("x", "y")))
    try:
        key.public_key  # noqa: B018 - it checks the point
    except ValueError as error:
        raise CharterRefused("the sealing key is no point of its curve") from error
    return key


def envelope_info(kid: str, ballot_hash: str, charter_digest: str) -> bytes:
    """The ``info`` that binds an envelope to its ballot and to the charter.

    Args:
        kid: the ballot key's id.
        ballot_hash: of the ballot's R, base64url.
        charter_digest: of the charter that this device was shown, base64url.
    """
    bound = base64url.decode(ballot_hash) + base64url.decode(charter_digest)
    return b"\0".join((_LABEL, kid.encode("ascii"), bound))


def make_envelope(key: SealingKey, plaintext: bytes, info: bytes) -> bytes:
    """Seals a plaintext, after a trial of the same on this device.

    Nobody can look into an envelope before all are opened. So the plaintext is first
    sealed to a key that is made for that and thrown away, opened, and compared.

    Args:
        key: the sealing key of the wave.
        plaintext: 256 bytes.
        info: of ``envelope_info``.

    Raises:
        EnvelopeTrialFailed: what came out was not what went in.
    """
    _try_out(plaintext, info)
    envelope = _SUITE.encrypt(plaintext, key.public_key, info=info)
    if len(envelope) != ENVELOPE_BYTES:
        raise EnvelopeTrialFailed
    return envelope


def make_blank_envelope() -> bytes:
    """Random bytes as long as an envelope, so that a withdrawal is as long, too."""
    return secrets.token_bytes(ENVELOPE_BYTES)


def _try_out(plaintext: bytes, info: bytes) -> None:
    throw_away_key = ec.generate_private_key(ec.SECP256R1())
    try:
        sealed = _SUITE.encrypt(plaintext, throw_away_key.public_key(), info=info)
        opened = _SUITE.decrypt(sealed, throw_away_key, info=info)
    except (InvalidTag, ValueError) as error:
        raise EnvelopeTrialFailed from error
    if len(plaintext) != PLAINTEXT_BYTES or opened != plaintext:
        raise EnvelopeTrialFailed


def _decode_coordinate(text: str, name: str) -> bytes:
    try:
        data = base64url.decode(text)
    except ValueError as error:
        raise CharterRefused(f"the sealing key's {name} is not base64url") from error
    if len(data) != _COORDINATE_BYTES:
        raise CharterRefused(
            f"the sealing key's {name} is not {_COORDINATE_BYTES} bytes"
        )
    return data
