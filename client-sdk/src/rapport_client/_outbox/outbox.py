"""What a person froze here, and where each of it is: queued, in flight, settled, dead.

::

    queued <-> in_flight --> settled    the service has it, or says why it never will
       ^                `--> dead       refused for good: kept, shown, not sent again
       `------------------------------- offered again once the service was restored, as
                                        is what died of a key that it did not know

Whatever was in flight when the process died is queued again, because its outcome is
unknown and sending it twice does no harm.
"""

from dataclasses import dataclass, field

from rapport_client._outbox import records
from rapport_client._outbox.namespace import Namespace
from rapport_client._outbox.records import FrozenItem, Settlement
from rapport_client._protocol.send import SubmissionItem
from rapport_client.errors import AlreadyAnswered, OutboxDamaged


@dataclass(frozen=True)
class OutboxEntry:
    """One row: what was frozen, and what became of it.

    Attributes:
        seq: its number in the order of freezing.
        op: ``submit`` or ``withdraw``.
        state: ``queued``, ``in_flight``, ``settled`` or ``dead``.
        frozen: None where it does not open any more.
        fate: what the service said last, None before it said anything.
    """

    seq: int
    op: str
    state: str
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
        wave = self.wave_key(frozen.wave)
        with self._namespace.write() as rows:
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
                raise AlreadyAnswered("this pulse has been answered on this device")

    def find_answer(self, wave: str) -> tuple[int, SubmissionItem] | None:
        """The answer to a wave, wherever it is, with its number.

        Returns:
            None when the wave was not answered, or the answer was erased.
        """
        for entry in self.entries():
            frozen = entry.frozen
            if frozen is not None and frozen.wave == wave and frozen.op == "submit":
                return None if frozen.erased else (entry.seq, frozen.as_item())
        return None

    def has(self, wave: str, op: str) -> bool:
        """Whether the wave has an answer (``submit``) or a ``withdraw`` here."""
        name = self.wave_key(wave)
        return bool(
            self._namespace.database.read(
                "SELECT 1 FROM outbox WHERE wave = ? AND op = ?", name, op
            )
        )

    def entries(self) -> list[OutboxEntry]:
        """Everything that this person froze here."""
        rows = self._namespace.database.read(
            "SELECT seq, wave, op, state, item, fate FROM outbox"
            " WHERE person = ? ORDER BY seq",
            self._namespace.key,
        )
        return [self._read_entry(*row) for row in rows]

    def wave_key(self, wave: str) -> bytes:
        """What stands for a wave of this person's in the table."""
        return self._namespace.name("wave", wave)

    def _read_entry(
        self, seq: int, wave: bytes, op: str, state: str, item: bytes, fate: bytes
    ) -> OutboxEntry:
        vault = self._namespace.vault
        try:
            frozen = self._open_item(item, wave, op)
            told = fate and records.open_settlement(vault, fate, wave, op)
        except OutboxDamaged:
            return OutboxEntry(seq, op, "dead", None, records.UNREADABLE)
        return OutboxEntry(seq, op, state, frozen, told or None)

    def _open_item(self, item: bytes, wave: bytes, op: str) -> FrozenItem:
        """What was frozen, if it was frozen by this person."""
        frozen = records.open_item(self._namespace.vault, item, wave, op)
        if self.wave_key(frozen.wave) != wave:
            raise OutboxDamaged("an item was put under another person")
        return frozen
