"""Origins of an outbox: the addresses of the service at which it was enrolled."""

import sqlite3
from dataclasses import dataclass

from rapport_client._outbox.namespace import Namespace
from rapport_client.errors import OutboxDamaged, WrongOrigin

_ORIGINS_KIND = "origins"

_UNREADABLE_MESSAGE = (
    "the address of your service cannot be read in this outbox any more; say it again"
    " with `rapport-field move` (FieldDevice.move)"
)


@dataclass(frozen=True)
class Origins:
    """The addresses of a service, as ``parse_origin`` writes them.

    Attributes:
        server: of the poll book.
        ballot_box: of the ballot box; the same one unless it has its own.
    """

    server: str
    ballot_box: str

    def assert_same(self, server: str | None, ballot_box: str | None) -> None:
        """Refuses another address; None is any.

        Raises:
            WrongOrigin: names both.
        """
        for enrolled, given in (self.server, server), (self.ballot_box, ballot_box):
            if given not in {None, enrolled}:
                raise WrongOrigin(enrolled, str(given))


def load_origins(shared: Namespace) -> Origins | None:
    """The origins of the enrolment; None before the first one.

    Args:
        shared: the namespace that the whole file shares.

    Raises:
        OutboxDamaged: the record does not open any more.
    """
    try:
        return shared.get(_ORIGINS_KIND, Origins)
    except OutboxDamaged as error:
        raise OutboxDamaged(_UNREADABLE_MESSAGE) from error


def save_origins(rows: sqlite3.Connection, shared: Namespace, origins: Origins) -> None:
    """Stores the origins, in the transaction that stores the tokens from there."""
    shared.put(rows, _ORIGINS_KIND, origins)
