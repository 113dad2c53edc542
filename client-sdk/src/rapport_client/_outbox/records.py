"""Encrypted values of the outbox table: the frozen item, and its settlement."""

from dataclasses import dataclass, field, replace

from rapport_client._outbox.keys import Vault
from rapport_client._outbox.namespace import dump, load
from rapport_client._protocol.send import SubmissionItem
from rapport_client.models import ItemOp

_ITEM = b"outbox item"
_SETTLEMENT = b"outbox settlement"


@dataclass(frozen=True)
class FrozenItem:
    """An answer or a withdrawal, as it was frozen: the same bytes go out every time.

    Attributes:
        op: ``submit`` or ``withdraw``.
        wave_id: the wave's public id.
        ballot: the right to answer.
        hash: of the ballot's R, as the service must echo it.
        envelope: the sealed answer, which this device cannot open; random bytes for a
            withdrawal; None once it is erased.
        digest: of the envelope, as the service must echo it.
        keep_seconds: how long the charter says to keep it after it was settled.
        epoch: the server's epoch when the ballot was drawn.
        at: when it was frozen, seconds since the epoch by the device's clock.
        retires_at: from when the ballot is worth nothing, seconds since the epoch.
    """

    op: ItemOp
    wave_id: str
    ballot: str = field(repr=False)
    hash: str
    envelope: bytes | None = field(repr=False)
    digest: str
    keep_seconds: int
    epoch: str
    at: float
    retires_at: float

    def as_item(self) -> SubmissionItem | None:
        """The part of it that is sent; None once it is erased."""
        if self.envelope is None:
            return None
        return SubmissionItem(
            self.op, self.ballot, self.hash, self.envelope, self.digest
        )

    def without_envelope(self) -> "FrozenItem":
        """The item without ballot and envelope, once it need not be offered again."""
        return replace(self, ballot="", envelope=None)


@dataclass(frozen=True)
class Settlement:
    """The result of an item, and when it was recorded.

    Attributes:
        status: the service's word for it; None if the service gave none.
        reason: why, where there is a reason.
        epoch: the server's epoch, if it was known then.
        noted: when it was recorded, seconds since the epoch by the corrected clock.
        at: the same if the clock could be trusted (``trusted_now``), else None.
    """

    status: str | None
    reason: str | None
    epoch: str | None = None
    noted: float = 0.0
    at: float | None = None


UNREADABLE = Settlement(None, "unreadable")
"""The settlement of an item that does not open any more."""


def seal(vault: Vault, record: FrozenItem | Settlement, wave: bytes, op: str) -> bytes:
    """Seals a frozen item, or its settlement, for its row."""
    column = _ITEM if isinstance(record, FrozenItem) else _SETTLEMENT
    return vault.seal(dump(record), column, wave, op.encode())


def open_item(vault: Vault, sealed: bytes, wave: bytes, op: str) -> FrozenItem:
    """Opens a frozen item.

    Raises:
        OutboxDamaged: it does not open any more.
    """
    return load(FrozenItem, vault.open(sealed, _ITEM, wave, op.encode()))


def open_settlement(vault: Vault, sealed: bytes, wave: bytes, op: str) -> Settlement:
    """Opens a settlement.

    Raises:
        OutboxDamaged: it does not open any more.
    """
    return load(Settlement, vault.open(sealed, _SETTLEMENT, wave, op.encode()))
