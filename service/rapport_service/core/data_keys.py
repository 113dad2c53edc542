"""Data keys: random, in the database, wrapped under the service's secret.

The secret can be replaced without anything else noticing: the keys are wrapped anew
and stay what they are. Wrapping is AES-256-GCM, bound to purpose and id of the key.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from rapport_service.core.bulk import upsert_rows
from rapport_service.core.clock import Clock
from rapport_service.core.db import Base, Door, read_transaction, without_rowid

KEY_BYTES = 32
NONCE_BYTES = 12

MAX_AGE = timedelta(seconds=2)
"""How long a worker uses its keys before it looks whether they were renewed."""


class KeyPurpose(StrEnum):
    """Purpose of a data key; none ever serves a second one."""

    ACCESS = "access"
    REFRESH = "refresh"
    CODES = "codes"
    CLIENTS = "clients"
    BALLOTS = "ballots"
    CURSORS = "cursors"


RENEWABLE = tuple(purpose for purpose in KeyPurpose if purpose != KeyPurpose.CLIENTS)
"""Keys that are renewed if they leaked.

Not the one that hashes client secrets: those are 256 random bits, so nobody finds one
from its hash, with the key or without it."""


class SecretMismatchError(Exception):
    """The data keys of this database are wrapped under another secret."""

    def __init__(self) -> None:
        super().__init__(
            "RAPPORT_SECRET is not the secret of this database. Set the one that it "
            "was created with, or that it was last rotated to."
        )


class SecretNotReplacedError(Exception):
    """The data keys are wrapped under the current secret, not under one before it."""

    def __init__(self) -> None:
        super().__init__(
            "the keys are already under RAPPORT_SECRET. If somebody has that secret, "
            "new keys under it are theirs too. Make a new secret, set RAPPORT_SECRET "
            "to it and RAPPORT_SECRET_PREVIOUS to the old one, restart every worker, "
            "and run the command again."
        )


class DataKeysMissingError(Exception):
    """The database has no data keys yet."""

    def __init__(self) -> None:
        super().__init__("the database has no keys yet. Run `rapport db upgrade`.")


class DataKeysRenewedError(Exception):
    """The data keys were renewed just now; the same again uses the new ones."""


class DataKey(Base):
    """A data key, wrapped. The id says whether it is still the same key."""

    __tablename__ = "data_keys"
    __table_args__ = without_rowid()

    purpose: Mapped[str] = mapped_column(String(16), primary_key=True)
    key_id: Mapped[UUID]
    wrapped: Mapped[bytes]


@dataclass(frozen=True)
class Keyring:
    """The data keys, unwrapped.

    Attributes:
        access: signs access tokens (Ed25519). Never signs ballots.
        refresh: keys the MAC inside refresh tokens.
        codes: keys the hashes of enrolment codes.
        clients: keys the hashes of client secrets.
        ballots: encrypts the private ballot keys at rest (AES-256-GCM).
        cursors: encrypts the cursors of lists (AES-SIV).
        ballots_id: names the key ``ballots``.
    """

    access: Ed25519PrivateKey = field(repr=False)
    refresh: bytes = field(repr=False)
    codes: bytes = field(repr=False)
    clients: bytes = field(repr=False)
    ballots: bytes = field(repr=False)
    cursors: bytes = field(repr=False)
    ballots_id: UUID

    @classmethod
    def of(cls, keys: Mapping[KeyPurpose, bytes], ballots_id: UUID) -> Self:
        """The keyring of these keys."""
        return cls(
            access=Ed25519PrivateKey.from_private_bytes(keys[KeyPurpose.ACCESS]),
            refresh=keys[KeyPurpose.REFRESH],
            codes=keys[KeyPurpose.CODES],
            clients=keys[KeyPurpose.CLIENTS],
            ballots=keys[KeyPurpose.BALLOTS],
            cursors=keys[KeyPurpose.CURSORS],
            ballots_id=ballots_id,
        )


@dataclass(frozen=True)
class Secrets:
    """The secret of the service, and the one before it while workers still have that.

    Attributes:
        current: wraps keys.
        previous: unwraps keys that were not wrapped anew yet; None if there is none.
    """

    current: bytes = field(repr=False)
    previous: bytes | None = field(default=None, repr=False)

    def wrap(self, purpose: str, key_id: UUID, key: bytes) -> bytes:
        """A key under the current secret."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(_wrapping_key(self.current)).encrypt(
            nonce, key, _name_key(purpose, key_id)
        )
        return nonce + sealed

    def unwrap(self, row: DataKey) -> bytes:
        """The key of a row, under either secret.

        Raises:
            SecretMismatchError: it is wrapped under neither.
        """
        for secret in (self.current, self.previous):
            if secret is not None and (key := _unwrap(row, secret)) is not None:
                return key
        raise SecretMismatchError

    def is_current(self, row: DataKey) -> bool:
        """Whether a row is wrapped under the current secret."""
        return _unwrap(row, self.current) is not None


