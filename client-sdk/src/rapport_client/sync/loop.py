"""Keeps a device or a gateway in sync, for as long as a program runs."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue

from rapport_client.sync import pacing
from rapport_client.sync.line import BOOK, BOX
from rapport_client.sync.pacing import Outcome, Pace
from rapport_client.sync.report import SyncReport
from rapport_client.sync.syncing import Syncing

DRAW_EVERY = 60 * 60.0
"""Seconds between two looks at the poll book, more or less."""

QUIET = 2 * 60.0
"""Seconds between telling the poll book who is here and submitting, or vice versa."""

LOOK_EVERY = 10.0
"""Seconds between two looks into the outbox, where others may have put something."""

HEED_EVERY = 1.0
"""Seconds that a signal may go unheeded."""


def _nobody(_: SyncReport) -> None:
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

    def __init__(self, syncing: Syncing) -> None:
        self._syncing = syncing
        self._dice = secrets.SystemRandom()
        self._book = Pace(most=1)
        self._draw_at = 0.0
        self._quiet, self._apart = self._minutes(), self._minutes()
        # Unlike an event it may be used by a handler that interrupts its own use.
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._connected = False
        self._stopped = False
        self.report: SyncReport = syncing.nothing_done()
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
            self._syncing.sender.connected()
            self._book = self._book.connected(self._now())
        if self._quiet_left() <= 0:
            self.report = self._syncing.send()
        if self._now() >= self._draw_due():
            self._draw()
        return self._seconds_to_wait()

    def run(self, tell: Callable[[SyncReport], None] = _nobody) -> None:
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
                self._wake.get(timeout=min(seconds, HEED_EVERY))
                return
            seconds -= HEED_EVERY

    def _draw(self) -> None:
        self.report = self._syncing.draw()
        now, dice = self._now(), self._dice.random()
        self._quiet, self._apart = self._minutes(), self._minutes()
        if self.report.problem is not None:
            self._book, _ = pacing.after(self._book, Outcome.NO_LINE, 1, now, dice)
            return
        self._book, _ = pacing.after(self._book, Outcome.DELIVERED, 1, now, dice)
        self._draw_at = now + self._dice.uniform(0.5, 1.5) * DRAW_EVERY

    def _seconds_to_wait(self) -> float:
        send = max(
            LOOK_EVERY,
            self._quiet_left(),
            self._syncing.sender.seconds_left(),
        )
        draw = self._draw_due() - self._now()
        return min(send, max(LOOK_EVERY, draw))

    def _draw_due(self) -> float:
        submitted = self._now() - self._syncing.seconds_since(BOX)
        return max(self._draw_at, self._book.not_before, submitted + self._apart)

    def _quiet_left(self) -> float:
        return self._quiet - self._syncing.seconds_since(BOOK)

    def _minutes(self) -> float:
        return self._dice.uniform(1.0, 2.0) * QUIET

    def _now(self) -> float:
        return self._syncing.clock.source.monotonic()
