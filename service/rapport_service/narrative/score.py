"""Sentences about the scores of a group, and the rules that pick them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal, TypedDict, TypeVar

from rapport_schemas.enums import (
    AgainstOrganization,
    Agreement,
    Bound,
    Change,
    PendingDelay,
    Tier,
    TrendDirection,
)
from rapport_service.disclosure.rounding import (
    CONSTRUCTS,
    MAX_COARSE_SCORE,
    MIN_COARSE_SCORE,
    Construct,
    PublishedInterval,
)
from rapport_service.narrative.sentence import (
    Phrase,
    Sentence,
    SentenceTemplate,
    format_day,
    join_phrases,
)

Value = TypeVar("Value", bound=str)


class PublishedTrend(TypedDict):
    """The direction of a score over the waves, and its speed if that is clear.

    ``detectable`` is the least speed that would have been clear.
    """

    direction: TrendDirection
    per_four_weeks: int | None
    detectable: int


class PublishedLevel(TypedDict):
    """Level of a group by all of its waves so far, with its 95 % interval."""

    score: int
    interval: PublishedInterval


class PublishedChange(TypedDict):
    """The change of a score against the level before it.

    ``detectable`` is the least change in points that would have been clear.
    """

    direction: Change
    detectable: int


class PublishedFigure(TypedDict):
    """The figures of one construct as they are published."""

    score: int
    bound: Bound | None
    interval: PublishedInterval
    level: PublishedLevel | None
    change: PublishedChange | None
    two_wave_change: PublishedChange | None
    favourable: int | None
    trend: PublishedTrend | None
    against_organization: AgainstOrganization | None


class PublishedItem(TypedDict):
    """The figures of one question as they are published."""

    score: int
    interval: PublishedInterval
    favourable: int


class ScoreContent(TypedDict):
    """Everything that a score document shows of a group."""

    tier: Tier
    respondents: str
    participation: str
    tipping_point: int
    constructs: Mapping[Construct, PublishedFigure]
    agreement: Agreement | None
    items: Mapping[str, PublishedItem] | None
    crisis_percent: int | None


CONSTRUCT_NAMES: dict[Construct, Phrase] = {
    "trust": Phrase("trust", "la confianza"),
    "communication": Phrase("communication", "la comunicación"),
    "overall": Phrase("overall", "el conjunto"),
}
BOUNDS: dict[Bound | None, Phrase] = {
    None: Phrase("", ""),
    "at_most": Phrase("at most ", "como mucho "),
    "at_least": Phrase("at least ", "al menos "),
}

WITHHELD = SentenceTemplate(
    "withheld",
    "The service cannot show a score of this team in this wave.",
    "El servicio no puede mostrar una puntuación de este equipo en esta ronda.",
)
PENDING = SentenceTemplate(
    "pending",
    "The wave of this team is not sealed yet. Its score comes with the seal, after"
    " {seals_at}.",
    "La ronda de este equipo aún no se ha sellado. Su puntuación llega con el sello,"
    " después del {seals_at}.",
)
DELAYS: dict[PendingDelay, SentenceTemplate] = {
    PendingDelay.CLOCK_UNCONFIRMED: SentenceTemplate(
        "clock_unconfirmed",
        "The clock of the server may be wrong, so the wave waits until an operator"
        " confirms it.",
        "El reloj del servidor puede estar mal, así que la ronda espera hasta que un"
        " operador lo confirme.",
    ),
}
ROLLED_UP = SentenceTemplate(
    "rolled_up",
    "This team has no score of its own in this wave. You see the figures of {group},"
    " which includes this team.",
    "Este equipo no tiene puntuación propia en esta ronda. Usted ve las cifras de"
    " {group}, que incluye a este equipo.",
)
GROUP_HIDDEN = SentenceTemplate(
    "group_hidden",
    "This team has no score of its own in this wave. Its answers were counted in a"
    " larger group, whose figures you cannot see.",
    "Este equipo no tiene puntuación propia en esta ronda. Sus respuestas se contaron"
    " en un grupo mayor, cuyas cifras usted no puede ver.",
)
SCORE = SentenceTemplate(
    "score",
    "On a scale from 0 to 100, where more is better: {scores}.",
    "En una escala de 0 a 100, donde más es mejor: {scores}.",
)
APPROXIMATE = SentenceTemplate(
    "approximate",
    "These scores are approximate: to protect the people who answered they are rounded"
    " to the nearest 5.",
    "Estas puntuaciones son aproximadas: para proteger a quienes respondieron se"
    " redondean al múltiplo de 5 más cercano.",
)
SCORE_RANGES = SentenceTemplate(
    "how_sure",
    "If those who did not answer see it like those who did, the scores of everybody in"
    " this wave probably lie here: {ranges}.",
    "Si quienes no respondieron lo ven como quienes respondieron, las puntuaciones de"
    " todas las personas en esta ronda están probablemente aquí: {ranges}.",
)
LEAD = SentenceTemplate(
    "lead",
    "Over its waves so far this group stands at about {level} of 100, probably between"
    " {low} and {high}; {direction}; {talk}.",
    "En sus rondas hasta ahora este grupo está en torno a {level} de 100, probablemente"
    " entre {low} y {high}; {direction}; {talk}.",
)
LEAD_DIRECTION: dict[Change, Phrase] = {
    "up": Phrase(
        "it is now clearly higher than before", "ahora está claramente más alto"
    ),
    "down": Phrase(
        "it is now clearly lower than before", "ahora está claramente más bajo"
    ),
    "no_clear_change": Phrase(
        "nothing has clearly changed", "nada ha cambiado con claridad"
    ),
}
TALK_ABOUT_FALL = (
    "worth talking about: why {name} fell",
    "vale la pena hablar de por qué bajó {name}",
)
TALK_ABOUT_RISE = (
    "worth talking about: what helped {name} rise",
    "vale la pena hablar de qué ayudó a que subiera {name}",
)
TALK_ABOUT_LOWER = (
    "worth talking about: {name}, the lower of the two",
    "vale la pena hablar de {name}, la más baja de las dos",
)
TALK_ABOUT_NEXT = Phrase(
    "trust and communication are alike, so ask what would help most",
    "la confianza y la comunicación van parejas, así que pregunte qué ayudaría más",
)
MIN_DIFFERENCE_WORTH_TALKING = 5
"""Points by which one construct's level has to be lower to be named."""

