"""How hard an event hit a group, in its own words: the context tap.

One tap asks whether the last two weeks were normal, stretched or in crisis. It is never
scored. It shows whether a marked event was felt at all, and by whom.
"""

from dataclasses import dataclass

from rapport_service.measure.block import Block


@dataclass(frozen=True)
class Dose:
    """The share, 0 to 1, of those who tapped that felt in crisis, and their number."""

    share: float
    n: int


def dose(block: Block) -> Dose | None:
    """Return the dose of some people; None if nobody tapped."""
    n = int(block.contexts.sum())
    count = int(block.contexts[block.layout.contexts.index("crisis")])
    return Dose(count / n, n) if n else None
