"""A transaction that another thread keeps open while somebody else comes along."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from rapport_service.core.db import Door, transaction
from tests.support.concurrency import TIMEOUT_SECONDS
from tests.support.service import ServiceHarness

Done = TypeVar("Done")
Result = TypeVar("Result")

BLOCKED_AFTER_SECONDS = 0.2
"""Seconds after which a thread that has not ended is waiting for a lock."""


@dataclass
class OpenTransaction(Generic[Done]):
    """Work that is done and not committed."""

    work: Future[Done]
    pool: ThreadPoolExecutor
    may_end: Event

    def run_meanwhile(self, act: Callable[[], Result]) -> tuple[bool, Result, Done]:
        """Starts an act beside the open transaction, then lets that commit.

        Returns:
            Whether the act had to wait, its result, and that of the work.
        """
        beside = self.pool.submit(act)
        waited = bool(wait([beside], BLOCKED_AFTER_SECONDS).not_done)
        self.may_end.set()
        return waited, beside.result(TIMEOUT_SECONDS), self.work.result(TIMEOUT_SECONDS)


@contextmanager
def open_transaction(
    service: ServiceHarness, door: Door, operation: Callable[[Session], Done]
) -> Iterator[OpenTransaction[Done]]:
    """Does something behind a door, in a transaction that stays open for a while."""
    begun, may_end = Event(), Event()

    def do() -> Done:
        with service.app.app_context(), transaction(door) as session:
            done = operation(session)
            begun.set()
            may_end.wait(TIMEOUT_SECONDS)
            return done

    with ThreadPoolExecutor(2) as pool:
        work = pool.submit(do)
        try:
            assert begun.wait(TIMEOUT_SECONDS)
            yield OpenTransaction(work, pool, may_end)
        finally:
            may_end.set()
