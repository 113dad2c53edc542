"""Frozen answers on their way: queued, in flight, settled or dead.

::

    queued <-> in_flight --> settled    the service has it, or says why it never will
                        `--> dead       refused for good: kept, shown, never sent again

Nothing leaves ``settled`` or ``dead``. Whatever was in flight when the process died is
queued again, because its outcome is unknown and sending it twice does no harm.
"""

from dataclasses import dataclass

from rapport_client import b64
from rapport_client.errors import AlreadyAnswered
from rapport_client.flows.send import Item, Verdict
from rapport_client.store.database import Database

DEAD = "rejected"


@dataclass(frozen=True)
class ItemStatus:
    """Where one answer is.

    Attributes:
        wave: the wave that it answers.
        state: ``queued``, ``in_flight``, ``settled`` or ``dead``.
        status: what the service said last, None before it said anything.
        reason: why, where the service gave a reason.
    """

    wave: str
    state: str
    status: str | None
    reason: str | None


@dataclass(frozen=True)
class OutboxStatus:
    """How many answers are where; ``items`` tells each, in the order of answering."""

    queued: int
    in_flight: int
    settled: int
    dead: int
    items: tuple[ItemStatus, ...]


class Outbox:
    """The queue of frozen answers, in the order of answering."""

    def __init__(self, database: Database) -> None:
        self._database = database
        if database.read("SELECT 1 FROM outbox WHERE state = 'in_flight' LIMIT 1"):
            with database.write() as rows:
                rows.execute(
                    "UPDATE outbox SET state = 'queued' WHERE state = 'in_flight'"
                )

    def add(self, wave: str, ballot: str, ballot_hash: str, content: bytes) -> None:
        """Queues an answer; it is on disk when this returns.

        Args:
            wave: the wave that it answers.
            ballot: the right to answer.
            ballot_hash: the hash of the ballot's R, as the service will echo it.
            content: the frozen bytes.

        Raises:
            AlreadyAnswered: the wave has an answer.
        """
        with self._database.write() as rows:
            added = rows.execute(
                "INSERT INTO outbox (wave, ballot, hash, content, digest, state)"
                " VALUES (?, ?, ?, ?, ?, 'queued') ON CONFLICT (wave) DO NOTHING",
                (wave, ballot, ballot_hash, content, b64.digest(content)),
            )
            if added.rowcount == 0:
                raise AlreadyAnswered("this pulse has been answered on this device")

    def take(self) -> tuple[int, Item] | None:
        """Marks the oldest queued answer as in flight and returns it with its number.

        Returns:
            None when nothing is queued.
        """
        with self._database.write() as rows:
            row = rows.execute(
                "SELECT seq, ballot, hash, content, digest FROM outbox"
                " WHERE state = 'queued' ORDER BY seq LIMIT 1"
            ).fetchone()
            if row is None:
                return None
            seq, *members = row
            rows.execute("UPDATE outbox SET state = 'in_flight' WHERE seq = ?", (seq,))
        return seq, Item(*members)

    def find(self, wave: str) -> tuple[int, Item] | None:
        """The answer to a wave, wherever it is, with its number.

        Returns:
            None when the wave was not answered.
        """
        rows = self._database.read(
            "SELECT seq, ballot, hash, content, digest FROM outbox WHERE wave = ?", wave
        )
        if not rows:
            return None
        seq, *members = rows[0]
        return seq, Item(*members)

    def put_back(self, seq: int) -> None:
        """Queues an answer whose outcome is unknown; no effect once it is known."""
        with self._database.write() as rows:
            rows.execute(
                "UPDATE outbox SET state = 'queued'"
                " WHERE seq = ? AND state = 'in_flight'",
                (seq,),
            )

    def conclude(self, seq: int, verdict: Verdict) -> None:
        """Records what the service said of an answer; the first verdict stands."""
        state = "dead" if verdict.status == DEAD else "settled"
        with self._database.write() as rows:
            rows.execute(
                "UPDATE outbox SET state = ?, status = ?, reason = ?"
                " WHERE seq = ? AND state IN ('queued', 'in_flight')",
                (state, verdict.status, verdict.reason, seq),
            )

    def has(self, wave: str) -> bool:
        """Whether the wave has been answered on this device."""
        return bool(self._database.read("SELECT 1 FROM outbox WHERE wave = ?", wave))

    def status(self) -> OutboxStatus:
        """Where every answer is."""
        rows = self._database.read(
            "SELECT wave, state, status, reason FROM outbox ORDER BY seq"
        )
        items = tuple(ItemStatus(*row) for row in rows)
        states = [item.state for item in items]
        return OutboxStatus(
            queued=states.count("queued"),
            in_flight=states.count("in_flight"),
            settled=states.count("settled"),
            dead=states.count("dead"),
            items=items,
        )
