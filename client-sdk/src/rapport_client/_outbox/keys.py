"""Where the key of an outbox is kept: a file of its owner alone, or a keyring."""

import importlib
import os
import secrets
from pathlib import Path
from typing import Protocol

from rapport_client._protocol import base64url
from rapport_client.errors import OutboxLocked

KEY_BYTES = 32
KEY_ADVICE = "put the right key back, or say where it is (--key-file; key=)"
_SERVICE = "rapport-client"


class KeyStore(Protocol):
    """Keeps the key that an outbox is encrypted with."""

    def load(self) -> bytes | None:
        """The key of 32 bytes, or None if there is none.

        Raises:
            OutboxLocked: there is something, but it cannot be read or is no key.
        """

    def create(self) -> bytes:
        """Makes a key and returns it once it is kept for good.

        Raises:
            OutboxLocked: it cannot be kept.
        """


class KeyFile:
    """A file of mode 0600 that holds the key, and nothing else.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> bytes | None:
        """The key in the file; access that others were given is taken away."""
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
        """Writes a new key aside and moves it into its place, so it is never half."""
        key = secrets.token_bytes(KEY_BYTES)
        aside = self.path.with_name(self.path.name + ".new")
        try:
            aside.unlink(missing_ok=True)
            file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(file, "w", encoding="ascii") as writing:
                writing.write(f"{base64url.encode(key)}\n")
                writing.flush()
                os.fsync(file)
            aside.replace(self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            raise OutboxLocked(f"cannot write the key {self.path}") from error
        return key


class SystemKeyring:
    """The operating system's keyring; needs ``rapport-client[keyring]``.

    Args:
        name: what the key is called there, one name for each outbox.

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
