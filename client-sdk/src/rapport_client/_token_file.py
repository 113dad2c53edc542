"""Token file of a person who reads scores: the enrolment, the refresh token in use.

The secret of the enrolment is on disk before the code is sent, so that the same code
can be sent again after a lost reply. Each refresh token is on disk before it is used.
"""

import json
import os
import secrets
import sys
import tempfile
from collections.abc import Generator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from os import PathLike
from pathlib import Path

from rapport_client._http import Flow, parse_origin
from rapport_client._json import JsonObject, read
from rapport_client._protocol import base64url
from rapport_client._protocol.tokens import Tokens, redeem_code, refresh_tokens
from rapport_client._resources.session import Pause, SessionFlow
from rapport_client.errors import (
    CodeForAnswering,
    ProblemError,
    TokenFileUnusable,
)

if sys.platform != "win32":  # where one process at a time has to do
    import fcntl

DEVICE_BYTES = 32
MAX_CODE_LENGTH = 80

LOCK_TRIES = 300
LOCK_PAUSE = Pause(0.2)
"""A minute: as long as another process may take for new tokens."""

_LOOKALIKES = str.maketrans("OIL", "011")


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

    Several processes may use it: one at a time gets new tokens. On Windows, which has
    neither the mode nor the lock, only one may.

    Args:
        path: of the file; with a code it is made if it is missing.
        server: the service's origin; that of the file if None.
        code: an enrolment code for reading; it is presented unless the file has it.
        device: the secret with which the code was presented before, if it was.

    Attributes:
        server: the service's origin.

    Raises:
        TokenFileUnusable: there is none, it cannot be read, or it belongs to an
            enrolment at another address.
        ValueError: the origin, the code or the secret is not one.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        server: str | None = None,
        code: str | None = None,
        device: str | None = None,
    ) -> None:
        self._path = Path(path).resolve()
        self._code = None if code is None else _require_code(code)
        self._device = None if device is None else _require_device(device)
        origin = None if server is None else parse_origin(server)
        if not self._path.parent.is_dir():
            raise TokenFileUnusable(f"there is no folder {self._path.parent}")
        if origin is None or self._path.exists():
            known = _load(self._path)
            if origin not in {None, known.server} and known.refresh_token:
                raise TokenFileUnusable(
                    f"{self._path} belongs to an enrolment at {known.server};"
                    f" for {origin}, use another file"
                )
            origin = origin or known.server
        self.server = origin

    def obtain(self, server: str) -> SessionFlow[Tokens]:
        """Obtains new tokens, with the code that is pending or the refresh token.

        A code that is refused is forgotten; the enrolment before it stays.

        Raises:
            CodeForAnswering: the code is for answering.
            GrantInvalid: the enrolment has ended.
            ProblemError: the code is unknown, used or too old.
            TokenFileUnusable: it cannot be read or written, it holds no enrolment, or
                another process keeps it for more than a minute.
        """
        lock = yield from _lock(self._path)
        try:
            record = self._add_code(server)
            code, device = record.pending_code, record.pending_device
            if code is not None and device is not None:
                try:
                    tokens = yield from _redeem_for_reading(server, code, device)
                except (CodeForAnswering, ProblemError) as refusal:
                    if getattr(refusal, "retry", None) != "later":
                        kept = replace(record, pending_code=None, pending_device=None)
                        _store(self._path, kept)
                    raise
                record = _Record(server, _digest(code))
            elif record.refresh_token is not None:
                tokens = yield from refresh_tokens(server, record.refresh_token)
            else:
                raise TokenFileUnusable(
                    f"{self._path} holds no enrolment: give it a code for reading"
                )
            _store(self._path, replace(record, refresh_token=tokens.refresh_token))
        finally:
            if lock is not None:
                os.close(lock)
        return tokens

    def _add_code(self, server: str) -> _Record:
        """The record, with the code that was given as the pending one."""
        exists = self._path.exists()
        record = _load(self._path) if exists else _Record(server)
        if self._code is None or _digest(self._code) == record.code_digest:
            return record
        pending = record.pending_code
        if pending is None or _digest(pending) != _digest(self._code):
            new = base64url.encode(secrets.token_bytes(DEVICE_BYTES))
            record = replace(
                record,
                server=server,
                pending_code=self._code,
                pending_device=self._device or new,
            )
            _store(self._path, record)
        return record


def _redeem_for_reading(server: str, code: str, device: str) -> Flow[Tokens]:
    tokens = yield from redeem_code(server, code, base64url.decode(device))
    if tokens.may_answer:
        raise CodeForAnswering
    return tokens


def _require_code(code: str) -> str:
    code = code.strip()
    if not 1 <= len(code) <= MAX_CODE_LENGTH:
        raise ValueError(f"a code has 1 to {MAX_CODE_LENGTH} characters")
    return code


def _require_device(device: str) -> str:
    if len(base64url.decode(device)) != DEVICE_BYTES:
        raise ValueError(f"the device's secret is not {DEVICE_BYTES} bytes")
    return device


def _load(path: Path) -> _Record:
    """Reads the file; access of other users is removed."""
    try:
        text = path.read_bytes()
        path.chmod(0o600)
    except OSError as error:
        raise TokenFileUnusable(
            f"cannot read {path}: {error.strerror}; run `rapport-field read` with a"
            " code for reading"
        ) from error
    return read(_Record, JsonObject.from_json(text, str(path), TokenFileUnusable))


def _store(path: Path, record: _Record) -> None:
    """Puts the record in place of the file, whole or not at all, and for good."""
    try:
        handle, new = tempfile.mkstemp(prefix=path.name, dir=path.parent)  # mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(asdict(record), stream)
                stream.flush()
                os.fsync(stream.fileno())
            Path(new).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(new).unlink()
            raise
        if sys.platform != "win32":
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    except OSError as error:
        raise TokenFileUnusable(f"cannot write {path}: {error.strerror}") from error


def _lock(path: Path) -> Generator[Pause, None, int | None]:
    """Waits for the right to change the file, which one process has at a time.

    Returns:
        The open lock file, which is the lock while it is open; None on Windows.
    """
    if sys.platform == "win32":
        return None
    side_file = path.with_name(path.name + ".lock")
    try:
        handle = os.open(side_file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise TokenFileUnusable(
            f"cannot write {side_file}: {error.strerror}"
        ) from error
    try:
        tries = LOCK_TRIES
        while True:
            if not tries:
                raise TokenFileUnusable(  # noqa: TRY301 - closes the file as any error
                    f"another process has used {path} for too long"
                )
            tries -= 1
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield LOCK_PAUSE
            except OSError as error:
                raise TokenFileUnusable(
                    f"cannot lock {side_file}: {error.strerror}"
                ) from error
            else:
                return handle
    except BaseException:
        os.close(handle)
        raise


def _digest(code: str) -> str:
    """Digest of a code, however it was typed: any case, any spacing, look-alikes."""
    typed = "".join(filter(str.isalnum, code)).upper().translate(_LOOKALIKES)
    return base64url.digest(typed.encode())
