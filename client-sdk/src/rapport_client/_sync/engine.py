"""Sync engine: sends and draws, once, or in a loop as long as a program runs."""

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue

from rapport_client._outbox.last_contact import read_limits
from rapport_client._outbox.queue import Queue
from rapport_client._sync import pacing
from rapport_client._sync.account import Account, DeviceFile
from rapport_client._sync.clock import DeviceClock, describe_contradiction
from rapport_client._sync.gated_transport import BALLOT_BOX, POLL_BOOK
from rapport_client._sync.pacing import MAX_SERVER_ERRORS, Pace, RequestOutcome
from rapport_client._sync.report import SyncCounter
from rapport_client._sync.second_look import look_again
from rapport_client._sync.sender import Sender
from rapport_client._wording import FALLBACK_LANGUAGE
from rapport_client.errors import OutboxDamaged, OutboxFull
from rapport_client.models import SyncReport


class SyncEngine:
    """The two halves of a sync, send and draw, for a device or a gateway.

    Args:
        file: the outbox file.
        queue: of the items to send.
        people: the accounts to draw ballots for.
        max_items: in one request; None for as many as the service allows.
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
        self.clock: DeviceClock = file.clock
        self.sender: Sender = Sender(
            queue,
            lambda: file.origins().ballot_box,
            file.gated_transport,
            file.clock,
            lambda: read_limits(file.shared),
            max_items,
        )

    def sync(self, language: str = FALLBACK_LANGUAGE) -> SyncReport:
        """Both halves at once, because a person pressed Send."""
        counter = SyncCounter()
        with self._file.sync_lock:
            self._drain(counter, ignore_backoff=True)
            self._draw(counter)
        return self._report(counter, language)

    def send(self, language: str = FALLBACK_LANGUAGE) -> SyncReport:
        """The first half, without a person who pressed Send."""
        counter = SyncCounter()
        with self._file.sync_lock:
            self._drain(counter, ignore_backoff=False)
        return self._report(counter, language)

    def draw(self, language: str = FALLBACK_LANGUAGE) -> SyncReport:
        """The second half."""
        counter = SyncCounter()
        with self._file.sync_lock:
            with suppress(OutboxDamaged, OutboxFull):  # the draw reports them
                look_again(self._file)
            self._draw(counter)
        return self._report(counter, language)

    def current_report(self, language: str = FALLBACK_LANGUAGE) -> SyncReport:
        """The report of now, without sending or drawing."""
        return self._report(SyncCounter(), language)

    def seconds_left(self) -> float:
        """Seconds until the service may be asked again."""
        return self._file.gated_transport.seconds_left()

    def seconds_since(self, door: str) -> float:
        """Seconds since a door was last asked; infinity if that is not known."""
        return self._file.gated_transport.seconds_since(door)

    def _drain(self, counter: SyncCounter, *, ignore_backoff: bool) -> None:
        """Sends to the service of the enrolment; before one, to no service.

        The second look comes first: under a charter that has changed nothing is sent.
        """
        try:
            if self._file.enrolled_origins() is not None:
                if ignore_backoff or self._is_about_to_send():
                    look_again(self._file)
                self.sender.drain(counter, ignore_backoff=ignore_backoff)
        except OutboxDamaged as damaged:
            counter.record_problem(damaged)

    def _is_about_to_send(self) -> bool:
        waiting, _ = self._queue.count()
        return waiting > 0 and self.sender.seconds_left() <= 0

    def _draw(self, counter: SyncCounter) -> None:
        try:
            self._draw_all(counter)
        except OutboxFull as full:  # erasing needs room, too
            counter.record_problem(full)
        if (notice := describe_contradiction(self.clock)) is not None:
            counter.notices.append(notice)

    def _draw_all(self, counter: SyncCounter) -> None:
        failures = 0
        for person in self._people():
            part = SyncCounter()
            try:
                is_connected = person.draw(part)
            finally:
                name = person.name if self._queue.is_shared else None
                counter.include(part, name)
            failures = 0 if part.problem is None else failures + 1
            if not is_connected or failures == MAX_SERVER_ERRORS:
                break  # a hundred people need not fail one after the other
        # Values erased just now, or before a crash, must not stay in the log.
        self._file.database.truncate_wal()

    def _report(self, counter: SyncCounter, language: str) -> SyncReport:
        waiting, dead = self._queue.count()
        return counter.report(waiting, dead, self.seconds_left(), language)


DRAW_INTERVAL = 60 * 60.0
"""Seconds between two draws, on average."""

MIN_DOOR_GAP = 2 * 60.0
"""Least seconds between a request to the poll book and a submission, either way."""

OUTBOX_POLL_INTERVAL = 10.0
"""Seconds between two looks into the outbox for new items."""

SIGNAL_CHECK_INTERVAL = 1.0
"""Longest wait, in seconds, before a signal takes effect."""


def _ignore_report(_: SyncReport) -> None:
    """Default callback of a loop: does nothing."""


class SyncLoop:
    """Sync loop: sends waiting items as soon as it may, draws about once an hour.

    No person presses Send here, so minutes pass between a request that shows who is
    here and a submission, in either order. Chance decides how many. This also holds if
    another process, or an earlier run, made the first of the two. After failures it
    waits longer and longer, from 2 seconds to 15 minutes. It always obeys a
    ``Retry-After`` of the service.

    A program with an event loop of its own calls ``step`` and then sleeps as long as it
    returns; any other calls ``run``. An object belongs to one thread, but ``connected``
    and ``stop`` may be called from anywhere, signal handlers among them.

    Args:
        engine: of a device or a gateway.
        language: of the messages in its reports.
    """

    def __init__(self, engine: SyncEngine, language: str = FALLBACK_LANGUAGE) -> None:
        self._engine = engine
        self._language = language
        self._rng = secrets.SystemRandom()
        self._draw_pace = Pace(max_size=1)
        self._next_draw_at = 0.0
        self._gap_before_send, self._gap_before_draw = (
            self._random_gap(),
            self._random_gap(),
        )
        # Unlike an event, it can be used by a signal handler that interrupts its use.
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._connected = False
        self._stopped = False
        self.report: SyncReport = engine.current_report(language)
        """The report of the last step."""

    def step(self) -> float:
        """Sends and draws if that is due.

        Returns:
            Seconds until the next step may have something to do.

        Raises:
            OutboxUnusable: the outbox cannot be read or written.
        """
        if self._connected:
            self._connected = False
            self._engine.sender.connected()
            self._draw_pace = self._draw_pace.connected(self._now())
        if self._gap_left() <= 0:
            self.report = self._engine.send(self._language)
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
        last_report = None
        while not self._stopped:
            wait = self.step()
            if self.report != last_report:
                last_report = self.report
                tell(last_report)
            self._sleep(wait)

    def connected(self) -> None:
        """Notes that a connection came back: the next step tries early, every 30 s."""
        self._connected = True
        self._wake.put(None)

    def stop(self) -> None:
        """Ends ``run`` after the step that it is in."""
        self._stopped = True
        self._wake.put(None)

    def _sleep(self, seconds: float) -> None:
        """Waits until it is woken, or until the seconds have passed.

        A signal just before a wait takes effect after it, so each wait is short.
        """
        while seconds > 0:
            with suppress(Empty):
                self._wake.get(timeout=min(seconds, SIGNAL_CHECK_INTERVAL))
                return
            seconds -= SIGNAL_CHECK_INTERVAL

    def _draw(self) -> None:
        self.report = self._engine.draw(self._language)
        now, jitter = self._now(), self._rng.random()
        self._gap_before_send, self._gap_before_draw = (
            self._random_gap(),
            self._random_gap(),
        )
        if self.report.problem is not None:
            self._draw_pace, _ = pacing.next_pace(
                self._draw_pace, RequestOutcome.NO_CONNECTION, 1, now, jitter
            )
            return
        self._draw_pace, _ = pacing.next_pace(
            self._draw_pace, RequestOutcome.DELIVERED, 1, now, jitter
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
