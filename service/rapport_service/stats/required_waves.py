"""Required waves: how many more an event needs before the placebo test can decide.

A p of .05 needs twenty placements of the dates: eleven waves with an after of two,
twenty-three without (`placebo_test`).
"""

from itertools import count

from rapport_service.stats.placebo_test import (
    MIN_PHASE_WAVES,
    can_reach_significance,
    placements,
)


def is_testable(before: int, during: int, after: int) -> bool:
    """Return whether an event can be assessed with so many waves in each phase."""
    if min(before, during) < MIN_PHASE_WAVES:
        return False
    ends = after >= MIN_PHASE_WAVES
    waves = before + during + (after if ends else 0)
    return can_reach_significance(len(placements(waves, ends=ends)))


def waves_needed(
    before: int, during: int, after: int, *, over: bool, ends: bool
) -> int | None:
    """Return how many more waves an event needs, at the least, to be assessed.

    Args:
        before: Waves before it.
        during: Waves in it so far.
        after: Waves after it so far.
        over: Whether it has ended, so that waves to come lie after it.
        ends: Whether it ends at all. An event that has not ended yet may end as soon as
            it has lasted two waves.

    Returns:
        0 if they are enough; None if no wave to come can make up for the missing ones.
    """
    if before < MIN_PHASE_WAVES or (over and during < MIN_PHASE_WAVES):
        return None
    inside = max(MIN_PHASE_WAVES - during, 0)
    for more in count():
        later = more - inside
        if over or ends:
            testable = later >= 0 and is_testable(
                before, during + inside, after + later
            )
        else:
            testable = is_testable(before, during + more, 0)
        if testable and (not ends or after + later >= MIN_PHASE_WAVES):
            return more
    return None
