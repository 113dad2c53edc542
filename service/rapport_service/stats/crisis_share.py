"""How hard an event hit a group, in its own words: the context tap.

One tap asks whether the last two weeks were normal, stretched or in crisis. It is never
scored. It shows whether a marked event was felt at all, and by whom.
"""

from dataclasses import dataclass

from rapport_service.stats.sufficient_statistics import SufficientStatistics


@dataclass(frozen=True)
class CrisisShare:
    """The share, 0 to 1, of those who tapped that felt in crisis, and their number."""

    share: float
    n: int


def crisis_share(block: SufficientStatistics) -> CrisisShare | None:
    """Return the dose of some people; None if nobody tapped."""
    n = int(block.contexts.sum())
    count = int(block.contexts[block.layout.contexts.index("crisis")])
    return CrisisShare(count / n, n) if n else None
