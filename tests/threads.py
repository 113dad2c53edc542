"""Doing things at the same time, with real threads."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def at_once(*doings: Callable[[], T]) -> Sequence[T]:
    """Does all of these at the same moment; what each returned, in order."""
    gate = Barrier(len(doings))

    def do(doing: Callable[[], T]) -> T:
        gate.wait()
        return doing()

    with ThreadPoolExecutor(len(doings)) as pool:
        return list(pool.map(do, doings))
