"""Sends what waits, as the rules of pacing have it."""

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
_ENVELOPE_BYTES = 100
"""What an envelope needs around its items, rounded up."""

_ITEM_FAILURES = frozenset(
    {
        RequestOutcome.SERVER_ERROR,
        RequestOutcome.TOO_LARGE_ON_THE_WAY,
        RequestOutcome.TIMED_OUT,
    }
)


class Sender:
    """Sends the items of a queue through the ballot-box door.

    An item leaves the queue only by an exact reply. Whatever else happens, its outcome
    is unknown and it is queued again. The pace is kept as long as this object lives.

    Args:
        queue: whose items.
        ballot_box: the origin of the ballot-box door.
        line: carries requests.
        clock: the device's.
        limits: what the service published last.
        most: the most items in one request: 1 for a personal device, None for as many
            as the limits allow.
    """

    def __init__(
        self,
        queue: Queue,
        ballot_box: str,
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
        self.pace = Pace(most=max_items or pacing.INITIAL_BATCH_SIZE)

    def drain(self, counter: SyncCounter, *, ignore_backoff: bool) -> None:
        """Sends until nothing is ready, or the line, the server or the disk fails.

        Args:
            tally: what happens is added to it.
            pressed: a person pressed Send, so no backoff of our own holds. What the
                service asked for holds anyway.

        Raises:
            OutboxUnusable: the file cannot be read or written. That it is full is
                noted: what is in flight then is queued again by the next drain.
        """
        try:
            self._drain(counter, ignore_backoff=ignore_backoff)
        except OutboxFull as full:
            counter.record_problem(full)
            # What cannot be noted is asked again, so it waits as if no reply had come.
            self.pace, _ = pacing.next_pace(
                self.pace,
                RequestOutcome.NO_CONNECTION,
                1,
                self._now(),
                self._rng.random(),
            )

    def seconds_left(self) -> float:
        """How long to wait before the next drain can do anything new."""
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
            cut = self._queue.claim(
                self.pace.size, limits.bytes - _ENVELOPE_BYTES, self._resting_items()
            )
            if not cut or not self._send(cut, counter):
                return

    def _send(self, cut: list[ClaimedItem], tally: SyncCounter) -> bool:
        """Sends one request; whether to go on."""
        self._rng.shuffle(cut)
        outcome, problem = RequestOutcome.DELIVERED, None
        try:
            flow = submit(self._ballot_box, [each.item for each in cut], new_batch_id())
            verdicts = drive(flow, self._transport.send)
            self._transport.confirm_clock()
            self._settle_batch(cut, verdicts, tally)
        except OutboxUnusable:
            raise
        except RapportError as error:
            outcome, problem = classify_error(error), error
        finally:
            self._queue.requeue([each.seq for each in cut])
        return self._apply_next_step(cut, outcome, problem, tally)

    def _settle_batch(
        self,
        cut: list[ClaimedItem],
        verdicts: list[SubmissionResult],
        tally: SyncCounter,
    ) -> None:
        sure = self._clock.trusted_now()
        self._queue.settle(
            zip((each.seq for each in cut), verdicts, strict=True),
            now=self._clock.now().timestamp(),
            at=None if sure is None else sure.timestamp(),
        )
        for each, verdict in zip(cut, verdicts, strict=True):
            told = SyncCounter()
            told.record_result(each.item.op, verdict.status, verdict.reason)
            tally.include(told, each.person_name)

    def _apply_next_step(
        self,
        cut: list[ClaimedItem],
        outcome: RequestOutcome,
        problem: RapportError | None,
        tally: SyncCounter,
    ) -> bool:
        """Takes the rules' word for what happened; whether to go on."""
        lone = cut[0] if len(cut) == 1 else None
        if lone is not None:
            self.pace = replace(self.pace, broken=lone.failures)
        dice, now = self._rng.random(), self._now()
        self.pace, fate = pacing.next_pace(self.pace, outcome, len(cut), now, dice)
        if lone is not None:
            # An item's failures are its own: the next cut begins with none.
            self.pace = replace(self.pace, broken=0)
        if lone is not None and outcome in _ITEM_FAILURES:
            failures = lone.failures + 1
            self._queue.record_failures(lone.seq, failures)
            if fate in {NextStep.MOVE_TO_END, NextStep.PAUSE}:
                self._resting_until[lone.seq] = now + pacing.compute_backoff(
                    failures, dice
                )
        if lone is not None and fate is NextStep.MARK_DEAD and problem is not None:
            self._queue.mark_dead(lone.seq, _dead_reason(problem))
            told = SyncCounter()
            told.record_dead(lone.item.op, _dead_reason(problem))
            tally.include(told, lone.person_name)
        elif problem is not None and fate is not NextStep.RETRY_SMALLER:
            tally.record_problem(problem)
        return fate not in {NextStep.RETRY, NextStep.PAUSE}

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
