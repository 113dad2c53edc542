"""Keeps a device or a gateway in sync, for as long as a program runs."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue

from rapport_client._sync import pacing
from rapport_client._sync.engine import SyncEngine
from rapport_client._sync.gated_transport import BALLOT_BOX, POLL_BOOK
from rapport_client._sync.pacing import Pace, RequestOutcome
from rapport_client.models import SyncReport

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