LEVELS = SentenceTemplate(
    "levels",
    "By all waves so far: {levels}.",
    "Por todas las rondas hasta ahora: {levels}.",
)
CHANGE: dict[Change, SentenceTemplate] = {
    "up": SentenceTemplate(
        "up",
        "In this wave clearly higher than the level before it: {names}.",
        "En esta ronda claramente más alto que el nivel anterior: {names}.",
    ),
    "down": SentenceTemplate(
        "down",
        "In this wave clearly lower than the level before it: {names}.",
        "En esta ronda claramente más bajo que el nivel anterior: {names}.",
    ),
    "no_clear_change": SentenceTemplate(
        "no_clear_change",
        "No clear change in this wave: {names}. In brackets is the change that would"
        " have been seen.",
        "Sin cambio claro en esta ronda: {names}. Entre paréntesis está el cambio que"
        " se habría visto.",
    ),
}
TWO_WAVE_CHANGE: dict[Change, SentenceTemplate] = {
    "up": SentenceTemplate(
        "up_two_waves",
        "In the last two waves together clearly higher than the level before them:"
        " {names}.",
        "En las dos últimas rondas juntas claramente más alto que el nivel anterior:"
        " {names}.",
    ),
    "down": SentenceTemplate(
        "down_two_waves",
        "In the last two waves together clearly lower than the level before them:"
        " {names}.",
        "En las dos últimas rondas juntas claramente más bajo que el nivel anterior:"
        " {names}.",
    ),
    "no_clear_change": SentenceTemplate(
        "no_clear_change_two_waves",
        "No clear change in the last two waves together: {names}. In brackets is the"
        " change that would have been seen.",
        "Sin cambio claro en las dos últimas rondas juntas: {names}. Entre paréntesis"
        " está el cambio que se habría visto.",
    ),
}
TREND: dict[TrendDirection, SentenceTemplate] = {
    "rising": SentenceTemplate(
        "rising",
        "Rising over the waves so far: {names}.",
        "En aumento a lo largo de las rondas: {names}.",
    ),
    "falling": SentenceTemplate(
        "falling",
        "Falling over the waves so far: {names}.",
        "En descenso a lo largo de las rondas: {names}.",
    ),
    "no_clear_trend": SentenceTemplate(
        "no_clear_trend",
        "No clear direction over the waves so far: {names}. In brackets is the rise or"
        " fall in four weeks that would have been seen.",
        "Sin dirección clara a lo largo de las rondas: {names}. Entre paréntesis está"
        " la subida o bajada en cuatro semanas que se habría visto.",
    ),
}
AGAINST_ORGANIZATION: dict[AgainstOrganization, SentenceTemplate] = {
    "above": SentenceTemplate(
        "above",
        "Clearly above the organization as a whole: {names}.",
        "Claramente por encima de la organización en su conjunto: {names}.",
    ),
    "below": SentenceTemplate(
        "below",
        "Clearly below the organization as a whole: {names}.",
        "Claramente por debajo de la organización en su conjunto: {names}.",
    ),
    "not_clearly_different": SentenceTemplate(
        "not_clearly_different",
        "Not clearly different from the organization as a whole: {names}.",
        "Sin diferencia clara con la organización en su conjunto: {names}.",
    ),
}
AGREEMENT: dict[Agreement, SentenceTemplate] = {
    "agree": SentenceTemplate(
        "agree",
        "Asked how often their team pulled together, people in this group answer much"
        " alike.",
        "A la pregunta de con qué frecuencia el equipo trabajó unido, en este grupo se"
        " responde de forma muy parecida.",
    ),
    "no_clear_agreement": SentenceTemplate(
        "no_clear_agreement",
        "Asked how often their team pulled together, people in this group answer"
        " differently, or too few answered to tell.",
        "A la pregunta de con qué frecuencia el equipo trabajó unido, en este grupo las"
        " respuestas difieren, o respondieron muy pocas personas para saberlo.",
    ),
}
LOW_PARTICIPATION = SentenceTemplate(
    "low_participation",
    "Fewer than half of the people answered, so the others may see it differently.",
    "Respondió menos de la mitad de las personas, así que las demás pueden verlo de"
    " otra manera.",
)
NONRESPONSE = SentenceTemplate(
    "silent",
    "The score would move by 5 points only if those who did not answer differed by"
    " {points} points or more.",
    "La puntuación se movería 5 puntos solo si quienes no respondieron difirieran en"
    " {points} puntos o más.",
)
PILOT = SentenceTemplate(
    "pilot",
    "Until the first full cycle has been checked, treat these scores as a pilot.",
    "Hasta que se haya comprobado el primer ciclo completo, tome estas puntuaciones"
    " como un piloto.",
)
_IN_CRISIS = SentenceTemplate(
    "in_crisis",
    "Asked how their last two weeks felt, {about}{percent} percent of those who"
    " answered said: in crisis.",
    "A la pregunta de cómo vivieron las últimas dos semanas, {about}el {percent} por"
    " ciento de quienes respondieron dijo: en crisis.",
)


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
    content: ScoreContent, rolled_up_to: str | None, *, pilot: bool
) -> list[Sentence]:
    """Sentences about a group's figures, most important first.

    Args:
        content: the figures, as the document has them.
        rolled_up_to: the name of the group whose figures they are, where they are not
            the team's own.
        pilot: whether the questions are still to be checked over a full cycle.
    """
    figures = content["constructs"]
    scores = [_score_phrase(name, figures[name]) for name in CONSTRUCTS]
    ranges = [_range_phrase(name, figures[name]["interval"]) for name in CONSTRUCTS]
    sentences = [] if rolled_up_to is None else [ROLLED_UP(group=rolled_up_to)]
    sentences += _explain_level(figures)
    sentences.append(SCORE(scores=join_phrases(scores)))
    if content["tier"] == "coarse":
        sentences.append(APPROXIMATE())
    sentences.append(SCORE_RANGES(ranges=join_phrases(ranges)))
    sentences += _explain_changes(figures, "change", CHANGE)
    sentences += _explain_changes(figures, "two_wave_change", TWO_WAVE_CHANGE)
    sentences += _explain_trends(figures)
    sentences += sentences_by_value(
        figures, "against_organization", AGAINST_ORGANIZATION
    )
    if content["agreement"] is not None:
        sentences.append(AGREEMENT[content["agreement"]]())
    if content["crisis_percent"] is not None:
        sentences.append(crisis_sentence(content["crisis_percent"]))
    if content["participation"] == "<50":
        sentences.append(LOW_PARTICIPATION())
    sentences.append(NONRESPONSE(points=content["tipping_point"]))
    if pilot:
        sentences.append(PILOT())
    return sentences


