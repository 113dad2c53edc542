"""Ballots: JWTs that the service signed blind, each in exactly one byte form.

A blind signer signs anything, so nothing in a ballot is believed but its signature,
its key id and its random number R; every other byte must be what we would have written.
"""

import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA384

from rapport_service.encoding import base64url

SALT_BYTES = 48
R_BYTES = 32
_PARTS = 3
_HEADER = re.compile(
    r'\{"alg":"PS384","typ":"ballot\+jwt","kid":"([a-z][a-z0-9]{2,19}\.[\w-]{43})"\}',
    re.ASCII,
)
_PAYLOAD = re.compile(r'\{"jti":"([\w-]{43})"\}', re.ASCII)


class UndecodableError(ValueError):
    """Not three base64url parts: not a ballot at all."""


class BallotInvalidError(ValueError):
    """Three parts, but not a ballot that this service could have signed."""


@dataclass(frozen=True)
class Ballot:
    """Ballot as it arrived; ``verify`` checks its signature.

    Attributes:
        kid: names the key, and through it the wave and the group.
        r: the 32 random bytes that are the submission's identity.
        signature: over the signing input that ``kid`` and ``r`` determine.
    """

    kid: str
    r: bytes
    signature: bytes

    @property
    def hash(self) -> bytes:
        """SHA-256 of R: the name under which a ballot is stored and echoed."""
        return hashlib.sha256(self.r).digest()

    @property
    def organization_id(self) -> str:
        """The organization that the key id begins with."""
        return self.kid.partition(".")[0]


def signing_input(kid: str, r: bytes) -> bytes:
    """Return the only header and payload that a ballot of this key and R can have."""
    header = f'{{"alg":"PS384","typ":"ballot+jwt","kid":"{kid}"}}'
    payload = f'{{"jti":"{base64url.encode(r)}"}}'
    parts = (base64url.encode(part.encode()) for part in (header, payload))
    return ".".join(parts).encode()


def parse(text: str) -> Ballot:
    """Parse a ballot without checking its signature.

    Raises:
        UndecodableError: not three canonical base64url parts.
        BallotInvalidError: header or payload is not, byte for byte, what the service
            would write for some key id and R.
    """
    try:
        header, payload, signature = (
            base64url.decode(part) for part in _split_parts(text)
        )
    except base64url.NotBase64Error as error:
        raise UndecodableError from error
    header_match = _HEADER.fullmatch(header.decode("ascii", "replace"))
    payload_match = _PAYLOAD.fullmatch(payload.decode("ascii", "replace"))
    if header_match is None or payload_match is None:
        raise BallotInvalidError
    try:
        r = base64url.decode(payload_match[1], R_BYTES)
    except base64url.NotBase64Error as error:
        raise BallotInvalidError from error
    return Ballot(header_match[1], r, signature)


def verify(ballot: Ballot, key: RSAPublicKey) -> None:
    """Check the signature: RSASSA-PSS, SHA-384, MGF1-SHA-384, salt of 48 bytes.

    Raises:
        BallotInvalidError: this key did not sign this ballot.
    """
    try:
        key.verify(
            ballot.signature,
            signing_input(ballot.kid, ballot.r),
            PSS(MGF1(SHA384()), SALT_BYTES),
            SHA384(),
        )
    except InvalidSignature as error:
        raise BallotInvalidError from error


def _split_parts(text: str) -> list[str]:
    parts = text.split(".")
    if len(parts) != _PARTS:
        raise UndecodableError
    return parts
