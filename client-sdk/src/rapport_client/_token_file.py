"""Token file of a person who reads scores: the enrolment, the refresh token in use.

The secret of the enrolment is on disk before the code is sent, so that the same code
can be sent again after a lost reply. Each refresh token is on disk before it is used.
"""

import json
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from os import PathLike
from pathlib import Path

from rapport_client._http import Flow, parse_origin
from rapport_client._json import JsonObject, read
from rapport_client._protocol import base64url
from rapport_client._protocol.tokens import Tokens, redeem_code, refresh_tokens
from rapport_client.errors import (
    CodeExpired,
    CodeForAnswering,
    CodeUnknown,
    CodeUsed,
    TokenFileUnusable,
)

if sys.platform != "win32":  # where one process at a time has to do
    import fcntl

DEVICE_BYTES = 32


@dataclass(frozen=True)
class _Record:
    """Content of the file.

    Attributes:
        server: the origin at which the person is enrolled, and no other.
        code_digest: of the code that enrolled; None before that.
        refresh_token: the one in use; None before the enrolment.
        pending_code: a code that is being presented.
        pending_device: the secret that it is presented with, base64url.
    """

    server: str
    code_digest: str | None = None
    refresh_token: str | None = field(default=None, repr=False)
    pending_code: str | None = field(default=None, repr=False)
    pending_device: str | None = field(default=None, repr=False)


class TokenFile:
    """A file of mode 0600 with the tokens of one person.

    Several processes may use it: one at a time gets new tokens.

    Args:
        path: of the file.

    Raises:
        TokenFileUnusable: there is none, or it cannot be read.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self._path = Path(path)
        self._users = 0
        self.server = self._load().server

    @classmethod
    def prepare(
        cls,
        path: str | PathLike[str],
        server: str,
        code: str,
        device: str | None = None,
    ) -> "TokenFile":
        """Makes the file ready to present a code; nothing changes if it already was.

        Args:
            path: of the file; made if missing.
            server: the service's origin.
            code: an enrolment code for reading.
            device: the secret with which the code was presented before, if it was.

        Raises:
            TokenFileUnusable: it cannot be read or written.
            ValueError: the origin is not one.
        """
        file = Path(path)
        origin, code = parse_origin(server), code.strip()
        with _lock(file):
            known = _load(file) if file.exists() else _Record(origin)
            is_enrolled = (known.server, known.code_digest) == (origin, _digest(code))
            if not is_enrolled and (known.server, known.pending_code) != (origin, code):
                new = device or base64url.encode(secrets.token_bytes(DEVICE_BYTES))
                old = known if known.server == origin else _Record(origin)
                _store(file, replace(old, pending_code=code, pending_device=new))
        return cls(file)

    def obtain(self, server: str) -> Flow[Tokens]:
        """Obtains new tokens, with the code that is pending or the refresh token.

        A code that is refused is forgotten; the enrolment before it stays.

        Raises:
            CodeForAnswering: the code is for answering.
            GrantInvalid: the enrolment has ended.
            ProblemError: the code is unknown, used or too old.
            TokenFileUnusable: it cannot be read or written.
        """
        with self._own_lock():
            record = self._load()
            code, device = record.pending_code, record.pending_device
            if code is None or device is None:
                tokens = yield from refresh_tokens(server, record.refresh_token or "")
                new = replace(record, refresh_token=tokens.refresh_token)
            else:
                try:
                    tokens = yield from _redeem_for_reading(server, code, device)
                except (CodeForAnswering, CodeUnknown, CodeUsed, CodeExpired):
                    self._replace(
                        record, replace(record, pending_code=None, pending_device=None)
                    )
                    raise
                new = _Record(server, _digest(code), tokens.refresh_token)
            self._replace(record, new)
        return tokens

    @contextmanager
    def _own_lock(self) -> Iterator[None]:
        """The lock, which the tasks of one client hold together."""
        with ExitStack() as held:
            if not self._users:
                held.enter_context(_lock(self._path))
            self._users += 1
            try:
                yield
            finally:
                self._users -= 1

    def _replace(self, old: _Record, new: _Record) -> None:
        """Stores a record in place of an old one; keeps what another task stored."""
        if self._load() == old:
            _store(self._path, new)

    def _load(self) -> _Record:
        return _load(self._path)


def _redeem_for_reading(server: str, code: str, device: str) -> Flow[Tokens]:
    tokens = yield from redeem_code(server, code, base64url.decode(device))
    if tokens.may_answer:
        raise CodeForAnswering
    return tokens


def _load(path: Path) -> _Record:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise TokenFileUnusable(
            f"cannot read {path}: {error.strerror}; run `rapport-field read` with a"
            " code for reading"
        ) from error
    return read(_Record, JsonObject.from_json(text, str(path), TokenFileUnusable))


def _store(path: Path, record: _Record) -> None:
    """Puts the record in place of the file, whole or not at all."""
    new = path.with_name(path.name + ".new")
    try:
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(asdict(record), stream)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(path)
    except OSError as error:
        raise TokenFileUnusable(f"cannot write {path}: {error.strerror}") from error


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """The right to change the file, which one process has at a time."""
    if sys.platform == "win32":
        yield
        return
    side_file = path.with_name(path.name + ".lock")
    try:
        handle = os.open(side_file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise TokenFileUnusable(
            f"cannot write {side_file}: {error.strerror}"
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _digest(code: str) -> str:
    return base64url.digest(code.encode())
