"""Enrolment of a person at the poll book: codes presented, tokens received."""

import secrets
from dataclasses import dataclass, field, replace

from rapport_client._outbox.namespace import DOCUMENT_KIND, Namespace
from rapport_client._outbox.origins import Origins, save_origins
from rapport_client._protocol.pull import SYNC_PATH
from rapport_client._protocol.tokens import Tokens
from rapport_client.errors import OutboxDamaged

DEVICE_BYTES = 32

_UNREADABLE_MESSAGE = (
    "the enrolment on this device cannot be read any more; ask for a new code and"
    " enrol with it again (--again; again=True)"
)

_ATTEMPT = "attempt"
_ACCOUNT = "account"


@dataclass(frozen=True)
class _Attempt:
    """The device secret, on disk before a code is presented."""

    device: bytes = field(repr=False)


@dataclass(frozen=True)
class _Account:
    """The tokens that the newest code gave."""

    code: str = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    obtained_at: int
    expires_in: int


class Enrolment:
    """The enrolment of one person; a newer code replaces an older one."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace
        self._shared = Namespace.shared(namespace.database)

    def device_for(self, code: str) -> bytes:
        """The 32 random bytes to present with a code, the same on every attempt.

        They are on disk before they are returned, so that after a lost reply the same
        device can ask again.

        Raises:
            OutboxFull: the file has reached its cap; the code was not presented.
        """
        spelling = _normalize_code(code)
        with self._namespace.write() as rows:
            attempt = self._namespace.get(_ATTEMPT, _Attempt, spelling)
            if attempt is None:
                self._namespace.database.assert_has_room()
                attempt = _Attempt(secrets.token_bytes(DEVICE_BYTES))
                self._namespace.put(rows, _ATTEMPT, attempt, spelling)
        return attempt.device

    def is_enrolled_with(self, code: str) -> bool:
        """Whether this code is the one that the person is enrolled with."""
        account = self._load_account()
        return account is not None and account.code == _normalize_code(code)

    def begin(self, code: str, tokens: Tokens, now: int, origins: Origins) -> None:
        """Stores the tokens that a code gave; ballots and answers stay as they are.

        Args:
            code: the enrolment code.
            tokens: from the reply.
            now: seconds since the epoch, by the device's clock.
            origins: of the service that gave them; the file's from now on.
        """
        account = _Account(
            code=_normalize_code(code),
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token or "",
            obtained_at=now,
            expires_in=tokens.expires_in,
        )
        with self._namespace.write() as rows:
            # If the last code was given to the wrong person, the list is that person's.
            self._namespace.remove(rows, DOCUMENT_KIND, SYNC_PATH)
            self._namespace.put(rows, _ACCOUNT, account)
            save_origins(rows, self._shared, origins)

    def renew(self, tokens: Tokens, now: int, origins: Origins | None = None) -> None:
        """Replaces the tokens by their successors.

        Args:
            tokens: from the reply.
            now: seconds since the epoch, by the device's clock.
            origins: of the service that gave them, if it has moved.
        """
        with self._namespace.write() as rows:
            account = self._require_account()
            renewed = replace(
                account,
                access_token=tokens.access_token,
                refresh_token=tokens.refresh_token or account.refresh_token,
                obtained_at=now,
                expires_in=tokens.expires_in,
            )
            self._namespace.put(rows, _ACCOUNT, renewed)
            if origins is not None:
                save_origins(rows, self._shared, origins)

    def last_access_token(self) -> str | None:
        """The newest access token, also if it has expired; None if there is none."""
        account = self._load_account()
        return None if account is None else account.access_token

    def access_token(self, now: int) -> str | None:
        """The access token, if there is one that should still be valid.

        After the clock went back a token's age is unknown, so it counts as old.
        """
        account = self._load_account()
        if account is None or not 0 <= now - account.obtained_at < account.expires_in:
            return None
        return account.access_token

    def exists(self) -> bool:
        """Whether the person was ever enrolled, even if the record is corrupt now."""
        return self._namespace.has(_ACCOUNT)

    def refresh_token(self) -> str:
        """The refresh token of an enrolled person.

        Raises:
            OutboxDamaged: it does not open any more; a new code gives another.
        """
        return self._require_account().refresh_token

    def _load_account(self) -> _Account | None:
        return self._namespace.get_readable(_ACCOUNT, _Account)

    def _require_account(self) -> _Account:
        account = self._load_account()
        if account is None:
            raise OutboxDamaged(_UNREADABLE_MESSAGE)
        return account


def _normalize_code(code: str) -> str:
    """A code as the service reads it: without spaces, in one case."""
    return "".join(code.split()).casefold()
