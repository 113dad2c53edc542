"""The two halves of a sync: what waits goes out, and what is to come is drawn for."""

from collections.abc import Callable, Sequence

from rapport_client._outbox import submission_limits
from rapport_client._outbox.queue import Queue
from rapport_client._sync.account import Account
from rapport_client._sync.device_file import DeviceFile
from rapport_client._sync.pacing import MAX_SERVER_ERRORS
from rapport_client._sync.report import SyncCounter
from rapport_client._sync.sender import Sender
from rapport_client.errors import OutboxFull
from rapport_client.models import SyncReport


class SyncEngine:
    """What a device and a gateway have in common.

    Args:
        file: the outbox file.
        queue: what is sent.
        people: for whom ballots are drawn.
        most: items in one request at most; None for as many as the service allows.
    """

    def __init__(
        self,
        file: DeviceFile,
        queue: Queue,
        people: Callable[[], Sequence[Account]],
        max_items: int | None,
    ) -> None:
        self._file = file
        self._queue = queue
        self._people = people
        self.clock = file.clock
        self.sender = Sender(
            queue,
            file.ballot_box,
            file.gated_transport,
            file.clock,
            lambda: submission_limits.read_limits(file.shared),
            max_items,
        )

    def sync(self) -> SyncReport:
        """Both halves at once, because a person pressed Send."""
        tally = SyncCounter()
        with self._file.sync_lock:
            self.sender.drain(tally, ignore_backoff=True)
            self._draw(tally)
        return self._report(tally)

    def send(self) -> SyncReport:
        """The first half, of the device's own accord."""
        tally = SyncCounter()
        with self._file.sync_lock:
            self.sender.drain(tally, ignore_backoff=False)
        return self._report(tally)

    def draw(self) -> SyncReport:
        """The second half."""
        tally = SyncCounter()
        with self._file.sync_lock:
            self._draw(tally)
        return self._report(tally)

    def current_report(self) -> SyncReport:
        """How things stand."""
        return self._report(SyncCounter())

    def seconds_left(self) -> float:
        """How long the service asked not to be asked again."""
        return self._file.gated_transport.seconds_left()

    def seconds_since(self, door: str) -> float:
        """How long ago a door was last asked; infinity where nobody knows of it."""
        return self._file.gated_transport.seconds_since(door)

    def _draw(self, tally: SyncCounter) -> None:
        try:
            self._draw_all(tally)
        except OutboxFull as full:  # to erase takes room, too
            tally.record_problem(full)

    def _draw_all(self, tally: SyncCounter) -> None:
        broken = 0
        for person in self._people():
            part = SyncCounter()
            try:
                line_holds = person.draw(part)
            finally:
                whose = person.name if self._queue.is_shared else None
                tally.include(part, whose)
            broken = 0 if part.problem is None else broken + 1
            if not line_holds or broken == MAX_SERVER_ERRORS:
                break  # a hundred people need not fail one after the other
        # What was erased just now, or before a crash, shall not stand in the log.
        self._file.database.truncate_wal()

    def _report(self, tally: SyncCounter) -> SyncReport:
        waiting, dead = self._queue.count()
        return tally.report(waiting, dead, self.seconds_left())
