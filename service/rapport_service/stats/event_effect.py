"""Effect of an event on a series: a verdict, by rules that were fixed beforehand.

too_early_to_tell a phase has fewer than two waves; or a gain of 10 points may be there
                  and could not be told from noise yet
no_acceleration   no clear gain, and one of 10 points or more can be ruled out
accelerated       a clear gain: accel at least 5 points, and p <= .05; and nothing below
sustained         accelerated, the one-sided 95 % lower bound of sustain above 0, and
                  retention at least .5
faded             accelerated, fade at most -5 points with a one-sided 95 % upper bound
                  below 0, and sustain not above 0 with the same certainty

How far noise reaches is told by the organization's noise model (`noise_model`). Where
fewer than three teams have every wave it cannot be estimated. Then placebo dates decide
(`placebo_test`), and only those with another start: a gain that stays looks the same
wherever its end is put. They give a p and no interval, so nothing can be ruled out:
what is not a clear gain is too early to tell. Of a clear one, sustain and fade are
judged by their size alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count

import numpy as np

from rapport_schemas.enums import EventMethod, EventVerdict, Phase
from rapport_service.stats.contrasts import (
    Contrast,
    Contrasts,
    contrasts,
    fieller,
    t_statistic,
)
from rapport_service.stats.detectable_change import detectable_change
from rapport_service.stats.intervals import SIGNIFICANCE
from rapport_service.stats.noise_model import NoiseModel
from rapport_service.stats.placebo_test import (
    MIN_PHASE_WAVES,
    Placement,
    can_reach_significance,
    other_starts,
    placebo_p,
    placements,
)
from rapport_service.stats.segmented_regression import level_design
from rapport_service.stats.sufficient_statistics import Floats
from rapport_service.stats.trend import Point, scores, standard_errors

MIN_IMPORTANT_DIFFERENCE = 5.0
"""The smallest difference in points that matters, fixed before any event."""

SOUGHT_GAIN = 10.0
"""Gain in points that has to be ruled out for a verdict of none."""

MIN_RETENTION = 0.5

MAX_MORE_WAVES = 52
"""Waves to come that are looked at, at most: two years of fortnights."""


@dataclass(frozen=True)
class SeriesNoise:
    """Noise of one series.

    Attributes:
        model: the organization's.
        numbers: of each point, its wave's number among those of the model.
        se2: mean squared published standard error; None for the whole organization.
    """

    model: NoiseModel
    numbers: Sequence[int]
    se2: float | None

    def contrast(self, y: Floats, numbers: Floats, weights: Floats) -> Contrast:
        """Return a combination of waves with its noise."""
        spread = (
            self.model.root_variance(weights, numbers)
            if self.se2 is None
            else self.model.team_variance(self.se2, weights, numbers)
        )
        return Contrast(float(weights @ y), spread.se, spread.freedom)


@dataclass(frozen=True)
class EventAssessment:
    """Assessment of one series around one event.

    Attributes:
        verdict: By the rules above.
        method: By the noise model or by placebo dates; None where it is too early for
            either.
        contrasts: In points; None where there are too few waves. By placebo dates,
            their standard errors promise nothing.
        p: Of accel; None where there are too few waves.
        placebo_dates: How many placements with another start p is made of.
        detectable: The least gain that would have been clear by now, in points; None
            where placebo dates decide.
        waves_to_detect: How many more waves during it would take for a gain of 10
            points to be clear; 0 if it would be; None if no number is known to.
        first_clear_wave: The number of the first wave during, counted from 0 among the
            waves during, that was clearly above the level before; None if none was.
    """

    verdict: EventVerdict
    method: EventMethod | None = None
    contrasts: Contrasts | None = None
    p: float | None = None
    placebo_dates: int | None = None
    detectable: float | None = None
    waves_to_detect: int | None = None
    first_clear_wave: int | None = None


@dataclass(frozen=True)
class _Phased:
    """Points by phase; an after of a single wave is no phase and is left out."""

    points: Sequence[Point]
    numbers: Sequence[int]
    before: int
    during: int
    after: int

    @property
    def placement(self) -> Placement:
        """The first wave during and the first after."""
        return self.before, self.before + self.during if self.after else None

    @cached_property
    def y(self) -> Floats:
        """(T,) the scores."""
        return scores(self.points)


def assess(
    points: Sequence[Point],
    phases: Sequence[Phase | None],
    noise: SeriesNoise | None = None,
    *,
    is_over: bool = False,
) -> EventAssessment:
    """Assess the effect of an event on a series.

    Args:
        points: In the order of time.
        phases: Of each point; those in transition or None are left out.
        noise: Of the series; None where it cannot be estimated.
        is_over: Whether the event has ended, so that no wave to come lies in it.
    """
    phased = _phase_points(points, phases, noise)
    if min(phased.before, phased.during) < MIN_PHASE_WAVES:
        return EventAssessment("too_early_to_tell")
    if noise is None:
        return _assess_by_placebo(phased)
    return _assess_by_noise(phased, noise, is_over=is_over)


def _phase_points(
    points: Sequence[Point],
    phases: Sequence[Phase | None],
    noise: SeriesNoise | None,
) -> _Phased:
    numbers = range(len(points)) if noise is None else noise.numbers
    by_phase = {
        phase: [
            (point, number)
            for point, number, own in zip(points, numbers, phases, strict=True)
            if own == phase
        ]
        for phase in ("before", "during", "after")
    }
    if len(by_phase["after"]) < MIN_PHASE_WAVES:
        by_phase["after"] = []
    used = [*by_phase["before"], *by_phase["during"], *by_phase["after"]]
    return _Phased(
        [point for point, _ in used],
        [number for _, number in used],
        *(len(by_phase[phase]) for phase in ("before", "during", "after")),
    )


def _assess_by_noise(
    phased: _Phased, noise: SeriesNoise, *, is_over: bool
) -> EventAssessment:
    effect = _noisy_contrasts(phased, noise)
    detectable = _detectable_gain(effect.accel)
    more = 0 if detectable <= SOUGHT_GAIN else None
    if more is None and not is_over and not phased.after:
        more = _waves_to_detect(phased, noise)
    p = effect.accel.p_value
    return EventAssessment(
        verdict=classify(effect, p),
        method="noise_model",
        contrasts=effect,
        p=p,
        detectable=detectable,
        waves_to_detect=more,
        first_clear_wave=_first_clear_wave(phased),
    )


def _noisy_contrasts(phased: _Phased, noise: SeriesNoise) -> Contrasts:
    """Return the contrasts, with standard errors by the noise model."""
    weights = _level_weights(phased.before, phased.during, phased.after)
    numbers = np.array(phased.numbers, dtype=np.float64)

    def contrast(row: Floats) -> Contrast:
        return noise.contrast(phased.y, numbers, row)

    accel = contrast(weights[1])
    if not phased.after:
        return Contrasts(accel, None, None, None)
    sustain, fade = contrast(weights[2]), contrast(weights[2] - weights[1])
    # Var(fade) = Var(sustain) + Var(accel) - 2 Cov(sustain, accel)
    covariance = (sustain.se**2 + accel.se**2 - fade.se**2) / 2
    retention = fieller(
        sustain.estimate,
        accel.estimate,
        (sustain.se**2, covariance, accel.se**2),
        accel.freedom,
    )
    return Contrasts(accel, sustain, fade, retention)


def _level_weights(before: int, during: int, after: int) -> Floats:
    """(p, T) the weight of each wave in each coefficient of the phases' levels."""
    end = before + during if after else None
    design = level_design(before + during + after, before, end)
    return np.asarray(np.linalg.pinv(design))


