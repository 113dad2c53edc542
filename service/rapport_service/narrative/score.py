"""Sentences about the scores of a group: the rules that pick them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, TypeVar

from rapport_schemas.enums import Change, PendingDelay
from rapport_service.disclosure.rounding import (
    CONSTRUCTS,
    MAX_COARSE_SCORE,
    MIN_COARSE_SCORE,
    Construct,
    PublishedInterval,
)
from rapport_service.narrative.score_figures import (
    PublishedChange,
    PublishedFigure,
    PublishedLevel,
    PublishedTrend,
    ScoreContent,
)
from rapport_service.narrative.score_sentences import (
    AGAINST_ORGANIZATION,
    AGREEMENT,
    APPROXIMATE,
    ASKED,
    BOUNDS,
    CHANGE,
    CONSTRUCT_NAMES,
    DELAYS,
    FIRST_WAVES,
    GROUPS,
    IN_CRISIS,
    LEAD,
    LEAD_CHANGES,
    LEAD_PLACE,
    LEVEL_PLACE,
    LEVELS,
    LOW_PARTICIPATION,
    NONRESPONSE,
    OPPOSITE_CHANGES,
    PENDING,
    PILOT,
    POINTS_FOR_CHANGE,
    POINTS_FOR_EITHER_CHANGE,
    ROLLED_UP,
    SCORE,
    SCORE_RANGES,
    TALK,
    TALK_OF_LARGER_GROUP,
    TREND,
    TWO_WAVE_CHANGE,
    WITHHELD,
    Audience,
    Move,
    Topic,
)
from rapport_service.narrative.sentence import (
    Phrase,
    Sentence,
    SentenceTemplate,
    format_day,
    join_phrases,
)

Value = TypeVar("Value", bound=str)


def explain_withheld() -> list[Sentence]:
    """Sentences of a document that shows nothing."""
    return [WITHHELD()]


def explain_pending(seals_at: datetime, delay: str | None) -> list[Sentence]:
    """Sentences about a score whose wave is not sealed yet.

    Args:
        seals_at: when the wave is sealed, in UTC.
        delay: why it may be sealed later.
    """
    day, time = format_day(seals_at.date()), f"{seals_at:%H:%M} UTC"
    at = Phrase(f"{day.en} at {time}", f"{day.es} a las {time}")
    delays = [] if delay is None else [DELAYS[PendingDelay(delay)]()]
    return [PENDING(seals_at=at), *delays]


def explain(
    content: ScoreContent, rolled_up_to: str | None, *, of_teams: bool, pilot: bool
) -> list[Sentence]:
    """Sentences about a group's figures, most important first.

    Args:
        content: the figures, as the document has them.
        rolled_up_to: the name of the group whose figures they are, where they are not
            the team's own.
        of_teams: whether the group has teams below it.
        pilot: whether the questions are still to be checked over a full cycle.
    """
    figures = content["constructs"]
    scores = [_score_phrase(name, figures[name]) for name in CONSTRUCTS]
    ranges = [_range_phrase(name, figures[name]["interval"]) for name in CONSTRUCTS]
    sentences = [] if rolled_up_to is None else [ROLLED_UP(group=rolled_up_to)]
    audience: Audience = "teams" if of_teams else "team"
    if rolled_up_to is not None:
        audience = "rolled_up"
    sentences += _explain_level(figures, audience)
    sentences.append(SCORE(scores=join_phrases(scores)))
    if content["tier"] == "coarse":
        sentences.append(APPROXIMATE())
    sentences.append(SCORE_RANGES(ranges=join_phrases(ranges)))
    sentences.append(NONRESPONSE(points=content["tipping_point"]))
    if content["participation"] == "<50":
        sentences.append(LOW_PARTICIPATION())
    sentences += _explain_opposite_changes(figures)
    sentences += _explain_changes(figures, "change", CHANGE)
    sentences += _explain_changes(figures, "two_wave_change", TWO_WAVE_CHANGE)
    sentences += explain_trends({name: figures[name]["trend"] for name in CONSTRUCTS})
    sentences += sentences_by_value(
        figures, "against_organization", AGAINST_ORGANIZATION
    )
    if content["agreement"] is not None:
        sentences.append(AGREEMENT[content["agreement"]]())
    if content["crisis_percent"] is not None:
        sentences.append(crisis_sentence(content["crisis_percent"]))
    if pilot:
        sentences.append(PILOT())
    return sentences


def crisis_sentence(percent: int) -> Sentence:
    """The share of people who felt in crisis, in a sentence, as far as it is shown."""
    about = {
        MIN_COARSE_SCORE: BOUNDS["at_most"],
        MAX_COARSE_SCORE: BOUNDS["at_least"],
    }.get(percent, Phrase("about ", "aproximadamente "))
    return IN_CRISIS(about=about, percent=percent)


def sentences_by_value(
    figures: Mapping[Construct, Mapping[str, object]],
    member: str,
    templates: Mapping[Value, SentenceTemplate],
) -> Iterable[Sentence]:
    """One sentence for each value that some construct has, naming the constructs."""
    for value, template in templates.items():
        names = [
            CONSTRUCT_NAMES[name]
            for name in CONSTRUCTS
            if figures[name].get(member) == value
        ]
        if names:
            yield template(names=join_phrases(names))


def _explain_level(
    figures: Mapping[Construct, PublishedFigure], audience: Audience
) -> Iterable[Sentence]:
    """The lead and the levels; before a group's third wave a word of caution."""
    levels = {
        name: level
        for name in CONSTRUCTS
        if (level := figures[name]["level"]) is not None
    }
    overall, change = levels.get("overall"), _lead_change_phrase(figures["overall"])
    if overall is None:
        is_known = bool(_changes(figures["overall"]))
        yield FIRST_WAVES(
            group=GROUPS[audience],
            direction=Phrase(f" {change.en}.", f" {change.es}.")
            if is_known
            else Phrase("", ""),
            talk=_talk_phrase(figures, audience),
        )
        return
    yield LEAD(
        group=GROUPS[audience],
        place=LEAD_PLACE.format(**_places(overall)),
        direction=change,
        talk=_talk_phrase(figures, audience),
    )
    yield LEVELS(
        levels=join_phrases(
            [
                LEVEL_PLACE.format(name=CONSTRUCT_NAMES[name], **_places(level))
                for name, level in levels.items()
            ]
        )
    )


