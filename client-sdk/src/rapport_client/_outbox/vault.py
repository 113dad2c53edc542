"""Encrypts what the outbox holds, one value at a time, each bound to its place."""

import hmac
import secrets
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rapport_client.errors import OutboxDamaged

_NONCE_BYTES = 12
_LENGTH_BYTES = 4
_PADDING_BLOCK_BYTES = 256
"""Values are filled up to a multiple of this: an "na" is longer than a 4."""


class Vault:
    """Seals values with AES-256-GCM and names rows with HMAC-SHA-256.

    A place is a row and a column, given as byte strings. A value that was moved to
    another place does not open, so nobody can put one person's answer under another.

    Args:
        key: the outbox's 32 bytes; two keys are derived from them (HKDF, SHA-256).
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(_derive(key, b"rapport outbox values"))
        self._names = _derive(key, b"rapport outbox names")

    def name(self, *words: str) -> bytes:
        """What stands for some words in a look-up: 32 bytes that tell nobody which."""
        message = _join_length_prefixed(word.encode() for word in words)
        return hmac.digest(self._names, message, "sha256")

    def seal(self, value: bytes, *place: bytes) -> bytes:
        """Encrypts a value for a place; nobody can tell its length to the byte."""
        filled = len(value).to_bytes(_LENGTH_BYTES) + value
        filled += bytes(-len(filled) % _PADDING_BLOCK_BYTES)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, filled, _join_length_prefixed(place))

    def open(self, sealed: bytes, *place: bytes) -> bytes:
        """Decrypts the value of a place.

        Raises:
            OutboxDamaged: it was changed, moved, or sealed with another key.
        """
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            filled = self._cipher.decrypt(nonce, rest, _join_length_prefixed(place))
        except (InvalidTag, ValueError) as error:
            raise OutboxDamaged("a value in the outbox was changed or moved") from error
        length = int.from_bytes(filled[:_LENGTH_BYTES])
        return filled[_LENGTH_BYTES : _LENGTH_BYTES + length]


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(key)


def _join_length_prefixed(parts: Iterable[bytes]) -> bytes:
    """The parts in one, told apart by their lengths."""
    return b"".join(len(part).to_bytes(_LENGTH_BYTES) + part for part in parts)
