"""Fleet of phones: each session is a process, and some are killed."""

import multiprocessing
import os
import time
from collections import Counter
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from tools.chaos.disk_faults import DiskFault, Injection
from tools.chaos.journal import Tail
from tools.chaos.network_faults import SUBMISSIONS
from tools.chaos.session import SessionPlan, run_session

FORK_CONTEXT = multiprocessing.get_context("fork")
"""A fork has the SDK loaded already: a session begins in milliseconds."""

KILLED = "phone killed at a random time"
KILLED_SENDING = "phone killed as it was sending"
WRONG_ADDRESS = "address of another Rapport typed"
WRONG_MOVE = "asked to move to another Rapport"
WRONG_CLOCK = "with a clock that jumps"
NO_SIGNAL = "without a signal"

MAX_SESSION_SECONDS = 300.0
"""Seconds after which a session hangs: longer than all waiting of a slow machine."""


@dataclass(frozen=True)
class SessionFault:
    """Fault that ends a session, or spoils it.

    Attributes:
        after: seconds after which the process is killed; never if None.
        sending: whether it is killed as soon as it has sent a submission.
        disk: the disk fault and the number of the write; none if None.
    """

    after: float | None = None
    sending: bool = False
    disk: tuple[DiskFault, int] | None = None


NO_FAULT = SessionFault()


@dataclass
class RunningSession:
    """A session that is under way."""

    plan: SessionPlan
    process: BaseProcess
    started_at: float
    fault: SessionFault
    injection: Injection | None
    ledger: Tail

    def is_due(self) -> bool:
        """Whether the process is to be killed now."""
        if self.fault.sending:
            return any(
                entry["pid"] == self.process.pid
                and entry["event"] == "request"
                and entry["path"] == SUBMISSIONS
                for entry in self.ledger.read_new()
            )
        after = self.fault.after
        return after is not None and time.monotonic() > self.started_at + after

    def has_hung(self) -> bool:
        """Whether the session has taken so long that it waits for nothing."""
        return time.monotonic() > self.started_at + MAX_SESSION_SECONDS


class Fleet:
    """Runs sessions in parallel and counts how they ended.

    Attributes:
        faults: number of sessions with each kind of fault.
        uses: number of sessions with a wrong clock, and without a signal.
        deadly_writes: numbers of the writes at which a session was killed.
        slowest: the longest time of a session without a fault, in seconds.
        broken: devices whose session ended in an error of its own, or not at all.
    """

    def __init__(self) -> None:
        self.faults: Counter[str] = Counter()
        self.uses: Counter[str] = Counter()
        self.deadly_writes: set[int] = set()
        self.slowest = 0.0
        self.broken: list[str] = []
        self._under_way: list[RunningSession] = []

    def start(self, plan: SessionPlan, fault: SessionFault = NO_FAULT) -> None:
        """Begins a session."""
        self.faults[WRONG_ADDRESS] += plan.server == plan.other_server
        self.faults[WRONG_MOVE] += "move" in plan.steps
        self.uses[WRONG_CLOCK] += len(plan.skews) > 1
        self.uses[NO_SIGNAL] += not plan.signal
        go, started = os.pipe()

        def wait_for_it() -> None:
            os.close(started)
            os.read(go, 1)

        process = FORK_CONTEXT.Process(
            target=run_session, args=(plan, wait_for_it), daemon=True
        )
        process.start()
        os.close(go)
        injection = None
        if fault.disk is not None:
            injection = Injection.attach(process.pid or 0, plan.file, *fault.disk)
        os.close(started)
        ledger = Tail(plan.ledger)
        self._under_way.append(
            RunningSession(plan, process, time.monotonic(), fault, injection, ledger)
        )

    def list_busy_devices(self) -> list[str]:
        """Lists the devices in use."""
        return [session.plan.device for session in self._under_way]

    def poll(self, seconds: float = 0.05) -> None:
        """Kills sessions that are due, and cleans up those that have ended."""
        wait([session.process.sentinel for session in self._under_way], seconds)
        for session in list(self._under_way):
            if session.process.exitcode is None:
                if session.is_due() or session.has_hung():
                    session.process.kill()
                continue
            self._under_way.remove(session)
            self._record_end(session)

    def wait_for_all(self) -> None:
        """Waits for the end of every session."""
        while self._under_way:
            self.poll(0.5)

    def _record_end(self, session: RunningSession) -> None:
        code = session.process.exitcode
        session.process.join()
        if session.has_hung():
            self.broken.append(session.plan.device)
        elif session.injection is not None and session.injection.has_struck():
            self.faults[session.injection.fault] += 1
            if session.injection.fault == DiskFault.DEATH:
                self.deadly_writes.add(session.injection.n)
        elif code == -9:
            self.faults[KILLED_SENDING if session.fault.sending else KILLED] += 1
        if code == 0:
            took = time.monotonic() - session.started_at
            self.slowest = max(self.slowest, took)
        elif code != -9:
            self.broken.append(session.plan.device)
