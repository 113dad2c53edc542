"""The two halves of a sync: what waits goes out, and what is to come is drawn for."""

from collections.abc import Callable, Sequence

from rapport_client.errors import OutboxFull
from rapport_client.store import limits
from rapport_client.store.queue import Queue
from rapport_client.sync.device_file import DeviceFile
from rapport_client.sync.pacing import TRIES
from rapport_client.sync.person import Person
from rapport_client.sync.report import SyncReport, Tally
from rapport_client.sync.sending import Sender


class Syncing:
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
        people: Callable[[], Sequence[Person]],
        most: int | None,
    ) -> None:
        self._file = file
        self._queue = queue
        self._people = people
        self.clock = file.clock
        self.sender = Sender(
            queue,
            file.ballot_box,
            file.line,
            file.clock,
            lambda: limits.read(file.shared),
            most,
        )

    def sync(self) -> SyncReport:
        """Both halves at once, because a person pressed Send."""
        tally = Tally()
        with self._file.turn:
            self.sender.drain(tally, pressed=True)
            self._draw(tally)
        return self._report(tally)

    def send(self) -> SyncReport:
        """The first half, of the device's own accord."""
        tally = Tally()
        with self._file.turn:
            self.sender.drain(tally, pressed=False)
        return self._report(tally)

    def draw(self) -> SyncReport:
        """The second half."""
        tally = Tally()
        with self._file.turn:
            self._draw(tally)
        return self._report(tally)

    def nothing_done(self) -> SyncReport:
        """How things stand."""
        return self._report(Tally())

    def seconds_left(self) -> float:
        """How long the service asked not to be asked again."""
        return self._file.line.seconds_left()

    def seconds_since(self, door: str) -> float:
        """How long ago a door was last asked; infinity where nobody knows of it."""
        return self._file.line.seconds_since(door)

    def _draw(self, tally: Tally) -> None:
        try:
            self._draw_and_tidy(tally)
        except OutboxFull as full:  # to erase takes room, too
            tally.stopped_by(full)

    def _draw_and_tidy(self, tally: Tally) -> None:
        broken = 0
        for person in self._people():
            part = Tally()
            try:
                line_holds = person.draw(part)
            finally:
                whose = person.name if self._queue.is_everybodys else None
                tally.include(part, whose)
            broken = 0 if part.problem is None else broken + 1
            if not line_holds or broken == TRIES:
                break  # a hundred people need not fail one after the other
        # What was erased just now, or before a crash, shall not stand in the log.
        self._file.database.forget_log()

    def _report(self, tally: Tally) -> SyncReport:
        waiting, dead = self._queue.count()
        return tally.report(waiting, dead, self.seconds_left())
