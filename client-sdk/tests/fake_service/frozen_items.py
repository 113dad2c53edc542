"""Frozen outbox items without a wave."""

from fake_service.documents import NOW
from rapport_client._ballots.envelope import ENVELOPE_BYTES
from rapport_client._outbox.records import FrozenItem
from rapport_client._protocol import base64url

KEEP_SECONDS = 14 * 24 * 60 * 60


def build_frozen_item(wave, content=b"content", *, ballot="a.b.c", op="submit"):
    """An item whose envelope begins with some bytes."""
    envelope = content.ljust(ENVELOPE_BYTES, b"\0")
    return FrozenItem(
        op=op,
        wave_id=wave,
        ballot=ballot,
        hash=base64url.digest(f"{wave} {ballot}".encode()),
        envelope=envelope,
        digest=base64url.digest(envelope),
        keep_seconds=KEEP_SECONDS,
        epoch="epoch-1",
        at=NOW.timestamp(),
        retires_at=NOW.timestamp() + 400 * 24 * 60 * 60,
    )
