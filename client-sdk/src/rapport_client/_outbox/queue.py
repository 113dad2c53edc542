"""The sending side of the outbox: items are taken, and their fates are noted."""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from rapport_client._outbox import last_contact, records
from rapport_client._outbox.database import Database
from rapport_client._outbox.namespace import Namespace, find_person_name
from rapport_client._outbox.records import FrozenItem, Settlement
from rapport_client._protocol.send import SubmissionItem, SubmissionResult
from rapport_client.errors import OutboxDamaged

REJECTED = "rejected"
FINAL = "final"
WITHDRAWN = "withdrawn"
MAX_ITEM_FAILURES = 3
"""Failures in a row after which a lone item goes behind all others, and alone."""

# An answer waits while its own withdrawal is on the way: it may not have to go at all.
_SELECT_READY = """
    SELECT seq, person, wave, op, failures, item FROM outbox AS one
    WHERE state = 'queued' AND (? IS NULL OR person = ?)
    AND NOT (op = 'submit' AND EXISTS (
        SELECT 1 FROM outbox WHERE wave = one.wave AND op = 'withdraw'
        AND state IN ('queued', 'in_flight')
    ))
    ORDER BY place IS NOT NULL, place, seq
"""


@dataclass(frozen=True)
class ClaimedItem:
    """An item that is in flight.

    Attributes:
        seq: its number.
        failures: how often in a row it broke the service, sent alone.
        item: what is sent.
        whose: the name of the person, where the queue is everybody's.
    """

    seq: int
    failures: int
    item: SubmissionItem
    person_name: str | None


class Queue:
    """What waits to be sent: one person's items, or everybody's in the file.

    Only who holds the file's turn to sync may use it.

    Args:
        database: the file.
        person: the key of a namespace; None for everybody's.
    """

    def __init__(self, database: Database, person: bytes | None = None) -> None:
        self._database = database
        self._person = person

    @property
    def is_shared(self) -> bool:
        """Whether it holds the items of many people, so that names tell them apart."""
        return self._person is None

    def recover(self) -> None:
        """Queues again what was in flight when a process died.

        Nobody else can have anything in flight: that takes the turn to sync.
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

        An item that has broken the service before travels alone.

        Args:
            most: how many items at most.
            most_bytes: how long they may be together; one item may always go.
            resting: numbers of items that are not to be taken now.

        Returns:
            No item when nothing is ready.
        """
        with self._database.write() as rows:
            taken: list[ClaimedItem] = []
            length = 0
            for seq, person, wave, op, failures, value in rows.execute(
                _SELECT_READY, (self._person, self._person)
            ).fetchall():
                alone = failures >= MAX_ITEM_FAILURES
                if seq in resting or (alone and taken):
                    continue
                frozen = self._open_or_mark_dead(rows, seq, wave, op, value)
                if frozen is None:
                    continue
                item = frozen.as_item()
                length += item.wire_bytes
                if taken and length > max_bytes:
                    break
                whose = (
                    find_person_name(self._database, person) if self.is_shared else None
                )
                taken.append(ClaimedItem(seq, failures, item, whose))
                if alone or len(taken) == max_items:
                    break
            _set_state(rows, "in_flight", [each.seq for each in taken])
        return taken

    def requeue(self, seqs: Sequence[int]) -> None:
        """Queues items whose outcome is unknown; no effect once it is known."""
        with self._database.write() as rows:
            rows.executemany(
                "UPDATE outbox SET state = 'queued'"
                " WHERE seq = ? AND state = 'in_flight'",
                [(seq,) for seq in seqs],
            )

    def record_failures(self, seq: int, failures: int) -> None:
        """Notes how often an item broke the service; it goes to the back in time."""
        with self._database.write() as rows:
            rows.execute(
                "UPDATE outbox SET failures = ? WHERE seq = ?", (failures, seq)
            )
            if failures >= MAX_ITEM_FAILURES:
                rows.execute(
                    "UPDATE outbox SET place ="
                    " (SELECT coalesce(max(place), 0) + 1 FROM outbox) WHERE seq = ?",
                    (seq,),
                )

    def settle(
        self,
        results: Iterable[tuple[int, SubmissionResult]],
        *,
        now: float,
        at: float | None,
    ) -> None:
        """Records what the service said of items, all in one transaction.

        Args:
            verdicts: by number; the first verdict of an item stands.
            now: the time by the corrected clock.
            at: the same where it rests on the service's word.
        """
        with self._database.write() as rows:
            people = {
                self._settle(rows, seq, verdict, now, at) for seq, verdict in results
            }
            for person in people:
                last_contact.record_contact(
                    rows, Namespace(self._database, person), contact=now
                )

    def mark_dead(self, seq: int, reason: str) -> None:
        """Declares an item dead that the service takes in no request."""
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
        verdict: SubmissionResult,
        now: float,
        at: float | None,
    ) -> bytes:
        ((person, wave, op),) = rows.execute(
            "SELECT person, wave, op FROM outbox WHERE seq = ?", (seq,)
        )
        epoch = last_contact.read_last_contact(Namespace(self._database, person)).epoch
        fate = Settlement(verdict.status, verdict.reason, epoch, now, at)
        state = "dead" if verdict.status == REJECTED else "settled"
        self._close_item(rows, seq, wave, op, state, fate)
        return bytes(person)

    def _close_item(
        self,
        rows: sqlite3.Connection,
        seq: int,
        wave: bytes,
        op: str,
        state: str,
        fate: Settlement,
    ) -> None:
        """Ends an item; a withdrawal takes the answer with it that has not gone.

        Whoever took an answer back does not want it to go, least of all when nobody
        could be told. Only where there was nothing left to take back it goes on. An
        answer that was refused before is no more than withdrawn once that is said.
        """
        told = records.seal(self._database.vault, fate, wave, op)
        rows.execute(
            "UPDATE outbox SET state = ?, fate = ?, failures = 0, place = NULL"
            " WHERE seq = ? AND state IN ('queued', 'in_flight')",
            (state, told, seq),
        )
        if op == "withdraw" and fate.status != FINAL:
            rows.execute(
                "UPDATE outbox SET state = ?, fate = ?, failures = 0, place = NULL"
                " WHERE wave = ? AND op = 'submit'"
                " AND (state = 'queued' OR state = 'dead' AND ?)",
                (
                    state,
                    records.seal(self._database.vault, fate, wave, "submit"),
                    wave,
                    fate.status == WITHDRAWN,
                ),
            )

    def _open_or_mark_dead(
        self, rows: sqlite3.Connection, seq: int, wave: bytes, op: str, value: bytes
    ) -> FrozenItem | None:
        """What was frozen; an item that does not open dies and blocks no other."""
        try:
            return records.open_item(self._database.vault, value, wave, op)
        except OutboxDamaged:
            self._close_item(rows, seq, wave, op, "dead", records.UNREADABLE)
            return None


def _set_state(rows: sqlite3.Connection, state: str, seqs: Sequence[int]) -> None:
    rows.executemany(
        "UPDATE outbox SET state = ? WHERE seq = ?", [(state, seq) for seq in seqs]
    )
