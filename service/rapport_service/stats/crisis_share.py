"""Crisis share: how hard an event hit a group, by the context question.

The question asks whether the last two weeks were normal, stretched or in crisis. It is
never scored. It shows whether a marked event was felt at all, and by whom.
"""

from dataclasses import dataclass

from rapport_service.stats.sufficient_statistics import SufficientStatistics


@dataclass(frozen=True)
class CrisisShare:
    """Share, 0 to 1, of answers that say crisis, and n, the number of answers."""

    share: float
    n: int


def crisis_share(statistics: SufficientStatistics) -> CrisisShare | None:
    """Return the crisis share of a group; None without an answer to the question."""
    n = int(statistics.contexts.sum())
    count = int(statistics.contexts[statistics.layout.contexts.index("crisis")])
    return CrisisShare(count / n, n) if n else None
