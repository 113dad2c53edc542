"""Effect of an event on a series: a verdict, by rules that were fixed beforehand.

too_early        no p of .05 is within reach: with an after below 11 waves, without
                 one below 23; or a phase has fewer than two waves; or the series
                 shows a gain that its placebo dates cannot tell from others (below)
no_acceleration  accel < 5 points, or p > .05 over placebo dates
accelerated      neither of these, and nothing below
sustained        accelerated, the one-sided 95 % lower bound of sustain above 0, and
                 retention at least .5
faded            accelerated, fade at most -5 points with a one-sided 95 % upper
                 bound below 0, and sustain not above 0 with the same certainty

A gain that stays looks the same wherever its end is put, so every placement with the
true start does about as well as the true one. Until about 40 waves these alone are more
than 5 % of all placements, and p > .05 then says that dates are few, not that nothing
happened. Where accel is 5 points or more and its lower bound is above 0, such a series
is therefore too early to tell. The rule claims no gain, so it costs no false alarm.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rapport_schemas.enums import EventVerdict, Phase
from rapport_service.stats.contrasts import Contrasts, contrasts, t_statistic
from rapport_service.stats.detectable_change import detectable_change
from rapport_service.stats.intervals import SIGNIFICANCE
from rapport_service.stats.placebo_test import (
    MIN_PHASE_WAVES,
    Placement,
    can_reach_significance,
    placebo_test,
    placements,
)
from rapport_service.stats.trend import Point, scores, standard_errors

MIN_IMPORTANT_DIFFERENCE = 5.0
"""The smallest difference in points that matters, fixed before any event."""
MIN_RETENTION = 0.5


@dataclass(frozen=True)
class EventAssessment:
    """Assessment of one series around one event.

    Attributes:
        verdict: By the rules above.
        contrasts: In points; None where there are too few waves.
        p: Of accel over placebo dates; None where there are too few waves.
        placebo_dates: How many placements p is made of.
        first_clear_wave: The number of the first wave during, counted from 0 among the
            waves during, that was clearly above the level before; None if none was.
    """

    verdict: EventVerdict
    contrasts: Contrasts | None
    p: float | None
    placebo_dates: int
    first_clear_wave: int | None


def assess(points: Sequence[Point], phases: Sequence[Phase | None]) -> EventAssessment:
    """Assess the effect of an event on a series.

    Args:
        points: In the order of time.
        phases: Of each point; those in transition or None are left out.
    """
    before, during, after = (
        [point for point, own in zip(points, phases, strict=True) if own == phase]
        for phase in ("before", "during", "after")
    )
    # An after of a single wave is too short to be a phase; what came before it counts.
    ends = len(after) >= MIN_PHASE_WAVES
    used = [*before, *during, *(after if ends else [])]
    admissible = placements(len(used), ends=ends)
    if min(len(before), len(during)) < MIN_PHASE_WAVES or not can_reach_significance(
        len(admissible)
    ):
        return EventAssessment("too_early_to_tell", None, None, len(admissible), None)
    y = scores(used)
    placement: Placement = (
        len(before),
        len(before) + len(during) if ends else None,
    )
    effect = contrasts(y, *placement)
    p = placebo_test(admissible, placement, lambda at: t_statistic(y, (0, 1), *at)).p
    verdict = classify(effect, p)
    has_gain = (
        effect.accel.estimate >= MIN_IMPORTANT_DIFFERENCE
        and effect.accel.lower_bound > 0
    )
    same_start = sum(start == placement[0] for start, _ in admissible)
    is_undecided = has_gain and same_start > SIGNIFICANCE * len(admissible)
    if verdict == "no_acceleration" and is_undecided:
        verdict = "too_early_to_tell"
    return EventAssessment(
        verdict=verdict,
        contrasts=effect,
        p=p,
        placebo_dates=len(admissible),
        first_clear_wave=find_first_clear_wave(before, during),
    )


def classify(contrasts: Contrasts, p: float) -> EventVerdict:
    """Return the verdict on contrasts that are not too early, by the rules above."""
    if contrasts.accel.estimate < MIN_IMPORTANT_DIFFERENCE or p > SIGNIFICANCE:
        return "no_acceleration"
    if contrasts.sustain is None or contrasts.fade is None:
        return "accelerated"
    is_still_above = contrasts.sustain.lower_bound > 0
    is_retained = (
        contrasts.retention is not None and contrasts.retention.share >= MIN_RETENTION
    )
    if is_still_above and is_retained:
        return "sustained"
    has_faded = (
        contrasts.fade.estimate <= -MIN_IMPORTANT_DIFFERENCE
        and contrasts.fade.upper_bound < 0
    )
    return "faded" if has_faded and not is_still_above else "accelerated"


def find_first_clear_wave(
    before: Sequence[Point], during: Sequence[Point]
) -> int | None:
    """Return the number of the first wave during that is clearly above before.

    The level before is the mean of its waves; a wave is clear if it is above that by
    the detectable change.
    """
    level = float(scores(before).mean())
    level_se = float(np.sqrt((standard_errors(before) ** 2).sum())) / len(before)
    for number, point in enumerate(during):
        if point.score >= level + detectable_change(level_se, point.se):
            return number
    return None
