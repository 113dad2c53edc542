"""What a score document says, sentence by sentence."""

from collections.abc import Iterable, Mapping
from typing import TypedDict, TypeVar

from rapport_service.disclosure.rounding import (
    CONSTRUCTS,
    Agreement,
    Construct,
    ShownFigure,
    ShownItem,
)
from rapport_service.disclosure.tiers import Tier
from rapport_service.narrative import score_sentences as say
from rapport_service.narrative.sentence import (
    Phrase,
    Sentence,
    SentenceTemplate,
    join_phrases,
)

Value = TypeVar("Value", bound=str)


class ScoreContent(TypedDict):
    """Everything that a score document shows of a group."""

    tier: Tier
    respondents: str
    participation: str
    tipping_point: int
    constructs: Mapping[Construct, ShownFigure]
    agreement: Agreement | None
    items: Mapping[str, ShownItem] | None
    dose: int | None


def explain_withheld() -> list[Sentence]:
    """What is said where nothing can be shown."""
    return [say.WITHHELD()]


def explain(
    content: ScoreContent, rolled_up_to: str | None, *, pilot: bool
) -> list[Sentence]:
    """What is said of a group's figures, most important first.

    Args:
        shown: the figures, as the document has them.
        rolled_up_to: the name of the group whose figures they are, where they are not
            the team's own.
        pilot: whether nobody has checked the questions over a full cycle yet.
    """
    figures = content["constructs"]
    told = [] if rolled_up_to is None else [say.ROLLED_UP(group=rolled_up_to)]
    told.append(
        say.SCORE(
            scores=join_phrases([_score_phrase(n, figures[n]) for n in CONSTRUCTS])
        )
    )
    if content["tier"] == "coarse":
        told.append(say.APPROXIMATE())
    ranges = [_range_phrase(name, figures[name]) for name in CONSTRUCTS]
    told.append(say.SCORE_RANGES(ranges=join_phrases(ranges)))
    told += sentences_by_value(figures, "change", say.CHANGE)
    told += sentences_by_value(
        {name: figure["trend"] or {} for name, figure in figures.items()},
        "direction",
        say.TREND,
    )
    told += sentences_by_value(
        figures, "against_organization", say.AGAINST_ORGANIZATION
    )
    if content["agreement"] is not None:
        told.append(say.AGREEMENT[content["agreement"]]())
    if content["dose"] is not None:
        told.append(say.crisis_sentence(content["dose"]))
    if content["participation"] == "<50":
        told.append(say.LOW_PARTICIPATION())
    told.append(say.NONRESPONSE(points=content["tipping_point"]))
    if pilot:
        told.append(say.PILOT())
    return told


def sentences_by_value(
    figures: Mapping[Construct, Mapping[str, object]],
    member: str,
    sentences: Mapping[Value, SentenceTemplate],
) -> Iterable[Sentence]:
    """One sentence for each word that some construct has, naming the constructs."""
    for word, sentence in sentences.items():
        names = [
            say.CONSTRUCT_NAMES[name]
            for name in CONSTRUCTS
            if figures[name].get(member) == word
        ]
        if names:
            yield sentence(names=join_phrases(names))


def _score_phrase(name: Construct, figure: ShownFigure) -> Phrase:
    about = say.BOUNDS[figure["bound"]]
    names, score = say.CONSTRUCT_NAMES[name], figure["score"]
    return Phrase(f"{names.en} {about.en}{score}", f"{names.es} {about.es}{score}")


def _range_phrase(name: Construct, figure: ShownFigure) -> Phrase:
    names, interval = say.CONSTRUCT_NAMES[name], figure["interval"]
    low, high = interval["low"], interval["high"]
    return Phrase(
        f"{names.en} between {low} and {high}", f"{names.es} entre {low} y {high}"
    )