def _places(level: PublishedLevel) -> dict[str, int]:
    interval = level["interval"]
    return {"level": level["score"], "low": interval["low"], "high": interval["high"]}


def _lead_change_phrase(figure: PublishedFigure) -> Phrase:
    """The clear change, or the points that one would have taken."""
    return LEAD_CHANGES[_move(figure)].format(points=_needed_phrase(figure))


def _needed_phrase(figure: PublishedFigure) -> Phrase:
    """The points that a clear change takes; both where two comparisons differ."""
    needed = [change["detectable"] for change in _changes(figure)]
    if not needed:
        return Phrase("", "")
    if needed[0] == needed[-1]:
        return POINTS_FOR_CHANGE.format(points=needed[0])
    return POINTS_FOR_EITHER_CHANGE.format(points=needed[0], two_waves=needed[1])


def _talk_phrase(
    figures: Mapping[Construct, PublishedFigure], audience: Audience
) -> Phrase:
    """The one thing to talk about, to those who can do something about it."""
    phrases = TALK | (TALK_OF_LARGER_GROUP if audience == "rolled_up" else {})
    topic, name = _topic(figures)
    return phrases[topic].format(asked=ASKED[audience], name=CONSTRUCT_NAMES[name])


def _topic(figures: Mapping[Construct, PublishedFigure]) -> tuple[Topic, Construct]:
    """A fall, a swing, a lag, a rise, or what is lower; and of what."""
    parts: tuple[Construct, ...] = ("trust", "communication")
    whole: tuple[Construct, ...] = ("overall",)
    moves = {name: _move(figures[name]) for name in CONSTRUCTS}

    def moved(names: Sequence[Construct], *wanted: Move) -> list[Construct]:
        return [name for name in names if moves[name] in wanted]

    topics: tuple[tuple[Topic, Sequence[Construct]], ...] = (
        ("fall_of_part", moved(parts, "down")),
        ("fall", moved(whole, "down")),
        ("swing_of_part", moved(parts, *OPPOSITE_CHANGES)),
        ("swing", moved(whole, *OPPOSITE_CHANGES)),
        (
            "difference",
            [n for n in parts if figures[n]["against_organization"] == "below"],
        ),
        ("rise_of_part", moved(parts, "up")),
        ("rise", moved(whole, "up")),
        ("young", whole if figures["overall"]["level"] is None else ()),
        ("lower", _clearly_lower(figures)),
        ("needs", whole),
    )
    return next((topic, names[0]) for topic, names in topics if names)


