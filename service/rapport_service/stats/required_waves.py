"""Required waves: how many more an event needs before there can be a verdict.

Each phase needs two waves. Where the organization's noise is known that is enough,
however large the gain then has to be. Otherwise the placebo test needs nineteen
placements with another start for a p of .05.
"""

from itertools import count

from rapport_service.stats.placebo_test import (
    MIN_PHASE_WAVES,
    can_reach_significance,
    other_starts,
    placements,
)


def is_testable(before: int, during: int, after: int, *, noise_known: bool) -> bool:
    """Return whether an event can be assessed with so many waves in each phase.

    Args:
        before: Waves before it.
        during: Waves in it.
        after: Waves after it.
        noise_known: Whether the organization's noise can be estimated.
    """
    if min(before, during) < MIN_PHASE_WAVES:
        return False
    if noise_known:
        return True
    ends = after >= MIN_PHASE_WAVES
    waves = before + during + (after if ends else 0)
    others = other_starts(placements(waves, ends=ends), before)
    return can_reach_significance(1 + len(others))


def waves_needed(
    before: int,
    during: int,
    after: int,
    *,
    over: bool,
    ends: bool,
    noise_known: bool,
) -> int | None:
    """Return how many more waves an event needs, at the least, to be assessed.

    Args:
        before: Waves before it.
        during: Waves in it so far.
        after: Waves after it so far.
        over: Whether it has ended, so that waves to come lie after it.
        ends: Whether it ends at all. An event that has not ended yet may end as soon as
            it has lasted two waves.
        noise_known: Whether the organization's noise can be estimated.

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
                before, during + inside, after + later, noise_known=noise_known
            )
        else:
            testable = is_testable(before, during + more, 0, noise_known=noise_known)
        if testable and (not ends or after + later >= MIN_PHASE_WAVES):
            return more
    return None
