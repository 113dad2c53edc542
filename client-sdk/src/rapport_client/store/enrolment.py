"""Who the poll book takes this device for: codes presented, and tokens received."""

import secrets

from rapport_client.flows.pull import SYNC
from rapport_client.flows.tokens import Tokens
from rapport_client.store.database import Database

DEVICE_BYTES = 32


class Enrolment:
    """The device's enrolment; one person per outbox file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def device_for(self, code: str) -> bytes:
        """The 32 random bytes to present with a code, the same on every attempt.

        They are on disk before they are returned, so that a lost reply can be asked
        for again as the same device.
        """
        with self._database.write() as rows:
            rows.execute(
                "INSERT INTO attempts (code, device) VALUES (?, ?)"
                " ON CONFLICT (code) DO NOTHING",
                (_spelling(code), secrets.token_bytes(DEVICE_BYTES)),
            )
            ((device,),) = rows.execute(
                "SELECT device FROM attempts WHERE code = ?", (_spelling(code),)
            )
        committed: bytes = device
        return committed

    def is_with(self, code: str) -> bool:
        """Whether this code is the one that the device is enrolled with."""
        return bool(
            self._database.read(
                "SELECT 1 FROM enrolment WHERE code = ?", _spelling(code)
            )
        )

    def begin(self, code: str, tokens: Tokens, now: int) -> None:
        """Keeps the tokens that a code gave; the list of an earlier person is dropped.

        Args:
            code: the enrolment code.
            tokens: what it gave.
            now: seconds since the epoch, by the device's clock.
        """
        with self._database.write() as rows:
            rows.execute("DELETE FROM documents WHERE path = ?", (SYNC,))
            rows.execute(
                "INSERT OR REPLACE INTO enrolment VALUES (1, ?, ?, ?, ?, ?)",
                (
                    _spelling(code),
                    tokens.access_token,
                    tokens.refresh_token,
                    now,
                    tokens.expires_in,
                ),
            )

    def renew(self, tokens: Tokens, now: int) -> None:
        """Replaces the tokens by their successors, at a time by the device's clock."""
        with self._database.write() as rows:
            rows.execute(
                "UPDATE enrolment SET access_token = ?, obtained_at = ?,"
                " expires_in = ?, refresh_token = coalesce(?, refresh_token)",
                (tokens.access_token, now, tokens.expires_in, tokens.refresh_token),
            )

    def access_token(self, now: int) -> str | None:
        """The access token, if the device has one that should still be good.

        A clock that went back says nothing about a token's age, so it counts as old.
        """
        rows = self._database.read(
            "SELECT access_token FROM enrolment"
            " WHERE ? >= obtained_at AND ? < obtained_at + expires_in",
            now,
            now,
        )
        return rows[0][0] if rows else None

    def exists(self) -> bool:
        """Whether the device was ever enrolled."""
        return bool(self._database.read("SELECT 1 FROM enrolment"))

    def refresh_token(self) -> str:
        """The refresh token of an enrolled device."""
        ((token,),) = self._database.read("SELECT refresh_token FROM enrolment")
        refresh_token: str = token
        return refresh_token


def _spelling(code: str) -> str:
    """A code as the service reads it: without spaces, in one case."""
    return "".join(code.split()).casefold()
