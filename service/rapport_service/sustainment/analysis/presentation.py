"""Rounding of an event's effect: whole points, ends of intervals outward.

It is computed from figures rounded as they are published, of waves in which the group
was shown finely, so that nothing can be read from it that rounding hid.
"""

import math
from collections.abc import Sequence

from rapport_schemas.enums import EventVerdict
from rapport_service.disclosure.rounding import (
    coarse_share,
    round_half_up,
    round_outward,
)
from rapport_service.narrative.sustainment import (
    EffectSummary,
    EventEffect,
    PublishedContrast,
    PublishedRetention,
)
from rapport_service.stats.contrasts import Contrast, Retention
from rapport_service.stats.event_effect import EventAssessment

MAX_DIFFERENCE = 100
"""No two scores differ by more points."""

CLEAR_GAIN_VERDICTS: frozenset[EventVerdict] = frozenset(
    {"accelerated", "sustained", "faded"}
)
"""Verdicts with a gain that is clear enough to ask how much of it was kept."""


def present_effect(assessment: EventAssessment) -> EventEffect:
    """Return the published form of one series' assessment."""
    contrasts = assessment.contrasts
    has_intervals = assessment.method == "noise_model"
    kept = (
        contrasts.retention
        if contrasts and assessment.verdict in CLEAR_GAIN_VERDICTS
        else None
    )

    def present(contrast: Contrast | None) -> PublishedContrast | None:
        if contrast is None:
            return None
        return _present_contrast(contrast, has_interval=has_intervals)

    return {
        "verdict": assessment.verdict,
        "accel": present(contrasts.accel) if contrasts else None,
        "sustain": present(contrasts.sustain) if contrasts else None,
        "fade": present(contrasts.fade) if contrasts else None,
        "method": assessment.method,
        "p": None if assessment.p is None else _round_up_hundredths(assessment.p),
        "placebo_dates": assessment.placebo_dates,
        "detectable": None
        if assessment.detectable is None
        else math.ceil(assessment.detectable),
        "waves_to_detect": assessment.waves_to_detect,
        "retention": None
        if kept is None
        else _present_retention(kept, has_interval=has_intervals),
        "first_clear_wave": None
        if assessment.first_clear_wave is None
        else assessment.first_clear_wave + 1,
    }


def summarize_effect(effect: EventEffect) -> EffectSummary:
    """Return an effect in short."""
    accel, sustain, kept = effect["accel"], effect["sustain"], effect["retention"]
    return {
        "verdict": effect["verdict"],
        "accel": accel and accel["points"],
        "sustain": sustain and sustain["points"],
        "retention": kept and kept["percent"],
        "first_clear_wave": effect["first_clear_wave"],
    }


def mean_crisis_percent(shares: Sequence[int | None]) -> int | None:
    """Return the mean crisis share of a phase's waves; None if no wave showed one."""
    shown = [share for share in shares if share is not None]
    return coarse_share(sum(shown) / len(shown)) if shown else None


def _present_contrast(contrast: Contrast, *, has_interval: bool) -> PublishedContrast:
    interval = round_outward(contrast.interval.low, contrast.interval.high)
    return {
        "points": round_half_up(contrast.estimate),
        "interval": {
            "low": max(interval["low"], -MAX_DIFFERENCE),
            "high": min(interval["high"], MAX_DIFFERENCE),
        }
        if has_interval
        else None,
    }


def _present_retention(
    retention: Retention, *, has_interval: bool
) -> PublishedRetention:
    low, high = retention.interval.low, retention.interval.high
    return {
        "percent": round_half_up(100 * retention.share),
        "interval": round_outward(100 * low, 100 * high) if has_interval else None,
    }


def _round_up_hundredths(p: float) -> float:
    """Return a p with two decimals, never smaller than it is."""
    return math.ceil(round(100 * p, 9)) / 100
