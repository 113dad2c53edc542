"""Send queue of the outbox: claims items, and records their results."""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from rapport_client._outbox import last_contact, records
from rapport_client._outbox.database import Database
from rapport_client._outbox.namespace import Namespace, find_person_name
from rapport_client._outbox.records import Settlement
from rapport_client._outbox.seen_charters import SeenCharters
from rapport_client._protocol.send import SubmissionItem, SubmissionResult
from rapport_client.errors import OutboxDamaged

REJECTED = "rejected"
FINAL = "final"
WITHDRAWN = "withdrawn"
CHARTER_CHANGED = "charter_changed"
MAX_ITEM_FAILURES = 3
"""Failures in a row after which an item goes behind all others, and alone."""

# An answer waits while its own withdrawal is on the way: perhaps it need not be sent.
_SELECT_READY = """
    SELECT seq, person, wave, op, failures, item FROM outbox AS ready
    WHERE state = 'queued' AND (? IS NULL OR person = ?)
    AND NOT (op = 'submit' AND EXISTS (
        SELECT 1 FROM outbox WHERE wave = ready.wave AND op = 'withdraw'
        AND state IN ('queued', 'in_flight')
    ))
    ORDER BY position IS NOT NULL, position, seq
"""


@dataclass(frozen=True)
class ClaimedItem:
    """An item that is in flight.

    Attributes:
        seq: its number.
        failures: how often in a row it broke the service, sent alone.
        item: what is sent.
        person_name: the name of the person, where the queue is shared.
    """

    seq: int
    failures: int
    item: SubmissionItem
    person_name: str | None