def crisis_sentence(percent: int) -> Sentence:
    """The share of people who felt in crisis, in a sentence, as far as it is shown."""
    about = {
        MIN_COARSE_SCORE: BOUNDS["at_most"],
        MAX_COARSE_SCORE: BOUNDS["at_least"],
    }.get(percent, Phrase("about ", "aproximadamente "))
    return _IN_CRISIS(about=about, percent=percent)


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
    figures: Mapping[Construct, PublishedFigure],
) -> Iterable[Sentence]:
    """The lead and the levels; nothing before a group's third wave."""
    levels = {
        name: level
        for name in CONSTRUCTS
        if (level := figures[name]["level"]) is not None
    }
    overall = levels.get("overall")
    if overall is None:
        return
    yield LEAD(
        level=overall["score"],
        low=overall["interval"]["low"],
        high=overall["interval"]["high"],
        direction=LEAD_DIRECTION[_direction(figures["overall"])],
        talk=_talk_phrase(figures, levels),
    )
    yield LEVELS(
        levels=join_phrases(
            [_level_phrase(name, level) for name, level in levels.items()]
        )
    )


def _talk_phrase(
    figures: Mapping[Construct, PublishedFigure],
    levels: Mapping[Construct, PublishedLevel],
) -> Phrase:
    """The one thing worth talking about: a fall, a rise, or what is lower."""
    parts: tuple[Construct, Construct] = ("trust", "communication")
    for direction, words in (("down", TALK_ABOUT_FALL), ("up", TALK_ABOUT_RISE)):
        for name in parts:
            if _direction(figures[name]) == direction:
                return _name_construct(words, name)
    if not all(name in levels for name in parts):
        return TALK_ABOUT_NEXT
    lower, higher = sorted(parts, key=lambda name: levels[name]["score"])
    difference = levels[higher]["score"] - levels[lower]["score"]
    if difference >= MIN_DIFFERENCE_WORTH_TALKING:
        return _name_construct(TALK_ABOUT_LOWER, lower)
    return TALK_ABOUT_NEXT


