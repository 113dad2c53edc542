"""How the effect of an event is shown: whole points, ends rounded outward.

It is worked out from figures rounded as they are published, of waves in which the group
was shown finely, so that nothing can be read from it that rounding hid.
"""

import math
from collections.abc import Sequence
from typing import TypedDict

from rapport_service.disclosure.presentation import (
    ShownInterval,
    coarse_share,
    outward,
    rounded,
)
from rapport_service.measure.contrasts import Contrast
from rapport_service.measure.fieller import Retention
from rapport_service.measure.verdict import Finding, Verdict

MOST = 100
"""No two scores differ by more points."""

CLEAR: frozenset[Verdict] = frozenset({"accelerated", "sustained", "faded"})
"""Verdicts with a gain that is clear enough to ask how much of it was kept."""


class ShownContrast(TypedDict):
    """A difference of two phases in points, with its 95 % interval."""

    points: int
    interval: ShownInterval


class ShownRetention(TypedDict):
    """The share of a gain that was kept in percent, with its 95 % interval."""

    percent: int
    interval: ShownInterval


class Effect(TypedDict):
    """What an event did to one construct or item, as it is published."""

    verdict: Verdict
    accel: ShownContrast | None
    sustain: ShownContrast | None
    fade: ShownContrast | None
    p: float | None
    placements: int
    retention: ShownRetention | None
    first_clear: int | None


class Brief(TypedDict):
    """The same in short."""

    verdict: Verdict
    accel: int | None
    sustain: int | None
    retention: int | None
    first_clear: int | None


def effect(found: Finding) -> Effect:
    """Return what was found of one series, as it is shown."""
    contrasts = found.contrasts
    kept = contrasts.retention if contrasts and found.verdict in CLEAR else None
    return {
        "verdict": found.verdict,
        "accel": _contrast(contrasts.accel if contrasts else None),
        "sustain": _contrast(contrasts.sustain if contrasts else None),
        "fade": _contrast(contrasts.fade if contrasts else None),
        "p": None if found.p is None else _hundredths_up(found.p),
        "placements": found.placements,
        "retention": _retention(kept),
        "first_clear": None if found.first_clear is None else found.first_clear + 1,
    }


def brief(shown: Effect) -> Brief:
    """Return an effect in short."""
    accel, sustain, kept = shown["accel"], shown["sustain"], shown["retention"]
    return {
        "verdict": shown["verdict"],
        "accel": accel and accel["points"],
        "sustain": sustain and sustain["points"],
        "retention": kept and kept["percent"],
        "first_clear": shown["first_clear"],
    }


def dose(shares: Sequence[int | None]) -> int | None:
    """Return the dose of a phase, of those that its waves showed; None without any."""
    shown = [share for share in shares if share is not None]
    return coarse_share(sum(shown) / len(shown)) if shown else None


def _contrast(contrast: Contrast | None) -> ShownContrast | None:
    if contrast is None:
        return None
    interval = outward(contrast.interval.low, contrast.interval.high)
    return {
        "points": rounded(contrast.estimate),
        "interval": {
            "low": max(interval["low"], -MOST),
            "high": min(interval["high"], MOST),
        },
    }


def _retention(retention: Retention | None) -> ShownRetention | None:
    if retention is None:
        return None
    low, high = retention.interval.low, retention.interval.high
    return {
        "percent": rounded(100 * retention.share),
        "interval": outward(100 * low, 100 * high),
    }


def _hundredths_up(p: float) -> float:
    """Return a p with two decimals, never smaller than it is."""
    return math.ceil(round(100 * p, 9)) / 100
