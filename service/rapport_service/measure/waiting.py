"""How many more waves it takes before dates picked out of a hat can be told apart.

A p of .05 needs twenty placements of the dates: eleven waves with an after of two,
twenty-three without (`placebo`).
"""

from itertools import count

from rapport_service.measure.placebo import SHORTEST_PHASE, can_reach, placements


def enough(before: int, during: int, after: int) -> bool:
    """Return whether so many waves in each phase can be judged at all."""
    if min(before, during) < SHORTEST_PHASE:
        return False
    ends = after >= SHORTEST_PHASE
    waves = before + during + (after if ends else 0)
    return can_reach(len(placements(waves, ends=ends)))


def waves_needed(
    before: int, during: int, after: int, *, over: bool, ends: bool
) -> int | None:
    """Return how many more waves an event needs, at the least, to be judged.

    Args:
        before: Waves before it.
        during: Waves in it so far.
        after: Waves after it so far.
        over: Whether it has ended, so that what is to come lies after it.
        ends: Whether it ends at all. What has not ended yet may end as soon as it has
            lasted two waves.

    Returns:
        0 if they are enough; None if no wave to come can make up for what is missing.
    """
    if before < SHORTEST_PHASE or (over and during < SHORTEST_PHASE):
        return None
    inside = max(SHORTEST_PHASE - during, 0)
    for more in count():
        later = more - inside
        if over or ends:
            there = later >= 0 and enough(before, during + inside, after + later)
        else:
            there = enough(before, during + more, 0)
        if there and (not ends or after + later >= SHORTEST_PHASE):
            return more
    return None
