"""An outbox file in use: what all the people on it share."""

from contextlib import ExitStack
from os import PathLike
from pathlib import Path

from rapport_client._http import Transport, parse_origin
from rapport_client._outbox.database import DISK_CAP, Database
from rapport_client._outbox.documents import Documents
from rapport_client._outbox.keys import KeyFile, KeyStore
from rapport_client._outbox.lock import FileLock
from rapport_client._outbox.namespace import Namespace
from rapport_client._outbox.queue import Queue
from rapport_client._sync.clock import Clock, DeviceClock, SystemClock
from rapport_client._sync.gated_transport import GatedTransport
from rapport_client._transport import Urllib3Transport


class DeviceFile:
    """The file, the turn to sync, the clock and the line to the service.

    Args:
        path: of the outbox file; made if missing, readable by its owner alone.
        server: the service's origin.
        ballot_box: the origin of the ballot-box door, if it has one of its own.
        transport: carries requests, and is the caller's to close; urllib3 if None.
        key: a key file, or another store of keys; a file beside the outbox if None.
        disk_cap: bytes from which on the file takes nothing new.
        clock: what this device tells time by; the system's clocks if None.

    Raises:
        OutboxLocked: the key is missing, or is not the one that the file needs.
        OutboxUnusable: the file cannot be opened.
        ValueError: an origin is not one; no file was made.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        server: str,
        ballot_box: str | None = None,
        *,
        transport: Transport | None = None,
        key: str | PathLike[str] | KeyStore | None = None,
        disk_cap: int = DISK_CAP,
        clock: Clock | None = None,
    ) -> None:
        self.server = parse_origin(server)
        self.ballot_box = (
            self.server if ballot_box is None else parse_origin(ballot_box)
        )
        file = Path(path)
        with ExitStack() as opening:
            keys = KeyFile(Path(key)) if isinstance(key, str | PathLike) else key
            self.database = Database(file, keys, disk_cap)
            opening.callback(self.database.close)
            self.sync_lock = FileLock(file.with_name(file.name + ".sync"))
            opening.callback(self.sync_lock.close)
            self._recover()
            if transport is None:
                transport = Urllib3Transport()
                opening.callback(transport.close)
            self._closing = opening.pop_all()
        shared = Namespace.shared(self.database)
        self.shared = shared
        self.clock = DeviceClock(clock or SystemClock(), shared)
        self.gated_transport = GatedTransport(transport, self.clock, shared)
        self.documents = Documents(shared)

    def close(self) -> None:
        """Closes the file; what waits in it stays. A second call does nothing.

        Raises:
            OutboxUnusable: another thread opened it; it stays open.
        """
        self.sync_lock.assert_owner_thread()
        self._closing.close()

    def _recover(self) -> None:
        """Queues again what a dead process had in flight.

        What is in flight belongs to whoever has the turn to sync: where that is a
        living process, its items are left alone.
        """
        with self.sync_lock.try_acquire() as free:
            if free:
                Queue(self.database).recover()