class Queue:
    """The items that wait to be sent: one person's, or those of all in the file.

    Use it only while you hold the sync lock of the file.

    Args:
        database: the file.
        person: the key of a namespace; None for all people.
    """

    def __init__(self, database: Database, person: bytes | None = None) -> None:
        self._database = database
        self._person = person
        self._seen_charters = SeenCharters(Namespace.shared(database))

    @property
    def is_shared(self) -> bool:
        """Whether it holds the items of many people, so that items need names."""
        return self._person is None

    def recover(self) -> None:
        """Queues again the items that were in flight when a process died.

        No other process can have items in flight: that needs the sync lock.
        """
        if self._database.read(
            "SELECT 1 FROM outbox WHERE state = 'in_flight' LIMIT 1"
        ):
            with self._database.write() as rows:
                rows.execute(
                    "UPDATE outbox SET state = 'queued' WHERE state = 'in_flight'"
                )

    def claim(
        self, max_items: int, max_bytes: int, resting: Collection[int] = ()
    ) -> list[ClaimedItem]:
        """Marks the next items as in flight and returns them.

        An item that has broken the service before goes alone.

        Args:
            max_items: how many items at most.
            max_bytes: how long they may be together; one item may always go.
            resting: numbers of items that must not be claimed now.

        Returns:
            No item when nothing is ready.
        """
        with self._database.write() as rows:
            claimed: list[ClaimedItem] = []
            length = 0
            for seq, person, wave, op, failures, value in rows.execute(
                _SELECT_READY, (self._person, self._person)
            ).fetchall():
                alone = failures >= MAX_ITEM_FAILURES
                if seq in resting or (alone and claimed):
                    continue
                item = self._open_or_mark_dead(rows, seq, wave, op, value)
                if item is None:
                    continue
                length += item.wire_bytes
                if claimed and length > max_bytes:
                    break
                person_name = (
                    find_person_name(self._database, person) if self.is_shared else None
                )
                claimed.append(ClaimedItem(seq, failures, item, person_name))
                if alone or len(claimed) == max_items:
                    break
            _set_state(rows, "in_flight", [each.seq for each in claimed])
        return claimed

    def requeue(self, seqs: Sequence[int]) -> None:
        """Queues items whose outcome is unknown; leaves those that are settled."""
        with self._database.write() as rows:
            rows.executemany(
                "UPDATE outbox SET state = 'queued'"
                " WHERE seq = ? AND state = 'in_flight'",
                [(seq,) for seq in seqs],
            )

    def record_failures(self, seq: int, failures: int) -> None:
        """Records how often an item broke the service; the third time it goes last."""
        with self._database.write() as rows:
            rows.execute(
                "UPDATE outbox SET failures = ? WHERE seq = ?", (failures, seq)
            )
            if failures >= MAX_ITEM_FAILURES:
                rows.execute(
                    "UPDATE outbox SET position = 1 +"
                    " (SELECT coalesce(max(position), 0) FROM outbox) WHERE seq = ?",
                    (seq,),
                )

    def settle(
        self,
        results: Iterable[tuple[int, SubmissionResult]],
        *,
        now: float,
        at: float | None,
    ) -> None:
        """Records the results of items, all in one transaction.

        Args:
            results: by number; the first result of an item is kept.
            now: the time by the corrected clock.
            at: the same if the clock can be trusted, else None.
        """
        with self._database.write() as rows:
            people = {
                self._settle(rows, seq, result, now, at) for seq, result in results
            }
            for person in people:
                last_contact.record_contact(
                    rows, Namespace(self._database, person), contact=now
                )

    def mark_dead(self, seq: int, reason: str) -> None:
        """Marks an item as dead that the service takes in no request."""
        with self._database.write() as rows:
            ((wave, op),) = rows.execute(
                "SELECT wave, op FROM outbox WHERE seq = ?", (seq,)
            )
            self._close_item(rows, seq, wave, op, "dead", Settlement(None, reason))

    def count(self) -> tuple[int, int]:
        """How many items wait, and how many are dead."""
        ((waiting, dead),) = self._database.read(
            "SELECT count(*) FILTER (WHERE state IN ('queued', 'in_flight')),"
            " count(*) FILTER (WHERE state = 'dead')"
            " FROM outbox WHERE ? IS NULL OR person = ?",
            self._person,
            self._person,
        )
        return waiting, dead

    def _settle(
        self,
        rows: sqlite3.Connection,
        seq: int,
        result: SubmissionResult,
        now: float,
        at: float | None,
    ) -> bytes:
        ((person, wave, op),) = rows.execute(
            "SELECT person, wave, op FROM outbox WHERE seq = ?", (seq,)
        )
        epoch = last_contact.read_last_contact(Namespace(self._database, person)).epoch
        settlement = Settlement(result.status, result.reason, epoch, now, at)
        state = "dead" if result.status == REJECTED else "settled"
        self._close_item(rows, seq, wave, op, state, settlement)
        return bytes(person)

    def _close_item(
        self,
        rows: sqlite3.Connection,
        seq: int,
        wave: bytes,
        op: str,
        state: str,
        settlement: Settlement,
    ) -> None:
        """Closes an item; a withdrawal also closes its answer if that was not sent.

        A person who withdrew an answer does not want it sent, even if the withdrawal
        was refused. Only if it came too late (``final``) the answer stays queued. A
        dead answer becomes withdrawn once the service says so.
        """
        sealed = records.seal(self._database.vault, settlement, wave, op)
        rows.execute(
            "UPDATE outbox SET state = ?, settlement = ?, failures = 0, position = NULL"
            " WHERE seq = ? AND state IN ('queued', 'in_flight')",
            (state, sealed, seq),
        )
        if op == "withdraw" and settlement.status != FINAL:
            rows.execute(
                "UPDATE outbox"
                " SET state = ?, settlement = ?, failures = 0, position = NULL"
                " WHERE wave = ? AND op = 'submit'"
                " AND (state = 'queued' OR state = 'dead' AND ?)",
                (
                    state,
                    records.seal(self._database.vault, settlement, wave, "submit"),
                    wave,
                    settlement.status == WITHDRAWN,
                ),
            )

    def _open_or_mark_dead(
        self, rows: sqlite3.Connection, seq: int, wave: bytes, op: str, value: bytes
    ) -> SubmissionItem | None:
        """The part of a frozen item that is sent; None if it may not be, and is dead.

        That is one that does not open, or an answer whose charter has changed.
        """
        with suppress(OutboxDamaged):
            frozen = records.open_item(self._database.vault, value, wave, op)
            if op == "submit" and self._seen_charters.has_changed(frozen.wave_id):
                settlement = Settlement(None, CHARTER_CHANGED)
                self._close_item(rows, seq, wave, op, "dead", settlement)
                return None
            if (item := frozen.as_item()) is not None:
                return item
        self._close_item(rows, seq, wave, op, "dead", records.UNREADABLE)
        return None


def _set_state(rows: sqlite3.Connection, state: str, seqs: Sequence[int]) -> None:
    rows.executemany(
        "UPDATE outbox SET state = ? WHERE seq = ?", [(state, seq) for seq in seqs]
    )
