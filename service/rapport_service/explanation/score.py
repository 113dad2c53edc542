"""What a score document says, sentence by sentence."""

from collections.abc import Iterable, Mapping
from typing import TypedDict, TypeVar

from rapport_service.disclosure.presentation import (
    CONSTRUCTS,
    Agreement,
    Construct,
    ShownFigure,
    ShownItem,
)
from rapport_service.disclosure.tiers import Tier
from rapport_service.explanation import sentences as say
from rapport_service.explanation.sentence import Sentence, Told, Words, listed

Word = TypeVar("Word", bound=str)


class Shown(TypedDict):
    """Everything that a score document shows of a group."""

    tier: Tier
    respondents: str
    participation: str
    tipping_point: int
    constructs: Mapping[Construct, ShownFigure]
    agreement: Agreement | None
    items: Mapping[str, ShownItem] | None
    dose: int | None


def withheld() -> list[Told]:
    """What is said where nothing can be shown."""
    return [say.WITHHELD()]


def explained(shown: Shown, rolled_up_to: str | None, *, pilot: bool) -> list[Told]:
    """What is said of a group's figures, most important first.

    Args:
        shown: the figures, as the document has them.
        rolled_up_to: the name of the group whose figures they are, where they are not
            the team's own.
        pilot: whether nobody has checked the questions over a full cycle yet.
    """
    figures = shown["constructs"]
    told = [] if rolled_up_to is None else [say.ROLLED_UP(group=rolled_up_to)]
    told.append(say.SCORE(scores=listed([_score(n, figures[n]) for n in CONSTRUCTS])))
    if shown["tier"] == "coarse":
        told.append(say.APPROXIMATE())
    ranges = [_range(name, figures[name]) for name in CONSTRUCTS]
    told.append(say.HOW_SURE(ranges=listed(ranges)))
    told += by_word(figures, "change", say.CHANGE)
    told += by_word(
        {name: figure["trend"] or {} for name, figure in figures.items()},
        "direction",
        say.TREND,
    )
    told += by_word(figures, "against_organization", say.STANDING)
    if shown["agreement"] is not None:
        told.append(say.AGREEMENT[shown["agreement"]]())
    if shown["dose"] is not None:
        told.append(say.dose(shown["dose"]))
    if shown["participation"] == "<50":
        told.append(say.LOW_PARTICIPATION())
    told.append(say.SILENT(points=shown["tipping_point"]))
    if pilot:
        told.append(say.PILOT())
    return told


def by_word(
    figures: Mapping[Construct, Mapping[str, object]],
    member: str,
    sentences: Mapping[Word, Sentence],
) -> Iterable[Told]:
    """One sentence for each word that some construct has, naming the constructs."""
    for word, sentence in sentences.items():
        names = [
            say.NAMES[name] for name in CONSTRUCTS if figures[name].get(member) == word
        ]
        if names:
            yield sentence(names=listed(names))


def _score(name: Construct, figure: ShownFigure) -> Words:
    about = say.BOUNDS[figure["bound"]]
    names, score = say.NAMES[name], figure["score"]
    return Words(f"{names.en} {about.en}{score}", f"{names.es} {about.es}{score}")


def _range(name: Construct, figure: ShownFigure) -> Words:
    names, interval = say.NAMES[name], figure["interval"]
    low, high = interval["low"], interval["high"]
    return Words(
        f"{names.en} between {low} and {high}", f"{names.es} entre {low} y {high}"
    )
