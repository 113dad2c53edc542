"""Actions at the same moment, locks that stay held, commits that fail."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier, Event
from typing import Generic, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

from rapport_service.core.db import Door, db, transaction
from tests.support.service import ServiceHarness

Done = TypeVar("Done")
Result = TypeVar("Result")

TIMEOUT_SECONDS = 30
"""Timeout of threads that wait for each other, in seconds."""

BLOCKED_AFTER_SECONDS = 0.2
"""Seconds after which a thread that has not ended is waiting for a lock."""


_LOCK_HOLDER = """
import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""
"""Program that holds a lock file until its input ends."""


def run_concurrently(
    service: ServiceHarness, *actions: Callable[[], Result]
) -> list[Result]:
    """Starts all actions at the same moment; what each returned, in order.

    An action that raises makes this raise.
    """
    start = Barrier(len(actions), timeout=TIMEOUT_SECONDS)

    def run(action: Callable[[], Result]) -> Result:
        with service.app.app_context():
            start.wait()
            return action()

    with ThreadPoolExecutor(len(actions)) as threads:
        futures = [threads.submit(run, action) for action in actions]
        return [future.result() for future in futures]


@dataclass
class OpenTransaction(Generic[Done]):
    """Work that is done and not committed."""

    work: Future[Done]
    pool: ThreadPoolExecutor
    may_end: Event

    def run_meanwhile(self, action: Callable[[], Result]) -> tuple[bool, Result, Done]:
        """Starts an action while the transaction is open, then lets that commit.

        Returns:
            Whether the action had to wait, its result, and that of the work.
        """
        second = self.pool.submit(action)
        waited = bool(wait([second], BLOCKED_AFTER_SECONDS).not_done)
        self.may_end.set()
        return waited, second.result(TIMEOUT_SECONDS), self.work.result(TIMEOUT_SECONDS)


@contextmanager
def open_transaction(
    service: ServiceHarness, door: Door, operation: Callable[[Session], Done]
) -> Iterator[OpenTransaction[Done]]:
    """Runs an operation behind a door, in a transaction that stays open for a while."""
    begun, may_end = Event(), Event()

    def work() -> Done:
        with service.app.app_context(), transaction(door) as session:
            done = operation(session)
            begun.set()
            may_end.wait(TIMEOUT_SECONDS)
            return done

    with ThreadPoolExecutor(2) as pool:
        future = pool.submit(work)
        future.add_done_callback(lambda _: begun.set())  # an operation that raises
        try:
            assert begun.wait(TIMEOUT_SECONDS)
            if future.done():
                future.result()
            yield OpenTransaction(future, pool, may_end)
        finally:
            may_end.set()


@contextmanager
def foreign_write_lock(database: Path) -> Iterator[Callable[[], None]]:
    """Lock of a database that another process holds.

    Yields:
        A function that makes the process release the lock, before the block ends.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", _LOCK_HOLDER, f"{database}.lock"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "held\n"
        try:
            yield process.stdin.close
        finally:
            process.stdin.close()


@contextmanager
def failing_commits(failure: Exception) -> Iterator[list[bool]]:
    """Makes every commit raise, as a full disk or a lost connection does.

    Yields:
        A list that grows with each commit that was tried.
    """
    tried: list[bool] = []

    def fail(_connection: Connection) -> None:
        tried.append(True)
        raise failure

    event.listen(db.engine, "commit", fail)
    try:
        yield tried
    finally:
        event.remove(db.engine, "commit", fail)
