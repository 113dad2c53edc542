"""What a person's device last saw of the service: its epoch, and when."""

import sqlite3
from dataclasses import dataclass, replace

from rapport_client.store.space import Space

_KIND = "seen"


@dataclass(frozen=True)
class Seen:
    """The last verified contact.

    Attributes:
        epoch: the server's epoch; None before the first list of waves.
        contact: when, seconds since the epoch; None before the first.
    """

    epoch: str | None = None
    contact: float | None = None


def read(space: Space) -> Seen:
    """What was last seen in a namespace."""
    return space.cached(_KIND, Seen) or Seen()


def note(
    rows: sqlite3.Connection,
    space: Space,
    *,
    contact: float,
    epoch: str | None = None,
) -> None:
    """Notes a verified contact, and the epoch where the reply told it."""
    seen = read(space)
    space.put(rows, _KIND, replace(seen, contact=contact, epoch=epoch or seen.epoch))
