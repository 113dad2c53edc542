"""The class for a kiosk or SMS bridge: many people in one file, sent together."""

import secrets
from os import PathLike
from typing import Self

from rapport_client._http import Transport
from rapport_client._outbox import namespace
from rapport_client._outbox.database import DISK_CAP
from rapport_client._outbox.keys import KeyStore
from rapport_client._outbox.names import clash_key, require_name
from rapport_client._outbox.queue import Queue
from rapport_client._sync.account import Account, DeviceFile
from rapport_client._sync.clock import Clock
from rapport_client._sync.engine import SyncEngine, SyncLoop
from rapport_client._sync.moving import move
from rapport_client.device import FieldDevice
from rapport_client.models import SyncReport


class Gateway:
    """Serves many people in one process.

    Their answers go out in requests that mix them, in random order: ten at first, then
    as many as the service takes. An object belongs to one
    thread.

    Args:
        path: of the outbox file; made if missing, readable by its owner alone.
        server: the service's origin, as of a ``FieldDevice``.
        ballot_box: the origin of the ballot-box door, as of a ``FieldDevice``.
        transport: carries requests; the caller closes it. urllib3 if None.
        key: as of a ``FieldDevice``.
        disk_cap: bytes from which on the file takes no new items.
        clock: the clocks of the gateway; the system's if None.

    Raises:
        OutboxLocked: the key is missing, or is not the one of this outbox.
        OutboxFull: the disk has no room to open the file.
        OutboxUnusable: the file cannot be opened, or was written by another version;
            without ``server`` also if there is no file.
        ValueError: an origin is not one.
        WrongOrigin: the file was enrolled at another origin.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        server: str | None = None,
        ballot_box: str | None = None,
        *,
        transport: Transport | None = None,
        key: str | PathLike[str] | KeyStore | None = None,
        disk_cap: int = DISK_CAP,
        clock: Clock | None = None,
    ) -> None:
        self._file = DeviceFile(
            path,
            server,
            ballot_box,
            transport=transport,
            key=key,
            disk_cap=disk_cap,
            clock=clock,
        )
        queue = Queue(self._file.database)
        self._engine = SyncEngine(
            self._file, queue, self._shuffled_accounts, max_items=None
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the outbox; waiting items stay in it.

        Raises:
            OutboxUnusable: another thread opened it; it stays open.
        """
        self._file.close()

    def person(self, name: str) -> FieldDevice:
        """The device of one person; it works while the gateway is open.

        Args:
            name: another for each person, such as the id in the roster. Its one form is
                Unicode's normal form C.

        Raises:
            ValueError: it is empty or longer than 200 characters, begins or ends with a
                space, or has an invisible character; or people could take it for the
                name of another person on this gateway.
        """
        own = require_name(name)
        for other in self.people():
            if other != own and clash_key(other) == clash_key(own):
                raise ValueError(f"{own!r} looks like {other!r}, who is here already")
        return FieldDevice._from_file(self._file, own)  # noqa: SLF001 - of our own class

    def people(self) -> list[str]:
        """The names of all people with data on this gateway, sorted."""
        return namespace.list_people(self._file.database)

    def move(self, server: str, ballot_box: str | None = None) -> None:
        """Moves the gateway to another address of its service, as a device moves.

        The tokens of any person on it may prove the service.

        Args:
            server: the new origin of the service.
            ballot_box: as of a device.

        Raises:
            MoveRefused: it did not prove that it is the service; nothing was changed.
            RapportError: as the ``move`` of a device does.
            ValueError: an origin is not one.
        """
        move(self._file, self._shuffled_accounts(), server, ballot_box)

    def sync(self, language: str = "en") -> SyncReport:
        """Sends the waiting items of all people, then draws ballots for each.

        As with a device, the report has everything that could not be done now, also if
        the disk is full or the outbox is at its cap.

        Args:
            language: of the report's messages.

        Raises:
            OutboxUnusable: the outbox cannot be read or written.
        """
        return self._engine.sync(language)

    def loop(self, language: str = "en") -> SyncLoop:
        """A loop that keeps this gateway in sync without a person who presses Send.

        Args:
            language: of the messages in its reports.
        """
        return SyncLoop(self._engine, language)

    def _shuffled_accounts(self) -> list[Account]:
        names = self.people()
        secrets.SystemRandom().shuffle(names)
        return [Account(self._file, name) for name in names]