def _clearly_lower(figures: Mapping[Construct, PublishedFigure]) -> list[Construct]:
    """The construct whose level lies below the other's, intervals and all, if any."""
    pairs: tuple[tuple[Construct, Construct], ...] = (
        ("trust", "communication"),
        ("communication", "trust"),
    )
    return [
        lower
        for lower, higher in pairs
        if (low := figures[lower]["level"]) is not None
        and (high := figures[higher]["level"]) is not None
        and low["interval"]["high"] < high["interval"]["low"]
    ]


def _move(figure: PublishedFigure) -> Move:
    """The clear change of this wave, or else of the last two; or their opposition."""
    directions = [change["direction"] for change in _changes(figure)]
    clear = [each for each in directions if each != "no_clear_change"]
    if len(set(clear)) > 1:
        return "up_after_fall" if clear[0] == "up" else "down_after_rise"
    return clear[0] if clear else "no_clear_change"


def _changes(figure: PublishedFigure) -> list[PublishedChange]:
    """The changes of this wave and of the last two, as far as they are known."""
    both = (figure["change"], figure["two_wave_change"])
    return [change for change in both if change is not None]


def _explain_opposite_changes(
    figures: Mapping[Construct, PublishedFigure],
) -> Iterable[Sentence]:
    """A sentence for each way in which some construct moved there and back."""
    for move, template in OPPOSITE_CHANGES.items():
        names = [
            CONSTRUCT_NAMES[name] for name in CONSTRUCTS if _move(figures[name]) == move
        ]
        if names:
            yield template(names=join_phrases(names))


def _explain_changes(
    figures: Mapping[Construct, PublishedFigure],
    member: Literal["change", "two_wave_change"],
    templates: Mapping[Change, SentenceTemplate],
) -> Iterable[Sentence]:
    """A sentence for each direction that some construct has taken.

    Without those that moved both ways, of which one sentence tells.
    """
    one_way = [
        name for name in CONSTRUCTS if _move(figures[name]) not in OPPOSITE_CHANGES
    ]
    for direction, template in templates.items():
        names = [
            CONSTRUCT_NAMES[name]
            if direction != "no_clear_change"
            else _with_points(name, change["detectable"])
            for name in one_way
            if (change := figures[name][member]) is not None
            and change["direction"] == direction
        ]
        if names:
            yield template(names=join_phrases(names))


def explain_trends(
    trends: Mapping[Construct, PublishedTrend | None],
) -> Iterable[Sentence]:
    """A sentence for each direction that some construct has."""
    for direction, template in TREND.items():
        names = [
            CONSTRUCT_NAMES[name]
            if direction != "no_clear_trend"
            else _with_points(name, trend["detectable"])
            for name in CONSTRUCTS
            if (trend := trends[name]) is not None and trend["direction"] == direction
        ]
        if names:
            yield template(names=join_phrases(names))


def _with_points(name: Construct, points: int) -> Phrase:
    names = CONSTRUCT_NAMES[name]
    return Phrase(f"{names.en} ({points})", f"{names.es} ({points})")


def _score_phrase(name: Construct, figure: PublishedFigure) -> Phrase:
    bound = BOUNDS[figure["bound"]]
    names, score = CONSTRUCT_NAMES[name], figure["score"]
    return Phrase(f"{names.en} {bound.en}{score}", f"{names.es} {bound.es}{score}")


def _range_phrase(name: Construct, interval: PublishedInterval) -> Phrase:
    names = CONSTRUCT_NAMES[name]
    low, high = interval["low"], interval["high"]
    return Phrase(
        f"{names.en} between {low} and {high}", f"{names.es} entre {low} y {high}"
    )
