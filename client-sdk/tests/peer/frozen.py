"""Items as they stand in an outbox, without a wave to draw for."""

from peer.documents import NOW
from rapport_client import b64
from rapport_client.store.sealed import Frozen

KEEP = 14 * 24 * 60 * 60


def frozen(wave, content=b"content", *, ballot="a.b.c"):
    """An answer, or a withdrawal where there is no content."""
    return Frozen(
        wave=wave,
        ballot=ballot,
        hash=b64.digest(f"{wave} {ballot}".encode()),
        content=content,
        digest=None if content is None else b64.digest(content),
        keep_seconds=KEEP,
        epoch="epoch-1",
        at=NOW.timestamp(),
    )
