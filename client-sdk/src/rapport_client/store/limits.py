"""How much one request may hold, as the service published it last."""

from rapport_client.flows.pull import Limits
from rapport_client.store.space import Space

_KIND = "limits"
_CAREFUL = Limits(items=10, bytes=64 * 1024)


def read(space: Space) -> Limits:
    """What was published last; careful ones where nothing was."""
    return space.cached(_KIND, Limits) or _CAREFUL


def note(space: Space, limits: Limits) -> None:
    """Keeps what the service published; writes only what is new."""
    if read(space) != limits:
        with space.write() as rows:
            space.put(rows, _KIND, limits)
