"""Key stores of an outbox, and the encryption of single values with the key."""

import hmac
import importlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rapport_client._protocol import base64url
from rapport_client.errors import OutboxDamaged, OutboxLocked

KEY_BYTES = 32
KEY_ADVICE = "put the right key back, or say where it is (--key-file; key=)"
_SERVICE = "rapport-client"


class KeyStore(Protocol):
    """Keeps the key that an outbox is encrypted with."""

    def load(self) -> bytes | None:
        """The key of 32 bytes, or None if there is none.

        Raises:
            OutboxLocked: something is there, but it cannot be read or is no key.
        """

    def create(self) -> bytes:
        """Makes a key, stores it for good and returns it.

        Raises:
            OutboxLocked: it cannot be stored.
        """


class KeyFile:
    """A file of mode 0600 that holds the key, and nothing else.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> bytes | None:
        """The key in the file; access of other users is removed."""
        try:
            text = self.path.read_text("ascii")
            self.path.chmod(0o600)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise OutboxLocked(
                f"cannot read the key {self.path}; {KEY_ADVICE}"
            ) from error
        return _decode_key(text, str(self.path))

    def create(self) -> bytes:
        """Writes a new key to a temporary file and moves it, so it is never partial."""
        key = secrets.token_bytes(KEY_BYTES)
        temporary = self.path.with_name(self.path.name + ".new")
        try:
            temporary.unlink(missing_ok=True)
            file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(file, "w", encoding="ascii") as writing:
                writing.write(f"{base64url.encode(key)}\n")
                writing.flush()
                os.fsync(file)
            temporary.replace(self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            raise OutboxLocked(f"cannot write the key {self.path}") from error
        return key


class SystemKeyring:
    """The operating system's keyring; needs ``rapport-client[keyring]``.

    Args:
        name: of the key in the keyring, one for each outbox.

    Raises:
        OutboxLocked: the package ``keyring`` is not installed.
    """

    def __init__(self, name: str) -> None:
        try:
            self._keyring = importlib.import_module("keyring")
        except ImportError as error:
            raise OutboxLocked(
                "the keyring needs the extra: pip install 'rapport-client[keyring]'"
            ) from error
        self._name = name

    def load(self) -> bytes | None:
        """The key in the keyring."""
        try:
            text = self._keyring.get_password(_SERVICE, self._name)
        except self._keyring.errors.KeyringError as error:
            raise OutboxLocked("the keyring cannot be read") from error
        return None if text is None else _decode_key(text, "the keyring")

    def create(self) -> bytes:
        """Puts a new key into the keyring."""
        key = secrets.token_bytes(KEY_BYTES)
        try:
            self._keyring.set_password(_SERVICE, self._name, base64url.encode(key))
        except self._keyring.errors.KeyringError as error:
            raise OutboxLocked("the keyring takes no key") from error
        return key


def _decode_key(text: str, where: str) -> bytes:
    try:
        key = base64url.decode(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise OutboxLocked(f"{where} holds no key of an outbox; {KEY_ADVICE}")
    return key


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


_NONCE_BYTES = 12
_LENGTH_BYTES = 4
_VALUE_PADDING_BYTES = 256
"""Values are padded to a multiple of this: an "na" is longer than a 4."""


class Vault:
    """Seals values with AES-256-GCM and names rows with HMAC-SHA-256.

    A place is a row and a column, given as byte strings. A value that was moved to
    another place does not open, so one person's answer cannot be put under another's
    name.

    Args:
        key: the outbox's 32 bytes; two keys are derived from them (HKDF, SHA-256).
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(_derive(key, b"rapport outbox values"))
        self._names = _derive(key, b"rapport outbox names")

    def name(self, *words: str) -> bytes:
        """Keyed hash of some words for a look-up: 32 bytes that do not reveal them."""
        message = _join_length_prefixed(word.encode() for word in words)
        return hmac.digest(self._names, message, "sha256")

    def seal(self, value: bytes, *place: bytes) -> bytes:
        """Encrypts a value for a place; padding hides its exact length."""
        padded = len(value).to_bytes(_LENGTH_BYTES) + value
        padded += bytes(-len(padded) % _VALUE_PADDING_BYTES)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, padded, _join_length_prefixed(place))

    def open(self, sealed: bytes, *place: bytes) -> bytes:
        """Decrypts the value of a place.

        Raises:
            OutboxDamaged: it was changed, moved, or sealed with another key.
        """
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            padded = self._cipher.decrypt(nonce, rest, _join_length_prefixed(place))
        except (InvalidTag, ValueError) as error:
            raise OutboxDamaged("a value in the outbox was changed or moved") from error
        length = int.from_bytes(padded[:_LENGTH_BYTES])
        return padded[_LENGTH_BYTES : _LENGTH_BYTES + length]


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(key)


def _join_length_prefixed(parts: Iterable[bytes]) -> bytes:
    """The parts in one, each after its length."""
    return b"".join(len(part).to_bytes(_LENGTH_BYTES) + part for part in parts)
