"""What an event did to scores: gained, kept, lost, and how sure that is."""

from dataclasses import dataclass

from rapport_client._json import JsonObject


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval: points, or percent where a share was kept."""

    value: int
    low: int
    high: int


@dataclass(frozen=True)
class Effect:
    """What an event did to one construct; figures are None where waves are too few.

    Attributes:
        verdict: ``accelerated``, ``sustained``, ``faded``, ``no_acceleration`` or
            ``too_early_to_tell``.
        accel: during less before, in points.
        sustain: after less before, in points.
        fade: after less during, in points.
        p: the share of other dates that would have looked as good.
        placements: how many dates that was asked of.
        retention: the share of the gain that was kept, in percent.
        first_clear: the first wave during, from 1, clearly above the level before.
    """

    verdict: str
    accel: Estimate | None
    sustain: Estimate | None
    fade: Estimate | None
    p: float | None
    placements: int
    retention: Estimate | None
    first_clear: int | None


@dataclass(frozen=True)
class BriefEffect:
    """What an event did to one question: the same in whole points and percent."""

    verdict: str
    accel: int | None
    sustain: int | None
    retention: int | None
    first_clear: int | None


def read_effect(effect: JsonObject) -> Effect:
    """Reads what an event did to a construct."""
    return Effect(
        verdict=effect.text("verdict"),
        accel=_read_estimate(effect, "accel", "points"),
        sustain=_read_estimate(effect, "sustain", "points"),
        fade=_read_estimate(effect, "fade", "points"),
        p=effect.number_or_none("p"),
        placements=effect.integer("placements"),
        retention=_read_estimate(effect, "retention", "percent"),
        first_clear=effect.integer_or_none("first_clear"),
    )


def read_brief_effects(document: JsonObject, name: str) -> dict[str, BriefEffect]:
    """Reads what an event did to questions; nothing where that is not shown."""
    briefs = document.nested_or_none(name)
    if briefs is None:
        return {}
    return {item: _read_brief_effect(briefs.nested(item)) for item in briefs.raw}


def _read_estimate(effect: JsonObject, name: str, unit: str) -> Estimate | None:
    estimate = effect.nested_or_none(name)
    if estimate is None:
        return None
    interval = estimate.nested("interval")
    return Estimate(
        estimate.integer(unit), interval.integer("low"), interval.integer("high")
    )


def _read_brief_effect(brief: JsonObject) -> BriefEffect:
    return BriefEffect(
        verdict=brief.text("verdict"),
        accel=brief.integer_or_none("accel"),
        sustain=brief.integer_or_none("sustain"),
        retention=brief.integer_or_none("retention"),
        first_clear=brief.integer_or_none("first_clear"),
    )
