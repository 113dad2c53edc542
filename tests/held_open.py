"""A transaction that another thread keeps open while somebody else comes along."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from rapport_service.db import Door, transaction
from tests.at_once import PATIENCE
from tests.house_under_test import House

Done = TypeVar("Done")
Result = TypeVar("Result")

BLOCKED = 0.2
"""Seconds after which a thread that has not ended is waiting for a lock."""


@dataclass
class HeldOpen(Generic[Done]):
    """Work that is done and not committed."""

    work: Future[Done]
    pool: ThreadPoolExecutor
    may_end: Event

    def meanwhile(self, act: Callable[[], Result]) -> tuple[bool, Result, Done]:
        """Starts an act beside the open transaction, then lets that commit.

        Returns:
            Whether the act had to wait, its result, and that of the work.
        """
        beside = self.pool.submit(act)
        waited = bool(wait([beside], BLOCKED).not_done)
        self.may_end.set()
        return waited, beside.result(PATIENCE), self.work.result(PATIENCE)


@contextmanager
def held_open(
    house: House, door: Door, doing: Callable[[Session], Done]
) -> Iterator[HeldOpen[Done]]:
    """Does something behind a door, in a transaction that stays open for a while."""
    begun, may_end = Event(), Event()

    def do() -> Done:
        with house.app.app_context(), transaction(door) as session:
            done = doing(session)
            begun.set()
            may_end.wait(PATIENCE)
            return done

    with ThreadPoolExecutor(2) as pool:
        work = pool.submit(do)
        try:
            assert begun.wait(PATIENCE)
            yield HeldOpen(work, pool, may_end)
        finally:
            may_end.set()
