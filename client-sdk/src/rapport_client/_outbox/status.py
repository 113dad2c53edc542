"""What a person may know of their outbox: how much is where, and why."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rapport_client._outbox import last_contact, records
from rapport_client._outbox.namespace import Namespace
from rapport_client._outbox.outbox import Outbox, OutboxEntry
from rapport_client._pulses import status_messages

_UNSETTLED = frozenset({"queued", "in_flight"})
_UNREADABLE_WAVE = "(unreadable)"


@dataclass(frozen=True)
class ItemStatus:
    """Where one answer or withdrawal is.

    Attributes:
        wave: the wave that it belongs to.
        op: ``submit`` for an answer, ``withdraw`` for taking one back.
        state: ``queued``, ``in_flight``, ``settled`` or ``dead``.
        status: what the service said last, None before it said anything.
        reason: why, where there is a reason.
    """

    wave: str
    op: str
    state: str
    status: str | None
    reason: str | None

    def in_words(self, language: str = "en") -> str:
        """What a person should know of it, in one sentence.

        Args:
            language: such as ``en`` or ``es``; English where there is no other.
        """
        return status_messages.describe_item(
            self.op, self.state, self.status, self.reason, language
        )


@dataclass(frozen=True)
class OutboxStatus:
    """How many items are where; ``items`` tells each, in the order of freezing.

    Attributes:
        queued: they wait to be sent.
        in_flight: a process is sending them now.
        settled: the service has them, or says why it never will.
        dead: refused for good; they are kept here and never sent again.
        items: each of them.
        oldest: how long the oldest has been waiting; None if nothing waits.
        last_contact: when the service last gave a reply that passed its checks.
    """

    queued: int
    in_flight: int
    settled: int
    dead: int
    items: tuple[ItemStatus, ...]
    oldest: timedelta | None
    last_contact: datetime | None


@dataclass(frozen=True)
class DeadItem:
    """Everything about an item that was refused for good, to be shown to somebody.

    Attributes:
        wave: the wave that it belongs to.
        op: ``submit`` or ``withdraw``.
        status: what the service said, None if it never came to that.
        reason: why it is dead.
        ballot: the JWT; whoever has it can answer in the person's place.
        hash: of the ballot's R.
        content: the frozen text of an answer.
        digest: of the content.
    """

    wave: str
    op: str
    status: str | None
    reason: str | None
    ballot: str | None = field(repr=False)
    hash: str | None
    content: str | None = field(repr=False)
    digest: str | None


def read_status(namespace: Namespace, now: datetime) -> OutboxStatus:
    """Where everything is that a person froze, at a time by the device's clock."""
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
        items=tuple(_to_item_status(entry) for entry in entries),
        oldest=(
            timedelta(seconds=max(0.0, now.timestamp() - min(waiting)))
            if waiting
            else None
        ),
        last_contact=None if contact is None else datetime.fromtimestamp(contact, UTC),
    )


def read_dead(namespace: Namespace) -> list[DeadItem]:
    """Everything about the items that are dead."""
    return [
        _to_dead_item(entry)
        for entry in Outbox(namespace).entries()
        if entry.state == "dead"
    ]


def _to_item_status(entry: OutboxEntry) -> ItemStatus:
    fate = entry.settlement or records.Settlement(None, None)
    return ItemStatus(
        wave=entry.frozen.wave if entry.frozen else _UNREADABLE_WAVE,
        op=entry.op,
        state=entry.state,
        status=fate.status,
        reason=fate.reason,
    )


def _to_dead_item(entry: OutboxEntry) -> DeadItem:
    told, frozen = _to_item_status(entry), entry.frozen
    content = frozen.content if frozen else None
    return DeadItem(
        wave=told.wave,
        op=told.op,
        status=told.status,
        reason=told.reason,
        ballot=frozen.ballot if frozen else None,
        hash=frozen.hash if frozen else None,
        content=None if content is None else content.decode(),
        digest=frozen.digest if frozen else None,
    )
