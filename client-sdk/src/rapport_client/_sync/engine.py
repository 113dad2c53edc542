"""Sync engine: sends and draws, once, or in a loop as long as a program runs."""

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue

from rapport_client._outbox.last_contact import read_limits
from rapport_client._outbox.queue import Queue
from rapport_client._sync import pacing
from rapport_client._sync.account import Account, DeviceFile
from rapport_client._sync.gated_transport import BALLOT_BOX, POLL_BOOK
from rapport_client._sync.pacing import MAX_SERVER_ERRORS, Pace, RequestOutcome
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
            lambda: read_limits(file.shared),
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


DRAW_INTERVAL = 60 * 60.0
"""Seconds between two looks at the poll book, more or less."""

MIN_DOOR_GAP = 2 * 60.0
"""Seconds between telling the poll book who is here and submitting, or vice versa."""

OUTBOX_POLL_INTERVAL = 10.0
"""Seconds between two looks into the outbox, where others may have put something."""

SIGNAL_CHECK_INTERVAL = 1.0
"""Seconds that a signal may go unheeded."""


def _ignore_report(_: SyncReport) -> None:
    """Is told, and does nothing."""


class SyncLoop:
    """Sends what waits as soon as it may, and draws ballots about once an hour.

    Nobody presses Send here, so nothing is submitted in the wake of a request that says
    who is here, nor such a request made in the wake of a submission: there are minutes
    in between, as many as chance decides, also where another process made the first of
    the two, or an earlier run of this one. Failures wait longer and longer, from 2
    seconds to 15 minutes; what the service asks for is kept, whatever happens.

    A program with an event loop of its own calls ``step`` and then sleeps as long as it
    returns; any other calls ``run``. An object belongs to one thread, but ``connected``
    and ``stop`` may be called from anywhere, signal handlers among them.

    Args:
        syncing: the two halves, of a device or a gateway.
    """

    def __init__(self, engine: SyncEngine) -> None:
        self._engine = engine
        self._rng = secrets.SystemRandom()
        self._draw_pace = Pace(most=1)
        self._next_draw_at = 0.0
        self._gap_before_send, self._gap_before_draw = (
            self._random_gap(),
            self._random_gap(),
        )
        # Unlike an event it may be used by a handler that interrupts its own use.
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._connected = False
        self._stopped = False
        self.report: SyncReport = engine.current_report()
        """What the last step came to."""

    def step(self) -> float:
        """Does what is due.

        Returns:
            Seconds until there may be something to do again.

        Raises:
            OutboxUnusable: the outbox cannot be read or written.
        """
        if self._connected:
            self._connected = False
            self._engine.sender.connected()
            self._draw_pace = self._draw_pace.connected(self._now())
        if self._gap_left() <= 0:
            self.report = self._engine.send()
        if self._now() >= self._draw_due():
            self._draw()
        return self._seconds_to_wait()

    def run(self, tell: Callable[[SyncReport], None] = _ignore_report) -> None:
        """Steps until ``stop`` is called.

        Args:
            tell: is given the report of each step that differs from the one before.

        Raises:
            OutboxUnusable: the outbox cannot be read or written.
        """
        told = None
        while not self._stopped:
            wait = self.step()
            if self.report != told:
                told = self.report
                tell(told)
            self._sleep(wait)

    def connected(self) -> None:
        """A connection came back: the next step tries early, at most every 30 s."""
        self._connected = True
        self._wake.put(None)

    def stop(self) -> None:
        """Ends ``run`` after the step that it is in."""
        self._stopped = True
        self._wake.put(None)

    def _sleep(self, seconds: float) -> None:
        """Waits until it is woken, at most so long.

        A signal that comes just before a wait is heeded after it: none is long.
        """
        while seconds > 0:
            with suppress(Empty):
                self._wake.get(timeout=min(seconds, SIGNAL_CHECK_INTERVAL))
                return
            seconds -= SIGNAL_CHECK_INTERVAL

    def _draw(self) -> None:
        self.report = self._engine.draw()
        now, dice = self._now(), self._rng.random()
        self._gap_before_send, self._gap_before_draw = (
            self._random_gap(),
            self._random_gap(),
        )
        if self.report.problem is not None:
            self._draw_pace, _ = pacing.next_pace(
                self._draw_pace, RequestOutcome.NO_CONNECTION, 1, now, dice
            )
            return
        self._draw_pace, _ = pacing.next_pace(
            self._draw_pace, RequestOutcome.DELIVERED, 1, now, dice
        )
        self._next_draw_at = now + self._rng.uniform(0.5, 1.5) * DRAW_INTERVAL

    def _seconds_to_wait(self) -> float:
        send = max(
            OUTBOX_POLL_INTERVAL,
            self._gap_left(),
            self._engine.sender.seconds_left(),
        )
        draw = self._draw_due() - self._now()
        return min(send, max(OUTBOX_POLL_INTERVAL, draw))

    def _draw_due(self) -> float:
        submitted = self._now() - self._engine.seconds_since(BALLOT_BOX)
        return max(
            self._next_draw_at,
            self._draw_pace.not_before,
            submitted + self._gap_before_draw,
        )

    def _gap_left(self) -> float:
        return self._gap_before_send - self._engine.seconds_since(POLL_BOOK)

    def _random_gap(self) -> float:
        return self._rng.uniform(1.0, 2.0) * MIN_DOOR_GAP

    def _now(self) -> float:
        return self._engine.clock.source.monotonic()
