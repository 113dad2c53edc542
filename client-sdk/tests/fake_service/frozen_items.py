"""Frozen outbox items without a wave."""

from fake_service.documents import NOW
from rapport_client._outbox.records import FrozenItem
from rapport_client._protocol import base64url

KEEP_SECONDS = 14 * 24 * 60 * 60


def build_frozen_item(wave, content=b"content", *, ballot="a.b.c"):
    """An answer, or a withdrawal where there is no content."""
    return FrozenItem(
        wave_id=wave,
        ballot=ballot,
        hash=base64url.digest(f"{wave} {ballot}".encode()),
        content=content,
        digest=None if content is None else base64url.digest(content),
        keep_seconds=KEEP_SECONDS,
        epoch="epoch-1",
        at=NOW.timestamp(),
        retires_at=NOW.timestamp() + 400 * 24 * 60 * 60,
    )