def _detectable_gain(accel: Contrast) -> float:
    """Return the least gain that is clear: significant, and of 5 points at least."""
    return max(accel.reach, MIN_IMPORTANT_DIFFERENCE)


def _waves_to_detect(phased: _Phased, noise: SeriesNoise) -> int | None:
    """Return how many more waves it takes until a gain of 10 points is clear."""
    last = max(phased.numbers)
    for more in count(1):
        if more > MAX_MORE_WAVES:
            return None
        weights = _level_weights(phased.before, phased.during + more, 0)[1]
        numbers = np.array(
            [*phased.numbers, *range(last + 1, last + 1 + more)], dtype=np.float64
        )
        accel = noise.contrast(np.zeros(len(numbers)), numbers, weights)
        if _detectable_gain(accel) <= SOUGHT_GAIN:
            return more
    return None


def _assess_by_placebo(phased: _Phased) -> EventAssessment:
    start, _ = phased.placement
    admissible = placements(len(phased.points), ends=bool(phased.after))
    others = other_starts(admissible, start)
    if not can_reach_significance(1 + len(others)):
        return EventAssessment("too_early_to_tell", placebo_dates=len(others))
    effect = contrasts(phased.y, *phased.placement)
    p = placebo_p(
        others, phased.placement, lambda at: t_statistic(phased.y, (0, 1), *at)
    )
    return EventAssessment(
        verdict=classify_by_size(effect, p),
        method="placebo_dates",
        contrasts=effect,
        p=p,
        placebo_dates=len(others),
        first_clear_wave=_first_clear_wave(phased),
    )


def classify(contrasts: Contrasts, p: float) -> EventVerdict:
    """Return the verdict on contrasts that are not too early, by the rules above."""
    accel = contrasts.accel
    if accel.estimate < MIN_IMPORTANT_DIFFERENCE or p > SIGNIFICANCE:
        is_ruled_out = accel.interval.high < SOUGHT_GAIN
        return "no_acceleration" if is_ruled_out else "too_early_to_tell"
    if contrasts.sustain is None or contrasts.fade is None:
        return "accelerated"
    is_still_above = contrasts.sustain.lower_bound > 0
    is_retained = contrasts.sustain.estimate >= MIN_RETENTION * accel.estimate
    if is_still_above and is_retained:
        return "sustained"
    has_faded = (
        contrasts.fade.estimate <= -MIN_IMPORTANT_DIFFERENCE
        and contrasts.fade.upper_bound < 0
    )
    return "faded" if has_faded and not is_still_above else "accelerated"


def classify_by_size(contrasts: Contrasts, p: float) -> EventVerdict:
    """Return the verdict on contrasts of unknown noise, by their size and p."""
    accel = contrasts.accel.estimate
    if accel < MIN_IMPORTANT_DIFFERENCE or p > SIGNIFICANCE:
        return "too_early_to_tell"
    if contrasts.sustain is None or contrasts.fade is None:
        return "accelerated"
    sustain, fade = contrasts.sustain.estimate, contrasts.fade.estimate
    if sustain >= MIN_RETENTION * accel:
        return "sustained"
    has_faded = fade <= -MIN_IMPORTANT_DIFFERENCE and sustain < MIN_IMPORTANT_DIFFERENCE
    return "faded" if has_faded else "accelerated"


def _first_clear_wave(phased: _Phased) -> int | None:
    before = phased.points[: phased.before]
    return find_first_clear_wave(
        before, phased.points[phased.before : phased.before + phased.during]
    )


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
