"""Sender: drains a queue through the ballot-box door, at the pace of the rules."""

import secrets
from collections.abc import Callable
from dataclasses import replace

from rapport_client._http import drive
from rapport_client._outbox.queue import ClaimedItem, Queue
from rapport_client._protocol import base64url
from rapport_client._protocol.pull import Limits
from rapport_client._protocol.send import SubmissionResult, submit
from rapport_client._sync import pacing
from rapport_client._sync.clock import DeviceClock
from rapport_client._sync.gated_transport import GatedTransport
from rapport_client._sync.pacing import NextStep, Pace, RequestOutcome, classify_error
from rapport_client._sync.report import SyncCounter
from rapport_client.errors import OutboxFull, OutboxUnusable, ProblemError, RapportError

_BATCH_BYTES = 16
_REQUEST_BYTES = 100
"""Size of a request without its items, rounded up."""

_ITEM_FAILURES = frozenset(
    {
        RequestOutcome.SERVER_ERROR,
        RequestOutcome.TOO_LARGE_ON_THE_WAY,
        RequestOutcome.TIMED_OUT,
    }
)


class Sender:
    """Sends the items of a queue through the ballot-box door.

    An item leaves the queue only by an exact reply. In any other case its outcome is
    unknown and it is queued again. The pace is kept as long as this object lives.

    Args:
        queue: of the items.
        ballot_box: reads the origin of the ballot-box door.
        transport: carries requests.
        clock: the device's.
        limits: reads the limits that the service published last.
        max_items: in one request: 1 for a personal device, None for as many as the
            limits allow.
    """

    def __init__(
        self,
        queue: Queue,
        ballot_box: Callable[[], str],
        transport: GatedTransport,
        clock: DeviceClock,
        limits: Callable[[], Limits],
        max_items: int | None,
    ) -> None:
        self._queue = queue
        self._ballot_box = ballot_box
        self._transport = transport
        self._clock = clock
        self._limits = limits
        self._max_items = max_items
        self._rng = secrets.SystemRandom()
        self._resting_until: dict[int, float] = {}
        self.pace: Pace = Pace(max_size=max_items or pacing.INITIAL_BATCH_SIZE)

    def drain(self, counter: SyncCounter, *, ignore_backoff: bool) -> None:
        """Sends until no item is ready, or connection, server or disk fail.

        Args:
            counter: collects the results.
            ignore_backoff: a person pressed Send, so the device's own backoff does not
                count. A ``Retry-After`` of the service does.

        Raises:
            OutboxUnusable: the file cannot be read or written. If it is only full, the
                counter has the problem, and the next drain queues again what is in
                flight.
        """
        try:
            self._drain(counter, ignore_backoff=ignore_backoff)
        except OutboxFull as full:
            counter.record_problem(full)
            # A result that cannot be stored is asked for again, like a lost reply.
            self.pace, _ = pacing.next_pace(
                self.pace,
                RequestOutcome.NO_CONNECTION,
                1,
                self._now(),
                self._rng.random(),
            )

    def seconds_left(self) -> float:
        """Seconds until the next drain can send anything."""
        return max(0.0, self.pace.not_before - self._now())

    def connected(self) -> None:
        """A connection came back: the next drain may come early."""
        self.pace = self.pace.connected(self._now())

    def _drain(self, counter: SyncCounter, *, ignore_backoff: bool) -> None:
        self._queue.recover()
        if ignore_backoff:
            self._resting_until.clear()
        while ignore_backoff or self._now() >= self.pace.not_before:
            limits = self._limits()
            self.pace = self.pace.with_limit(self._max_items or limits.items)
            batch = self._queue.claim(
                self.pace.size, limits.bytes - _REQUEST_BYTES, self._resting_items()
            )
            if not batch or not self._send(batch, counter):
                return

    def _send(self, batch: list[ClaimedItem], counter: SyncCounter) -> bool:
        """Sends one request; returns whether to go on."""
        self._rng.shuffle(batch)
        outcome, problem = RequestOutcome.DELIVERED, None
        try:
            flow = submit(
                self._ballot_box(), [each.item for each in batch], new_batch_id()
            )
            results = drive(flow, self._transport.send)
            self._clock.observe(self._transport.last_date)
            self._settle_batch(batch, results, counter)
        except OutboxUnusable:
            raise
        except RapportError as error:
            outcome, problem = classify_error(error), error
        finally:
            self._queue.requeue([each.seq for each in batch])
        return self._apply_next_step(batch, outcome, problem, counter)

    def _settle_batch(
        self,
        batch: list[ClaimedItem],
        results: list[SubmissionResult],
        counter: SyncCounter,
    ) -> None:
        trusted = self._clock.trusted_now()
        self._queue.settle(
            zip((each.seq for each in batch), results, strict=True),
            now=self._clock.now().timestamp(),
            at=None if trusted is None else trusted.timestamp(),
        )
        for each, result in zip(batch, results, strict=True):
            part = SyncCounter()
            part.record_result(each.item.op, result.status, result.reason)
            counter.include(part, each.person_name)

    def _apply_next_step(
        self,
        batch: list[ClaimedItem],
        outcome: RequestOutcome,
        problem: RapportError | None,
        counter: SyncCounter,
    ) -> bool:
        """Applies the pacing rules to an outcome; returns whether to go on."""
        single = batch[0] if len(batch) == 1 else None
        if single is not None:
            self.pace = replace(self.pace, server_errors=single.failures)
        jitter, now = self._rng.random(), self._now()
        self.pace, step = pacing.next_pace(self.pace, outcome, len(batch), now, jitter)
        if single is not None:
            # An item's failures are its own: the next batch begins with none.
            self.pace = replace(self.pace, server_errors=0)
        if single is not None and outcome in _ITEM_FAILURES:
            failures = single.failures + 1
            self._queue.record_failures(single.seq, failures)
            if step in {NextStep.MOVE_TO_END, NextStep.PAUSE}:
                self._resting_until[single.seq] = now + pacing.compute_backoff(
                    failures, jitter
                )
        if single is not None and step is NextStep.MARK_DEAD and problem is not None:
            self._queue.mark_dead(single.seq, _dead_reason(problem))
            part = SyncCounter()
            part.record_dead(single.item.op, _dead_reason(problem))
            counter.include(part, single.person_name)
        elif problem is not None and step is not NextStep.RETRY_SMALLER:
            counter.record_problem(problem)
        return step not in {NextStep.RETRY, NextStep.PAUSE}

    def _resting_items(self) -> set[int]:
        now = self._now()
        return {seq for seq, until in self._resting_until.items() if until > now}

    def _now(self) -> float:
        return self._clock.source.monotonic()


def new_batch_id() -> str:
    """A fresh random text for one request, which its reply must echo."""
    return base64url.encode(secrets.token_bytes(_BATCH_BYTES))


def _dead_reason(problem: RapportError) -> str:
    return problem.code if isinstance(problem, ProblemError) else str(problem)
