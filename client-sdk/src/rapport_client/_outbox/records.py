"""What the table of the outbox holds sealed: what was frozen, and its fate."""

import math
from dataclasses import dataclass, field, replace

from rapport_client._outbox.keys import Vault
from rapport_client._outbox.namespace import dump, load
from rapport_client._protocol.send import SubmissionItem

_ITEM = b"outbox item"
_SETTLEMENT = b"outbox fate"


@dataclass(frozen=True)
class FrozenItem:
    """An answer or a withdrawal, as it was frozen.

    Attributes:
        wave: the wave's public id.
        ballot: the right to answer.
        hash: of the ballot's R, as the service must echo it.
        content: the frozen bytes; None for a withdrawal.
        digest: of the content, as the service must echo it; None for a withdrawal.
        keep_seconds: how long the charter has it kept after it was settled.
        epoch: the server's epoch when the ballot was drawn.
        at: when it was frozen, seconds since the epoch by the device's clock.
        erased: whether ballot and content are gone.
        retires_at: from when the ballot is worth nothing, seconds since the epoch;
            unknown where an earlier build froze it.
    """

    wave: str
    ballot: str = field(repr=False)
    hash: str
    content: bytes | None = field(repr=False)
    digest: str | None
    keep_seconds: int
    epoch: str
    at: float
    erased: bool = False
    retires_at: float = math.inf

    @property
    def op(self) -> str:
        """``submit`` or ``withdraw``."""
        return "withdraw" if self.digest is None else "submit"

    def as_item(self) -> SubmissionItem:
        """What is sent of it."""
        return SubmissionItem(self.ballot, self.hash, self.content, self.digest)

    def without_content(self) -> "FrozenItem":
        """What stays once it need not be offered again: which, but not what."""
        return replace(self, ballot="", content=None, erased=True)


@dataclass(frozen=True)
class Settlement:
    """What became of an item.

    Attributes:
        status: the service's word for it; None where it never came to that.
        reason: why, where there is a reason.
        epoch: the server's epoch, as far as it was known then.
        noted: when it was noted, seconds since the epoch by the corrected clock.
        at: the same where it rests on the service's word, None elsewhere.
    """

    status: str | None
    reason: str | None
    epoch: str | None = None
    noted: float = 0.0
    at: float | None = None


UNREADABLE = Settlement(None, "unreadable")
"""The fate of an item that does not open any more: bits rot, and hands slip."""


def seal(vault: Vault, record: FrozenItem | Settlement, wave: bytes, op: str) -> bytes:
    """Seals what was frozen, or its fate, for its row."""
    column = _ITEM if isinstance(record, FrozenItem) else _SETTLEMENT
    return vault.seal(dump(record), column, wave, op.encode())


def open_item(vault: Vault, sealed: bytes, wave: bytes, op: str) -> FrozenItem:
    """Opens what was frozen.

    Raises:
        OutboxDamaged: it does not open any more.
    """
    return load(FrozenItem, vault.open(sealed, _ITEM, wave, op.encode()))


def open_settlement(vault: Vault, sealed: bytes, wave: bytes, op: str) -> Settlement:
    """Opens what the service said.

    Raises:
        OutboxDamaged: it does not open any more.
    """
    return load(Settlement, vault.open(sealed, _SETTLEMENT, wave, op.encode()))
