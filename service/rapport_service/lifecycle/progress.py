"""How long work reports its progress to a caller, who may show it to a person."""

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """Iterates over the steps of long work and shows how far it has come."""

    def __call__(self, steps: Sequence[T], label: str) -> Iterator[T]:
        """Yields the steps in order; the label names the work for a person."""


def no_progress(steps: Sequence[T], label: str) -> Iterator[T]:
    """Progress that is shown to no person."""
    del label
    yield from steps