def _direction(figure: PublishedFigure) -> Change:
    """The clear change of this wave, or else of the last two."""
    for change in (figure["change"], figure["two_wave_change"]):
        if change is not None and change["direction"] != "no_clear_change":
            return change["direction"]
    return "no_clear_change"


def _name_construct(words: tuple[str, str], name: Construct) -> Phrase:
    names = CONSTRUCT_NAMES[name]
    return Phrase(words[0].format(name=names.en), words[1].format(name=names.es))


def _explain_changes(
    figures: Mapping[Construct, PublishedFigure],
    member: Literal["change", "two_wave_change"],
    templates: Mapping[Change, SentenceTemplate],
) -> Iterable[Sentence]:
    """A sentence for each direction that some construct has taken."""
    for direction, template in templates.items():
        names = [
            CONSTRUCT_NAMES[name]
            if direction != "no_clear_change"
            else _with_points(name, change["detectable"])
            for name in CONSTRUCTS
            if (change := figures[name][member]) is not None
            and change["direction"] == direction
        ]
        if names:
            yield template(names=join_phrases(names))


def _explain_trends(
    figures: Mapping[Construct, PublishedFigure],
) -> Iterable[Sentence]:
    """A sentence for each heading that some construct has."""
    for direction, template in TREND.items():
        names = [
            CONSTRUCT_NAMES[name]
            if direction != "no_clear_trend"
            else _with_points(name, trend["detectable"])
            for name in CONSTRUCTS
            if (trend := figures[name]["trend"]) is not None
            and trend["direction"] == direction
        ]
        if names:
            yield template(names=join_phrases(names))


def _with_points(name: Construct, points: int) -> Phrase:
    names = CONSTRUCT_NAMES[name]
    return Phrase(f"{names.en} ({points})", f"{names.es} ({points})")


def _level_phrase(name: Construct, level: PublishedLevel) -> Phrase:
    names, interval = CONSTRUCT_NAMES[name], level["interval"]
    score, low, high = level["score"], interval["low"], interval["high"]
    return Phrase(
        f"{names.en} {score} ({low} to {high})", f"{names.es} {score} ({low} a {high})"
    )


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
