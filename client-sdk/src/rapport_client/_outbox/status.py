"""What a person may know of their outbox: how much is where, and why."""

from datetime import UTC, datetime, timedelta

from rapport_client._outbox import last_contact, records
from rapport_client._outbox.namespace import Namespace
from rapport_client._outbox.outbox import Outbox, OutboxEntry
from rapport_client.models import DeadItem, ItemStatus, OutboxStatus

_UNSETTLED = frozenset({"queued", "in_flight"})
_UNREADABLE_WAVE = "(unreadable)"


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
