"""Retention of settled and dead items: offered again, and erased.

A service that was restored from a backup has lost what came after the backup. Its epoch
is another then, and every device offers again what it still keeps: a replay costs
nothing, a loss costs an answer.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from rapport_client._outbox import last_contact, records
from rapport_client._outbox.namespace import Namespace
from rapport_client._outbox.outbox import Outbox, OutboxEntry
from rapport_client._outbox.queue import FINAL
from rapport_client._outbox.records import FrozenItem, Settlement

UNKNOWN_KEY = "ballot_unknown_key"
MIN_REOFFER_INTERVAL = 7 * 24 * 60 * 60.0

_REQUEUE_SQL = (
    "UPDATE outbox SET state = 'queued' WHERE seq = ? AND state IN ('settled', 'dead')"
)
_START_RETENTION_SQL = (
    "UPDATE outbox SET settlement = ? WHERE seq = ? AND state = 'settled'"
)
_ERASE_ENVELOPE_SQL = "UPDATE outbox SET item = ? WHERE seq = ? AND state = 'settled'"


def reoffer(namespace: Namespace, epoch: str, now: datetime) -> int:
    """Queues again what a restored service may have lost, and records its epoch.

    A withdrawn answer is not offered again, whatever the result of its withdrawal: the
    withdrawal is, where it can be. Only a withdrawal that came too late does not count.

    Args:
        namespace: of the person.
        epoch: the server's, now.
        now: by the device's corrected clock.

    Returns:
        How many items were queued again.
    """
    outbox, offered = Outbox(namespace), 0
    with namespace.write() as rows:
        last_contact.record_contact(
            rows, namespace, contact=now.timestamp(), epoch=epoch
        )
        withdrawn = _withdrawn_waves(outbox)
        for entry, frozen, settlement in _iter_settlements(outbox):
            if frozen.op == "submit" and frozen.wave_id in withdrawn:
                continue
            if _is_due(entry.state, frozen, settlement, epoch, now.timestamp()):
                rows.execute(_REQUEUE_SQL, (entry.seq,))
                offered += 1
    return offered


def offer_again(namespace: Namespace, wave_id: str) -> bool:
    """Queues the refused item of a wave again, because the person asks for it.

    If the withdrawal of an answer was refused, it is the withdrawal, not the answer.

    Args:
        namespace: of the person.
        wave_id: the wave's public id.

    Returns:
        Whether there was a refused item.
    """
    outbox = Outbox(namespace)
    op = "withdraw" if wave_id in _withdrawn_waves(outbox) else "submit"
    for entry, frozen, _ in _iter_settlements(outbox):
        if (frozen.wave_id, frozen.op, entry.state) == (wave_id, op, "dead"):
            with namespace.write() as rows:
                rows.execute(_REQUEUE_SQL, (entry.seq,))
            return True
    return False


def offer_unknown_keys(namespace: Namespace) -> None:
    """Queues again what died of an unknown ballot key: the service is elsewhere now."""
    for entry, frozen, settlement in _iter_settlements(Outbox(namespace)):
        if entry.state == "dead" and settlement.reason == UNKNOWN_KEY:
            offer_again(namespace, frozen.wave_id)


def erase_settled(namespace: Namespace, now: datetime) -> None:
    """Erases ballot and envelope of items whose charter's period has ended.

    If no trusted time was known when an item was settled, the period begins now.

    Args:
        namespace: of the person.
        now: a trusted time, so that no jump of the device's clock erases an item early.
    """
    outbox, at = Outbox(namespace), now.timestamp()
    changes: list[tuple[str, OutboxEntry, FrozenItem, FrozenItem | Settlement]] = []
    for entry, frozen, settlement in _iter_settlements(outbox):
        if entry.state != "settled":
            continue
        if settlement.at is None:
            changes.append(
                (_START_RETENTION_SQL, entry, frozen, replace(settlement, at=at))
            )
        elif settlement.at + frozen.keep_seconds <= at:
            changes.append(
                (_ERASE_ENVELOPE_SQL, entry, frozen, frozen.without_envelope())
            )
    if not changes:
        return
    with namespace.write() as rows:
        for change, entry, frozen, record in changes:
            wave = outbox.wave_key(frozen.wave_id)
            value = records.seal(namespace.vault, record, wave, frozen.op)
            rows.execute(change, (value, entry.seq))


def _iter_settlements(
    outbox: Outbox,
) -> Iterator[tuple[OutboxEntry, FrozenItem, Settlement]]:
    for entry in outbox.entries():
        frozen, settlement = entry.frozen, entry.settlement
        if frozen is not None and settlement is not None and frozen.envelope:
            yield entry, frozen, settlement


def _withdrawn_waves(outbox: Outbox) -> set[str]:
    """The waves with a withdrawal that did not come too late."""
    return {
        entry.frozen.wave_id
        for entry in outbox.entries()
        if entry.op == "withdraw"
        and entry.frozen is not None
        and (entry.settlement is None or entry.settlement.status != FINAL)
    }


def _is_due(
    state: str, frozen: FrozenItem, settlement: Settlement, epoch: str, now: float
) -> bool:
    if state == "settled":
        # Without a list of waves, it was settled in the epoch of its ballot.
        return (settlement.epoch or frozen.epoch) != epoch
    if state != "dead" or settlement.reason != UNKNOWN_KEY or frozen.epoch == epoch:
        return False
    # A clock that jumped, either way, costs one extra request, and no answer.
    return (
        now < frozen.retires_at and abs(now - settlement.noted) >= MIN_REOFFER_INTERVAL
    )
