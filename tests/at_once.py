"""Several things done at the same moment, each in a thread of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from tests.house_under_test import House

Result = TypeVar("Result")

PATIENCE = 30
"""Seconds until threads that wait for each other give up."""


def at_once(house: House, *acts: Callable[[], Result]) -> list[Result]:
    """Lets every act begin together; what each returned, in order.

    An act that raises makes this raise.
    """
    line = Barrier(len(acts), timeout=PATIENCE)

    def run(act: Callable[[], Result]) -> Result:
        with house.app.app_context():
            line.wait()
            return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [future.result() for future in [threads.submit(run, a) for a in acts]]