class DataKeys:
    """The data keys of a database, kept unwrapped while they stay the same.

    Args:
        secrets_: of the service.
        clock: says when to look again whether they were renewed.
    """

    def __init__(self, secrets_: Secrets, clock: Clock) -> None:
        self.secrets = secrets_
        self._clock = clock
        self._loaded_at: datetime | None = None
        self._ids: Sequence[tuple[str, UUID]] = ()
        self._keyring: Keyring | None = None

    def load(self) -> Keyring:
        """The keys now, at most two seconds old.

        Raises:
            DataKeysMissingError: the database has none yet.
            SecretMismatchError: they are wrapped under another secret.
        """
        now = self._clock()
        if (
            self._keyring is None
            or self._loaded_at is None
            or abs(now - self._loaded_at) > MAX_AGE
        ):
            self._keyring = self._reload()
            self._loaded_at = now
        return self._keyring

    def _reload(self) -> Keyring:
        with read_transaction(Door.POLL_BOOK) as session:
            rows = list_data_keys(session)
        ids = [(row.purpose, row.key_id) for row in rows]
        if self._keyring is not None and ids == self._ids:
            return self._keyring  # wrapped anew at most
        keyring = unwrap_keyring(rows, self.secrets)
        self._ids = ids
        return keyring


def list_data_keys(session: Session, *, lock: bool = False) -> list[DataKey]:
    """The data keys, wrapped, by purpose."""
    statement = select(DataKey).order_by(DataKey.purpose)
    if lock:
        statement = statement.with_for_update()
    return list(session.scalars(statement))


def unwrap_keyring(rows: Sequence[DataKey], secrets_: Secrets) -> Keyring:
    """The keyring of the data keys.

    Raises:
        DataKeysMissingError: one is missing.
        SecretMismatchError: they are wrapped under another secret.
    """
    by_purpose = {row.purpose: row for row in rows}
    if by_purpose.keys() != set(KeyPurpose):
        raise DataKeysMissingError
    keys = {
        purpose: secrets_.unwrap(by_purpose[purpose.value]) for purpose in KeyPurpose
    }
    return Keyring.of(keys, by_purpose[KeyPurpose.BALLOTS].key_id)


def create_data_keys(
    session: Session,
    secrets_: Secrets,
    keys: Mapping[KeyPurpose, bytes] | None = None,
) -> bool:
    """Makes the data keys of a new database.

    Args:
        session: behind the poll book's door.
        secrets_: wrap them.
        keys: a test's; random ones if None.

    Returns:
        Whether they were made; False if the database has them.
    """
    if list_data_keys(session):
        return False
    rows: list[dict[str, Any]] = []
    for purpose in KeyPurpose:
        key = secrets.token_bytes(KEY_BYTES) if keys is None else keys[purpose]
        key_id = uuid4()
        wrapped = secrets_.wrap(purpose, key_id, key)
        rows.append({"purpose": purpose.value, "key_id": key_id, "wrapped": wrapped})
    upsert_rows(session, DataKey, rows, key=("purpose",))
    # Of two first upgrades at the same moment, one makes every key.
    made = {row["key_id"] for row in rows}
    return {row.key_id for row in list_data_keys(session)} == made


def rewrap_data_keys(session: Session, secrets_: Secrets) -> bool:
    """Wraps the data keys under the current secret; they stay what they are.

    Returns:
        Whether any was wrapped under the one before.

    Raises:
        SecretMismatchError: they are wrapped under neither secret.
    """
    rows = [
        row
        for row in list_data_keys(session, lock=True)
        if not secrets_.is_current(row)
    ]
    for row in rows:
        row.wrapped = secrets_.wrap(row.purpose, row.key_id, secrets_.unwrap(row))
    session.flush()
    return bool(rows)


def require_replaced_secret(session: Session, secrets_: Secrets) -> None:
    """Checks that the data keys still wait for a new secret; locks them.

    Raises:
        SecretNotReplacedError: they are all wrapped under the current one.
    """
    rows = list_data_keys(session, lock=True)
    if rows and all(secrets_.is_current(row) for row in rows):
        raise SecretNotReplacedError


def renew_data_keys(session: Session, secrets_: Secrets) -> tuple[Keyring, Keyring]:
    """Puts random keys in place of those that leaked.

    Returns:
        The keyrings before and after. What is kept under ``ballots`` is still kept
        under the one before.

    Raises:
        DataKeysMissingError: the database has none yet.
        SecretMismatchError: they are wrapped under another secret.
    """
    rows = list_data_keys(session, lock=True)
    before = unwrap_keyring(rows, secrets_)
    for row in rows:
        key = secrets_.unwrap(row)
        if row.purpose in RENEWABLE:
            key, row.key_id = secrets.token_bytes(KEY_BYTES), uuid4()
        row.wrapped = secrets_.wrap(row.purpose, row.key_id, key)
    session.flush()
    return before, unwrap_keyring(rows, secrets_)


def require_current_ballots_key(session: Session, keyring: Keyring) -> None:
    """Holds the key of ``ballots`` as it is until the commit.

    Raises:
        DataKeysRenewedError: it was renewed since this keyring was loaded.
    """
    key_id = session.scalar(
        select(DataKey.key_id)
        .where(DataKey.purpose == KeyPurpose.BALLOTS)
        .with_for_update(read=True)
    )
    if key_id != keyring.ballots_id:
        raise DataKeysRenewedError


def _wrapping_key(secret: bytes) -> bytes:
    """The key that wraps data keys, from the secret (HKDF, RFC 5869)."""
    info = b"rapport data keys"
    return HKDF(SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)


def _unwrap(row: DataKey, secret: bytes) -> bytes | None:
    nonce, sealed = row.wrapped[:NONCE_BYTES], row.wrapped[NONCE_BYTES:]
    try:
        return AESGCM(_wrapping_key(secret)).decrypt(
            nonce, sealed, _name_key(row.purpose, row.key_id)
        )
    except InvalidTag:
        return None


def _name_key(purpose: str, key_id: UUID) -> bytes:
    return f"{purpose}\0".encode() + key_id.bytes
