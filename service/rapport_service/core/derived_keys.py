"""Keys derived from the service's secret, one a purpose (HKDF, RFC 5869)."""

from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


@dataclass(frozen=True)
class Keyring:
    """The service's keys; none of them ever serves a second purpose.

    Attributes:
        access: signs access tokens (Ed25519). Never signs ballots.
        refresh: keys the MAC inside refresh tokens.
        codes: keys the hashes of enrolment codes and client secrets.
        ballots: encrypts the private ballot keys at rest (AES-256-GCM).
        cursors: encrypts the cursors of lists (AES-SIV).
        check: opens nothing; kept in the database, to recognize this secret by.
    """

    access: Ed25519PrivateKey = field(repr=False)
    refresh: bytes = field(repr=False)
    codes: bytes = field(repr=False)
    ballots: bytes = field(repr=False)
    cursors: bytes = field(repr=False)
    check: bytes = field(repr=False)

    @classmethod
    def derive(cls, secret: bytes) -> Self:
        """Derives every key from the service's secret."""

        def key(purpose: str) -> bytes:
            info = f"rapport {purpose}".encode()
            return HKDF(SHA256(), length=32, salt=None, info=info).derive(secret)

        return cls(
            access=Ed25519PrivateKey.from_private_bytes(key("access tokens")),
            refresh=key("refresh tokens"),
            codes=key("codes"),
            ballots=key("ballot keys at rest"),
            cursors=key("list cursors"),
            check=key("check"),
        )
