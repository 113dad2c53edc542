"""One person's outbox: frozen items, the state of each, and the status of all.

::

    queued <-> in_flight --> settled    the service has it, or says why it never will
       ^                `--> dead       refused for good: kept, shown, not sent again
       `------------------------------- offered again if the service was restored, or
                                        if the person asks; by itself a dead item is
                                        offered only if its key was unknown

Items that were in flight when the process died are queued again: their outcome is
unknown, and sending an item twice does no harm.
"""

import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rapport_client._outbox import last_contact, records
from rapport_client._outbox.namespace import Namespace
from rapport_client._outbox.records import FrozenItem, Settlement
from rapport_client._protocol import base64url
from rapport_client._protocol.send import SubmissionItem
from rapport_client._wording import bilingual_wording
from rapport_client.errors import AlreadyAnswered, OutboxDamaged
from rapport_client.models import (
    DeadItem,
    ItemOp,
    ItemState,
    ItemStatus,
    OutboxStatus,
)

ANSWERED_MESSAGE = bilingual_wording(
    "this pulse has been answered on this device",
    "ya se respondió a este pulso en este dispositivo",
)


@dataclass(frozen=True)
class OutboxEntry:
    """One row of the table: an item and its state.

    Attributes:
        seq: its number in the order of freezing.
        op: ``submit`` or ``withdraw``.
        state: ``queued``, ``in_flight``, ``settled`` or ``dead``.
        frozen: the item; None where it does not open any more.
        settlement: the last result, None before there is one.
    """

    seq: int
    op: ItemOp
    state: ItemState
    frozen: FrozenItem | None = field(repr=False)
    settlement: Settlement | None


class Outbox:
    """One person's frozen answers and withdrawals, in the order of freezing."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace

    def add(self, frozen: FrozenItem) -> None:
        """Queues an answer or a withdrawal; it is on disk when this returns.

        A second withdrawal changes nothing.

        Raises:
            AlreadyAnswered: the wave has an answer.
            OutboxFull: the file has reached its cap.
        """
        self._namespace.database.assert_has_room()
        with self._namespace.write() as rows:
            self.insert(rows, frozen)

    def insert(self, rows: sqlite3.Connection, frozen: FrozenItem) -> None:
        """Queues an answer or a withdrawal in a transaction of the caller's.

        Raises:
            AlreadyAnswered: the wave has an answer.
        """
        wave = self.wave_key(frozen.wave_id)
        added = rows.execute(
            "INSERT INTO outbox (person, wave, op, state, item)"
            " VALUES (?, ?, ?, 'queued', ?) ON CONFLICT (wave, op) DO NOTHING",
            (
                self._namespace.key,
                wave,
                frozen.op,
                records.seal(self._namespace.vault, frozen, wave, frozen.op),
            ),
        )
        if added.rowcount == 0 and frozen.op == "submit":
            raise AlreadyAnswered(ANSWERED_MESSAGE)

    def find_answer(self, wave_id: str) -> tuple[int, SubmissionItem] | None:
        """The answer to a wave in any state, with its number.

        Returns:
            None when the wave was not answered, or the answer was erased.
        """
        entry = self.find(wave_id, "submit")
        item = entry.frozen.as_item() if entry and entry.frozen else None
        return None if entry is None or item is None else (entry.seq, item)

    def find(self, wave_id: str, op: str) -> OutboxEntry | None:
        """The answer (``submit``) to a wave, or its ``withdraw``, in any state."""
        rows = self._namespace.database.read(
            "SELECT seq, wave, op, state, item, settlement FROM outbox"
            " WHERE wave = ? AND op = ?",
            self.wave_key(wave_id),
            op,
        )
        return self._read_entry(*rows[0]) if rows else None

    def entries(self) -> list[OutboxEntry]:
        """All items of this person."""
        rows = self._namespace.database.read(
            "SELECT seq, wave, op, state, item, settlement FROM outbox"
            " WHERE person = ? ORDER BY seq",
            self._namespace.key,
        )
        return [self._read_entry(*row) for row in rows]

    def wave_key(self, wave_id: str) -> bytes:
        """The keyed hash of a wave and this person, as it is in the table."""
        return self._namespace.name("wave", wave_id)

    def _read_entry(
        self,
        seq: int,
        wave: bytes,
        op: ItemOp,
        state: ItemState,
        item: bytes,
        settlement: bytes,
    ) -> OutboxEntry:
        vault = self._namespace.vault
        try:
            frozen = self._open_item(item, wave, op)
            opened = settlement and records.open_settlement(vault, settlement, wave, op)
        except OutboxDamaged:
            return OutboxEntry(seq, op, "dead", None, records.UNREADABLE)
        return OutboxEntry(seq, op, state, frozen, opened or None)

    def _open_item(self, item: bytes, wave: bytes, op: str) -> FrozenItem:
        """The frozen item, if this person froze it."""
        frozen = records.open_item(self._namespace.vault, item, wave, op)
        if self.wave_key(frozen.wave_id) != wave:
            raise OutboxDamaged("an item was put under another person")
        return frozen


_UNSETTLED = frozenset({"queued", "in_flight"})
_UNREADABLE_WAVE = "(unreadable)"


def read_status(namespace: Namespace, now: datetime) -> OutboxStatus:
    """The status of a person's outbox, at a time by the device's clock."""
    entries = Outbox(namespace).entries()
    states = [entry.state for entry in entries]
    waiting = [
        entry.frozen.at
        for entry in entries
        if entry.frozen is not None and entry.state in _UNSETTLED
    ]
    contact = last_contact.read_last_contact(namespace).contact
    return OutboxStatus(
        queued=states.count("queued"),
        in_flight=states.count("in_flight"),
        settled=states.count("settled"),
        dead=states.count("dead"),
        items=tuple(to_item_status(entry) for entry in entries),
        oldest=(
            timedelta(seconds=max(0.0, now.timestamp() - min(waiting)))
            if waiting
            else None
        ),
        last_contact=None if contact is None else datetime.fromtimestamp(contact, UTC),
    )


def read_dead(namespace: Namespace) -> list[DeadItem]:
    """All dead items, with all that is known of them."""
    return [
        _to_dead_item(entry)
        for entry in Outbox(namespace).entries()
        if entry.state == "dead"
    ]


def to_item_status(entry: OutboxEntry) -> ItemStatus:
    """The status of an item as the person is shown it."""
    settlement = entry.settlement or records.Settlement(None, None)
    return ItemStatus(
        wave_id=entry.frozen.wave_id if entry.frozen else _UNREADABLE_WAVE,
        op=entry.op,
        state=entry.state,
        status=settlement.status,
        reason=settlement.reason,
    )


def _to_dead_item(entry: OutboxEntry) -> DeadItem:
    status, frozen = to_item_status(entry), entry.frozen
    envelope = frozen.envelope if frozen else None
    return DeadItem(
        wave_id=status.wave_id,
        op=status.op,
        status=status.status,
        reason=status.reason,
        ballot=frozen.ballot if frozen else None,
        hash=frozen.hash if frozen else None,
        envelope=None if envelope is None else base64url.encode(envelope),
        digest=frozen.digest if frozen else None,
    )
