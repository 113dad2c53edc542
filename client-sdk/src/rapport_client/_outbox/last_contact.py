"""Last contact with the service: its epoch, the time, its submission limits."""

import sqlite3
from dataclasses import dataclass, replace

from rapport_client._outbox.namespace import Namespace
from rapport_client._protocol.pull import Limits

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
    """The last contact of a namespace."""
    return namespace.get_readable(_CONTACT_KIND, LastContact) or LastContact()


def record_contact(
    rows: sqlite3.Connection,
    namespace: Namespace,
    *,
    contact: float,
    epoch: str | None = None,
) -> None:
    """Records a verified contact, and the epoch if the reply had it."""
    last = read_last_contact(namespace)
    namespace.put(
        rows, _CONTACT_KIND, replace(last, contact=contact, epoch=epoch or last.epoch)
    )


_LIMITS_KIND = "limits"
_DEFAULT_LIMITS = Limits(items=10, bytes=64 * 1024)


def read_limits(namespace: Namespace) -> Limits:
    """The limits that the service published last; cautious defaults before that."""
    return namespace.get_readable(_LIMITS_KIND, Limits) or _DEFAULT_LIMITS


def save_limits(namespace: Namespace, limits: Limits) -> None:
    """Stores the limits that the service published, if they changed."""
    if read_limits(namespace) != limits:
        with namespace.write() as rows:
            namespace.put(rows, _LIMITS_KIND, limits)
