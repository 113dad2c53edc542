"""Sends what waits, as the rules of pacing have it."""

import secrets
from collections.abc import Callable
from dataclasses import replace

from rapport_client import b64
from rapport_client.errors import (
    OutboxFull,
    OutboxUnusable,
    ProblemError,
    RapportError,
)
from rapport_client.flows.pull import Limits
from rapport_client.flows.send import Verdict, submit
from rapport_client.store.queue import Queue, Taken
from rapport_client.sync import pacing
from rapport_client.sync.clock import DeviceClock
from rapport_client.sync.line import Line
from rapport_client.sync.outcomes import outcome_of
from rapport_client.sync.pacing import Fate, Outcome, Pace
from rapport_client.sync.report import Tally
from rapport_client.wire import drive

_BATCH_BYTES = 16
_ENVELOPE_BYTES = 100
"""What an envelope needs around its items, rounded up."""

_BREAKS = frozenset({Outcome.BROKEN, Outcome.FOREIGN_LIMIT, Outcome.TIMED_OUT})


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
        line: Line,
        clock: DeviceClock,
        limits: Callable[[], Limits],
        most: int | None,
    ) -> None:
        self._queue = queue
        self._ballot_box = ballot_box
        self._line = line
        self._clock = clock
        self._limits = limits
        self._most = most
        self._dice = secrets.SystemRandom()
        self._resting: dict[int, float] = {}
        self.pace = Pace(most=most or pacing.FIRST_SIZE)

    def drain(self, tally: Tally, *, pressed: bool) -> None:
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
            self._drain(tally, pressed=pressed)
        except OutboxFull as full:
            tally.stopped_by(full)
            # What cannot be noted is asked again, so it waits as if no reply had come.
            self.pace, _ = pacing.after(
                self.pace, Outcome.NO_LINE, 1, self._now(), self._dice.random()
            )

    def seconds_left(self) -> float:
        """How long to wait before the next drain can do anything new."""
        return max(0.0, self.pace.not_before - self._now())

    def connected(self) -> None:
        """A connection came back: the next drain may come early."""
        self.pace = self.pace.connected(self._now())

    def _drain(self, tally: Tally, *, pressed: bool) -> None:
        self._queue.recover()
        if pressed:
            self._resting.clear()
        while pressed or self._now() >= self.pace.not_before:
            limits = self._limits()
            self.pace = self.pace.limited(self._most or limits.items)
            cut = self._queue.take(
                self.pace.size, limits.bytes - _ENVELOPE_BYTES, self._still_resting()
            )
            if not cut or not self._send(cut, tally):
                return

    def _send(self, cut: list[Taken], tally: Tally) -> bool:
        """Sends one request; whether to go on."""
        self._dice.shuffle(cut)
        outcome, problem = Outcome.DELIVERED, None
        try:
            flow = submit(self._ballot_box, [each.item for each in cut], new_batch())
            verdicts = drive(flow, self._line.send)
            self._line.vouch()
            self._conclude(cut, verdicts, tally)
        except OutboxUnusable:
            raise
        except RapportError as error:
            outcome, problem = outcome_of(error), error
        finally:
            self._queue.put_back([each.seq for each in cut])
        return self._follow(cut, outcome, problem, tally)

    def _conclude(
        self, cut: list[Taken], verdicts: list[Verdict], tally: Tally
    ) -> None:
        sure = self._clock.sure()
        self._queue.conclude(
            zip((each.seq for each in cut), verdicts, strict=True),
            now=self._clock.now().timestamp(),
            at=None if sure is None else sure.timestamp(),
        )
        for each, verdict in zip(cut, verdicts, strict=True):
            told = Tally()
            told.concluded(each.item.op, verdict.status, verdict.reason)
            tally.include(told, each.whose)

    def _follow(
        self,
        cut: list[Taken],
        outcome: Outcome,
        problem: RapportError | None,
        tally: Tally,
    ) -> bool:
        """Takes the rules' word for what happened; whether to go on."""
        lone = cut[0] if len(cut) == 1 else None
        if lone is not None:
            self.pace = replace(self.pace, broken=lone.failures)
        dice, now = self._dice.random(), self._now()
        self.pace, fate = pacing.after(self.pace, outcome, len(cut), now, dice)
        if lone is not None:
            # An item's failures are its own: the next cut begins with none.
            self.pace = replace(self.pace, broken=0)
        if lone is not None and outcome in _BREAKS:
            failures = lone.failures + 1
            self._queue.note_failures(lone.seq, failures)
            if fate in {Fate.BACK, Fate.REST}:
                self._resting[lone.seq] = now + pacing.wait_after(failures, dice)
        if lone is not None and fate is Fate.DEAD and problem is not None:
            self._queue.bury(lone.seq, _reason(problem))
            told = Tally()
            told.buried(lone.item.op, _reason(problem))
            tally.include(told, lone.whose)
        elif problem is not None and fate is not Fate.SMALLER:
            tally.stopped_by(problem)
        return fate not in {Fate.AGAIN, Fate.REST}

    def _still_resting(self) -> set[int]:
        now = self._now()
        return {seq for seq, until in self._resting.items() if until > now}

    def _now(self) -> float:
        return self._clock.source.monotonic()


def new_batch() -> str:
    """A fresh random text for one request, which its reply must echo."""
    return b64.encode(secrets.token_bytes(_BATCH_BYTES))


def _reason(problem: RapportError) -> str:
    return problem.code if isinstance(problem, ProblemError) else str(problem)
