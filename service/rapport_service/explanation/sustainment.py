"""What a sustainment document says, sentence by sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rapport_service.disclosure.effects import Effect
from rapport_service.explanation import what_became as say
from rapport_service.explanation.event import Event
from rapport_service.explanation.sentence import Told, Words

MUCH_TURNOVER = 20
"""Percent; with more, those who answered later are largely others."""


@dataclass(frozen=True)
class Shown:
    """What a document shows of a group and an event.

    Attributes:
        effects: by construct.
        waves_after: waves after it that were counted.
        waves_needed: how many more it takes at the least; None if none can help.
        exploratory: whether a date was declared after results were known.
        dose: before and during it, in percent; None where that is not shown.
        turnover: in percent; None where there is none to tell.
    """

    event: Event
    effects: Mapping[str, Effect]
    waves_after: int
    waves_needed: int | None
    exploratory: bool
    dose: tuple[int | None, int | None]
    turnover: int | None


def explained(shown: Shown, rolled_up_to: str | None) -> list[Told]:
    """The answer first, then what should be heard together with it."""
    told = [answer(shown)]
    effects, (before, during) = shown.effects, shown.dose
    if effects["trust"]["verdict"] != effects["communication"]["verdict"]:
        told.append(say.CONSTRUCTS_DIFFER())
    if shown.exploratory:
        told.append(say.EXPLORATORY())
    if shown.event.ends and before is not None and during is not None:
        told += [say.NOT_FELT()] if during <= before else []
    if shown.turnover is not None and shown.turnover >= MUCH_TURNOVER:
        told.append(say.TURNOVER(percent=shown.turnover))
    if rolled_up_to is not None:
        told.append(say.ROLLED_UP(group=rolled_up_to))
    return told


def answer(shown: Shown) -> Told:
    """Can what was accelerated be sustained? About trust and communication together."""
    span, overall = shown.event.span, shown.effects["overall"]
    accel, kept = overall["accel"], overall["retention"]
    if accel is None:
        return _too_early(shown)
    if overall["verdict"] == "too_early_to_tell":
        return say.TOO_EARLY_CHANCE(span=span)
    if overall["verdict"] == "no_acceleration":
        return say.NO_ACCELERATION(span=span)
    points = accel["points"]
    if overall["sustain"] is None:
        return _so_far(shown, points)
    sentence = {
        "sustained": say.SUSTAINED,
        "faded": say.FADED,
        "accelerated": say.ACCELERATED,
    }[overall["verdict"]]
    percent = kept["percent"] if kept else 0
    waves = shown.waves_after
    return sentence(span=span, points=points, waves=waves, kept=_kept(percent))


def unanalysed(
    reason: Literal["provisional", "overlapping", "ends_nothing"],
    earlier: Event | None,
) -> Told:
    """Why a marker is not looked into.

    Args:
        reason: in a word.
        earlier: the event that it overlaps with.
    """
    if earlier is not None:
        return say.OVERLAPPING(earlier=earlier.name)
    return say.PROVISIONAL() if reason == "provisional" else say.ENDS_NOTHING()


def _too_early(shown: Shown) -> Told:
    span, needed = shown.event.span, shown.waves_needed
    if needed is None:
        return say.NEVER_TO_TELL(span=span)
    if shown.event.ends and shown.event.end is None:
        return say.TOO_EARLY_NOT_OVER(span=span, more=_more(needed))
    return say.TOO_EARLY(span=span, more=_more(needed))


def _so_far(shown: Shown, points: int) -> Told:
    """A gain of an event without an after of two waves."""
    event = shown.event
    if not event.ends:
        return say.WITHOUT_END(span=event.span, points=points)
    if event.end is None:
        return say.NOT_OVER(span=event.span, points=points)
    more = _more(2 - shown.waves_after)
    return say.JUST_OVER(span=event.span, points=points, more=more)


def _kept(percent: int) -> Words:
    if percent >= 90:
        return Words("all or nearly all of that", "todo o casi todo eso")
    return Words("most of that", "la mayor parte de eso")


def _more(waves: int) -> Words:
    """What it takes; in Spanish the verb goes with the number."""
    if waves == 1:
        return Words("at least one more wave", "hace falta al menos una ronda más")
    return Words(
        f"at least {waves} more waves", f"hacen falta al menos {waves} rondas más"
    )
