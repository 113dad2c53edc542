"""Sentences about the scores of a group, and the rules that pick them."""

from collections.abc import Iterable, Mapping, Sequence
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
    "In this wave, on a scale from 0 to 100 where more is better: {scores}.",
    "En esta ronda, en una escala de 0 a 100 donde más es mejor: {scores}.",
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
    "This group stands at about {level} of 100, probably between {low} and {high}."
    " {direction}. {talk}.",
    "Este grupo está en torno a {level} de 100, probablemente entre {low} y {high}."
    " {direction}. {talk}.",
)
FIRST_WAVES = SentenceTemplate(
    "first_waves",
    "This group has fewer than three waves so far. One wave can be many points off by"
    " chance. Ask the team if it sees itself in these scores.",
    "Este grupo tiene menos de tres rondas hasta ahora. Una sola ronda puede desviarse"
    " muchos puntos por azar. Pregunte al equipo si se reconoce en estas puntuaciones.",
)
LEAD_CHANGES: dict[Change, Phrase] = {
    "up": Phrase(
        "It is clearly higher than before", "Está claramente más alto que antes"
    ),
    "down": Phrase(
        "It is clearly lower than before", "Está claramente más bajo que antes"
    ),
    "no_clear_change": Phrase(
        "Overall there is no clear change: it would take {points} points",
        "En conjunto no hay un cambio claro: harían falta {points} puntos",
    ),
}
TALK_ABOUT_FALL = Phrase(
    "Ask the team why {name} is lower",
    "Pregunte al equipo por qué {name} está más baja",
)
TALK_ABOUT_LOSS = Phrase(
    "Ask the team what has become harder",
    "Pregunte al equipo qué se ha vuelto más difícil",
)
TALK_ABOUT_DIFFERENCE = Phrase(
    "It is clearly below the organization on {name}: ask the team what would help",
    "Está claramente por debajo de la organización en {name}: pregunte al equipo qué"
    " ayudaría",
)
TALK_ABOUT_RISE = Phrase(
    "Ask the team what helped {name}, and keep it",
    "Pregunte al equipo qué ayudó a {name}, y manténgalo",
)
TALK_ABOUT_GAIN = Phrase(
    "Ask the team what has helped, and keep it",
    "Pregunte al equipo qué ha ayudado, y manténgalo",
)
TALK_ABOUT_LOWER = Phrase(
    "Talk about {name} first: it is the lower of the two",
    "Hable primero de {name}: es la más baja de las dos",
)
TALK_ABOUT_NEEDS = Phrase(
    "Ask the team what would help most", "Pregunte al equipo qué ayudaría más"
)

LEVELS = SentenceTemplate(
    "levels",
    "Where it stands by all of its waves: {levels}.",
    "Su nivel según todas sus rondas: {levels}.",
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
        "No clear change in this wave: {names}. The points in brackets are what it"
        " would take.",
        "Sin cambio claro en esta ronda: {names}. Los puntos entre paréntesis son los"
        " que harían falta.",
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
        "No clear change in the last two waves together: {names}. The points in"
        " brackets are what it would take.",
        "Sin cambio claro en las dos últimas rondas juntas: {names}. Los puntos entre"
        " paréntesis son los que harían falta.",
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
        "No clear direction over the waves so far: {names}. The points in brackets are"
        " the rise or fall in four weeks that it would take.",
        "Sin dirección clara a lo largo de las rondas: {names}. Los puntos entre"
        " paréntesis son la subida o bajada en cuatro semanas que haría falta.",
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
    sentences.append(NONRESPONSE(points=content["tipping_point"]))
    if content["participation"] == "<50":
        sentences.append(LOW_PARTICIPATION())
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
    """The lead and the levels; before a group's third wave a word of caution."""
    levels = {
        name: level
        for name in CONSTRUCTS
        if (level := figures[name]["level"]) is not None
    }
    overall = levels.get("overall")
    if overall is None:
        yield FIRST_WAVES()
        return
    yield LEAD(
        level=overall["score"],
        low=overall["interval"]["low"],
        high=overall["interval"]["high"],
        direction=_lead_change_phrase(figures["overall"]),
        talk=_talk_phrase(figures),
    )
    yield LEVELS(
        levels=join_phrases(
            [_level_phrase(name, level) for name, level in levels.items()]
        )
    )


def _lead_change_phrase(figure: PublishedFigure) -> Phrase:
    """The clear change, or the points that the more sensitive comparison needs."""
    direction = _direction(figure)
    needed = [change["detectable"] for change in _changes(figure)]
    return LEAD_CHANGES[direction].format(points=min(needed, default=0))


def _talk_phrase(figures: Mapping[Construct, PublishedFigure]) -> Phrase:
    """The one thing to talk about: a fall, a lag, a rise, or what is lower."""
    parts: tuple[Construct, ...] = ("trust", "communication")
    directions = {name: _direction(figures[name]) for name in CONSTRUCTS}
    below = [name for name in parts if figures[name]["against_organization"] == "below"]
    choices: tuple[tuple[Phrase, Sequence[Construct]], ...] = (
        (TALK_ABOUT_FALL, [name for name in parts if directions[name] == "down"]),
        (TALK_ABOUT_LOSS, ["overall"] if directions["overall"] == "down" else []),
        (TALK_ABOUT_DIFFERENCE, below),
        (TALK_ABOUT_RISE, [name for name in parts if directions[name] == "up"]),
        (TALK_ABOUT_GAIN, ["overall"] if directions["overall"] == "up" else []),
        (TALK_ABOUT_LOWER, _clearly_lower(figures)),
    )
    for phrase, names in choices:
        if names:
            return phrase.format(name=CONSTRUCT_NAMES[names[0]])
    return TALK_ABOUT_NEEDS


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


def _direction(figure: PublishedFigure) -> Change:
    """The clear change of this wave, or else of the last two."""
    directions = [change["direction"] for change in _changes(figure)]
    clear = (each for each in directions if each != "no_clear_change")
    return next(clear, "no_clear_change")


def _changes(figure: PublishedFigure) -> list[PublishedChange]:
    """The changes of this wave and of the last two, as far as they are known."""
    both = (figure["change"], figure["two_wave_change"])
    return [change for change in both if change is not None]


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
