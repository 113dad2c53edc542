"""What a sustainment document says, sentence by sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rapport_service.disclosure.effects import EventEffect
from rapport_service.narrative import sustainment_sentences as say
from rapport_service.narrative.event_names import Event
from rapport_service.narrative.sentence import Phrase, Sentence

HIGH_TURNOVER_PERCENT = 20
"""Percent; with more, those who answered later are largely others."""


@dataclass(frozen=True)
class SustainmentContent:
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
    effects: Mapping[str, EventEffect]
    waves_after: int
    waves_needed: int | None
    exploratory: bool
    dose: tuple[int | None, int | None]
    turnover: int | None


def explain(content: SustainmentContent, rolled_up_to: str | None) -> list[Sentence]:
    """The answer first, then what should be heard together with it."""
    told = [explain_verdict(content)]
    effects, (before, during) = content.effects, content.dose
    if effects["trust"]["verdict"] != effects["communication"]["verdict"]:
        told.append(say.CONSTRUCTS_DIFFER())
    if content.exploratory:
        told.append(say.EXPLORATORY())
    if content.event.ends and before is not None and during is not None:
        told += [say.NOT_FELT()] if during <= before else []
    if content.turnover is not None and content.turnover >= HIGH_TURNOVER_PERCENT:
        told.append(say.TURNOVER(percent=content.turnover))
    if rolled_up_to is not None:
        told.append(say.ROLLED_UP(group=rolled_up_to))
    return told


def explain_verdict(content: SustainmentContent) -> Sentence:
    """Can what was accelerated be sustained? About trust and communication together."""
    span, overall = content.event.span, content.effects["overall"]
    accel, kept = overall["accel"], overall["retention"]
    if accel is None:
        return _explain_too_early(content)
    if overall["verdict"] == "too_early_to_tell":
        return say.TOO_EARLY_CHANCE(span=span)
    if overall["verdict"] == "no_acceleration":
        return say.NO_ACCELERATION(span=span)
    points = accel["points"]
    if overall["sustain"] is None:
        return _explain_gain_so_far(content, points)
    sentence = {
        "sustained": say.SUSTAINED,
        "faded": say.FADED,
        "accelerated": say.ACCELERATED,
    }[overall["verdict"]]
    percent = kept["percent"] if kept else 0
    waves = content.waves_after
    return sentence(span=span, points=points, waves=waves, kept=_kept_phrase(percent))


def explain_exclusion(
    reason: Literal["provisional", "overlapping", "ends_nothing"],
    earlier: Event | None,
) -> Sentence:
    """Why a marker is not looked into.

    Args:
        reason: in a word.
        earlier: the event that it overlaps with.
    """
    if earlier is not None:
        return say.OVERLAPPING(earlier=earlier.name)
    return say.PROVISIONAL() if reason == "provisional" else say.ENDS_NOTHING()


def _explain_too_early(shown: SustainmentContent) -> Sentence:
    span, needed = shown.event.span, shown.waves_needed
    if needed is None:
        return say.NEVER_TO_TELL(span=span)
    if shown.event.ends and shown.event.end is None:
        return say.TOO_EARLY_NOT_OVER(span=span, more=_more_waves_phrase(needed))
    return say.TOO_EARLY(span=span, more=_more_waves_phrase(needed))


def _explain_gain_so_far(shown: SustainmentContent, points: int) -> Sentence:
    """A gain of an event without an after of two waves."""
    event = shown.event
    if not event.ends:
        return say.WITHOUT_END(span=event.span, points=points)
    if event.end is None:
        return say.NOT_OVER(span=event.span, points=points)
    more = _more_waves_phrase(2 - shown.waves_after)
    return say.JUST_OVER(span=event.span, points=points, more=more)


def _kept_phrase(percent: int) -> Phrase:
    if percent >= 90:
        return Phrase("all or nearly all of that", "todo o casi todo eso")
    return Phrase("most of that", "la mayor parte de eso")


def _more_waves_phrase(waves: int) -> Phrase:
    """What it takes; in Spanish the verb goes with the number."""
    if waves == 1:
        return Phrase("at least one more wave", "hace falta al menos una ronda más")
    return Phrase(
        f"at least {waves} more waves", f"hacen falta al menos {waves} rondas más"
    )
