"""How hard an event hit a group, in its own words: the context tap.

One tap asks whether the last two weeks were normal, stretched or in crisis. It is never
scored. It shows whether a marked event was felt at all, and by whom.
"""

from dataclasses import dataclass

from rapport_service.measure.block import Block
from rapport_service.measure.intervals import Interval
from rapport_service.measure.shares import share_interval


@dataclass(frozen=True)
class Dose:
    """The share of people who gave one answer to the context tap, 0 to 1."""

    share: float
    interval: Interval
    n: int


def dose(block: Block, context: str = "crisis") -> Dose | None:
    """Return the share of those who tapped that gave this answer; None if nobody did.

    Args:
        block: The people.
        context: One of the contexts of the block's layout.
    """
    n = int(block.contexts.sum())
    count = int(block.contexts[block.layout.contexts.index(context)])
    interval = share_interval(count, n)
    return None if interval is None else Dose(count / n, interval, n)
