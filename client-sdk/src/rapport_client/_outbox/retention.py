"""What is kept after it was settled: offered again after a restore, then erased.

A service that was restored from a backup has lost what came after the backup. It shows
by another epoch, and every device then offers again what it still keeps: a replay costs
nothing, a loss would.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from rapport_client._outbox import last_contact, records
from rapport_client._outbox.namespace import Namespace
from rapport_client._outbox.outbox import Outbox, OutboxEntry
from rapport_client._outbox.queue import FINAL
from rapport_client._outbox.records import FrozenItem, Settlement

UNKNOWN_KEY = "ballot-unknown-key"
MIN_REOFFER_INTERVAL = 7 * 24 * 60 * 60.0

_START_RETENTION_SQL = "UPDATE outbox SET fate = ? WHERE seq = ? AND state = 'settled'"
_ERASE_CONTENT_SQL = "UPDATE outbox SET item = ? WHERE seq = ? AND state = 'settled'"


def reoffer(namespace: Namespace, epoch: str, now: datetime) -> int:
    """Queues again what a restored service may have lost, and notes its epoch.

    An answer that was taken back is not offered again, however its withdrawal fared:
    the withdrawal is, where it can be. Only one that came too late leaves it standing.

    Args:
        space: whose items.
        epoch: the server's, as it tells now.
        now: by the device's corrected clock.

    Returns:
        How many items were queued again.
    """
    outbox, offered = Outbox(namespace), 0
    with namespace.write() as rows:
        last_contact.record_contact(
            rows, namespace, contact=now.timestamp(), epoch=epoch
        )
        taken_back = _withdrawn_waves(outbox)
        for entry, frozen, fate in _iter_settlements(outbox):
            if frozen.op == "submit" and frozen.wave in taken_back:
                continue
            if _is_due(entry.state, frozen, fate, epoch, now.timestamp()):
                rows.execute(
                    "UPDATE outbox SET state = 'queued' WHERE seq = ?", (entry.seq,)
                )
                offered += 1
    return offered


def erase_settled(namespace: Namespace, now: datetime) -> None:
    """Erases ballot and content of items whose charter's period has ended.

    Where nobody knew the time for sure when an item was settled, the period begins now.

    Args:
        space: whose items.
        now: a time that rests on the service's word: no jump of the device's clock
            shall erase anything early.
    """
    outbox, at = Outbox(namespace), now.timestamp()
    changes: list[tuple[str, OutboxEntry, FrozenItem, FrozenItem | Settlement]] = []
    for entry, frozen, fate in _iter_settlements(outbox):
        if entry.state != "settled":
            continue
        if fate.at is None:
            changes.append((_START_RETENTION_SQL, entry, frozen, replace(fate, at=at)))
        elif fate.at + frozen.keep_seconds <= at:
            changes.append(
                (_ERASE_CONTENT_SQL, entry, frozen, frozen.without_content())
            )
    if not changes:
        return
    with namespace.write() as rows:
        for change, entry, frozen, record in changes:
            wave = outbox.wave_key(frozen.wave)
            value = records.seal(namespace.vault, record, wave, frozen.op)
            rows.execute(change, (value, entry.seq))


def _iter_settlements(
    outbox: Outbox,
) -> Iterator[tuple[OutboxEntry, FrozenItem, Settlement]]:
    for entry in outbox.entries():
        frozen, fate = entry.frozen, entry.settlement
        if frozen is not None and fate is not None and not frozen.erased:
            yield entry, frozen, fate


def _withdrawn_waves(outbox: Outbox) -> set[str]:
    """The waves whose answer the person wants back, and may still have."""
    return {
        entry.frozen.wave
        for entry in outbox.entries()
        if entry.op == "withdraw"
        and entry.frozen is not None
        and (entry.settlement is None or entry.settlement.status != FINAL)
    }


def _is_due(
    state: str, frozen: FrozenItem, fate: Settlement, epoch: str, now: float
) -> bool:
    if state == "settled":
        return fate.epoch != epoch
    if state != "dead" or fate.reason != UNKNOWN_KEY or frozen.epoch == epoch:
        return False
    # A clock that jumped, either way, costs one request too many, and no answer.
    return now < frozen.retires_at and abs(now - fate.noted) >= MIN_REOFFER_INTERVAL
