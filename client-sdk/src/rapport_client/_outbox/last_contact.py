"""What a person's device last saw of the service: its epoch, and when."""

import sqlite3
from dataclasses import dataclass, replace

from rapport_client._outbox.namespace import Namespace

_CONTACT_KIND = "seen"


@dataclass(frozen=True)
class LastContact:
    """The last verified contact.

    Attributes:
        epoch: the server's epoch; None before the first list of waves.
        contact: when, seconds since the epoch; None before the first.
    """

    epoch: str | None = None
    contact: float | None = None


def read_last_contact(namespace: Namespace) -> LastContact:
    """What was last seen in a namespace."""
    return namespace.get_readable(_CONTACT_KIND, LastContact) or LastContact()


def record_contact(
    rows: sqlite3.Connection,
    namespace: Namespace,
    *,
    contact: float,
    epoch: str | None = None,
) -> None:
    """Notes a verified contact, and the epoch where the reply told it."""
    seen = read_last_contact(namespace)
    namespace.put(
        rows, _CONTACT_KIND, replace(seen, contact=contact, epoch=epoch or seen.epoch)
    )
