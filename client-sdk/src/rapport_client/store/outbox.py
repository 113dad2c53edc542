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

from rapport_client.errors import AlreadyAnswered, OutboxDamaged
from rapport_client.flows.send import Item
from rapport_client.store import sealed
from rapport_client.store.sealed import Fate, Frozen
from rapport_client.store.space import Space


@dataclass(frozen=True)
class Entry:
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
    frozen: Frozen | None = field(repr=False)
    fate: Fate | None


class Outbox:
    """One person's frozen answers and withdrawals, in the order of freezing."""

    def __init__(self, space: Space) -> None:
        self._space = space

    def add(self, frozen: Frozen) -> None:
        """Queues an answer or a withdrawal; it is on disk when this returns.

        A second withdrawal changes nothing.

        Raises:
            AlreadyAnswered: the wave has an answer.
            OutboxFull: the file has reached its cap.
        """
        self._space.database.must_have_room()
        wave = self.wave_name(frozen.wave)
        with self._space.write() as rows:
            added = rows.execute(
                "INSERT INTO outbox (person, wave, op, state, item)"
                " VALUES (?, ?, ?, 'queued', ?) ON CONFLICT (wave, op) DO NOTHING",
                (
                    self._space.key,
                    wave,
                    frozen.op,
                    sealed.seal(self._space.vault, frozen, wave, frozen.op),
                ),
            )
            if added.rowcount == 0 and frozen.op == "submit":
                raise AlreadyAnswered("this pulse has been answered on this device")

    def find(self, wave: str) -> tuple[int, Item] | None:
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
        name = self.wave_name(wave)
        return bool(
            self._space.database.read(
                "SELECT 1 FROM outbox WHERE wave = ? AND op = ?", name, op
            )
        )

    def entries(self) -> list[Entry]:
        """Everything that this person froze here."""
        rows = self._space.database.read(
            "SELECT seq, wave, op, state, item, fate FROM outbox"
            " WHERE person = ? ORDER BY seq",
            self._space.key,
        )
        return [self._entry(*row) for row in rows]

    def wave_name(self, wave: str) -> bytes:
        """What stands for a wave of this person's in the table."""
        return self._space.name("wave", wave)

    def _entry(
        self, seq: int, wave: bytes, op: str, state: str, item: bytes, fate: bytes
    ) -> Entry:
        vault = self._space.vault
        try:
            frozen = self._opened(item, wave, op)
            told = fate and sealed.open_fate(vault, fate, wave, op)
        except OutboxDamaged:
            return Entry(seq, op, "dead", None, sealed.UNREADABLE)
        return Entry(seq, op, state, frozen, told or None)

    def _opened(self, item: bytes, wave: bytes, op: str) -> Frozen:
        """What was frozen, if it was frozen by this person."""
        frozen = sealed.open_item(self._space.vault, item, wave, op)
        if self.wave_name(frozen.wave) != wave:
            raise OutboxDamaged("an item was put under another person")
        return frozen
