"""Several things done at the same moment, each in a thread of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from tests.support.service import ServiceHarness

Result = TypeVar("Result")

TIMEOUT_SECONDS = 30
"""Seconds until threads that wait for each other give up."""


def run_concurrently(
    service: ServiceHarness, *acts: Callable[[], Result]
) -> list[Result]:
    """Lets every act begin together; what each returned, in order.

    An act that raises makes this raise.
    """
    line = Barrier(len(acts), timeout=TIMEOUT_SECONDS)

    def run(act: Callable[[], Result]) -> Result:
        with service.app.app_context():
            line.wait()
            return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [future.result() for future in [threads.submit(run, a) for a in acts]]
