"""The sentences about scores. Their codes are a closed list; add, never rename."""

from rapport_service.disclosure.presentation import (
    COARSE_HIGHEST,
    COARSE_LOWEST,
    Agreement,
    Bound,
    Change,
    Construct,
    Heading,
    Standing,
)
from rapport_service.explanation.sentence import Sentence, Told, Words

NAMES: dict[Construct, Words] = {
    "trust": Words("trust", "la confianza"),
    "communication": Words("communication", "la comunicación"),
    "overall": Words("overall", "el conjunto"),
}
BOUNDS: dict[Bound | None, Words] = {
    None: Words("", ""),
    "at_most": Words("at most ", "como mucho "),
    "at_least": Words("at least ", "al menos "),
}

WITHHELD = Sentence(
    "withheld",
    "No score can be shown for this team in this wave.",
    "No se puede mostrar ninguna puntuación de este equipo en esta ronda.",
)
ROLLED_UP = Sentence(
    "rolled_up",
    "This team has no score of its own in this wave; these are the figures of {group},"
    " which it is part of.",
    "Este equipo no tiene puntuación propia en esta ronda; estas son las cifras de"
    " {group}, que incluye a este equipo.",
)
SCORE = Sentence(
    "score",
    "On a scale from 0 to 100, where more is better: {scores}.",
    "En una escala de 0 a 100, donde más es mejor: {scores}.",
)
APPROXIMATE = Sentence(
    "approximate",
    "These scores are approximate: to protect the people who answered they are rounded"
    " to the nearest 5.",
    "Estas puntuaciones son aproximadas: para proteger a quienes respondieron se"
    " redondean al múltiplo de 5 más cercano.",
)
HOW_SURE = Sentence(
    "how_sure",
    "Allowing for chance, the scores of everybody, also of those who did not answer,"
    " are likely to lie here: {ranges}.",
    "Teniendo en cuenta el azar, las puntuaciones de todas las personas, también de las"
    " que no respondieron, están probablemente aquí: {ranges}.",
)
CHANGE: dict[Change, Sentence] = {
    "up": Sentence(
        "up",
        "Clearly higher than last time: {names}.",
        "Claramente más alto que la última vez: {names}.",
    ),
    "down": Sentence(
        "down",
        "Clearly lower than last time: {names}.",
        "Claramente más bajo que la última vez: {names}.",
    ),
    "no_clear_change": Sentence(
        "no_clear_change",
        "No clear change since last time: {names}. A small difference may be chance.",
        "Sin cambio claro desde la última vez: {names}. Una diferencia pequeña puede"
        " ser casualidad.",
    ),
}
TREND: dict[Heading, Sentence] = {
    "rising": Sentence(
        "rising",
        "Rising over the waves so far: {names}.",
        "En aumento a lo largo de las rondas: {names}.",
    ),
    "falling": Sentence(
        "falling",
        "Falling over the waves so far: {names}.",
        "En descenso a lo largo de las rondas: {names}.",
    ),
    "no_clear_trend": Sentence(
        "no_clear_trend",
        "No clear direction over the waves so far: {names}.",
        "Sin dirección clara a lo largo de las rondas: {names}.",
    ),
}
STANDING: dict[Standing, Sentence] = {
    "above": Sentence(
        "above",
        "Clearly above the organization as a whole: {names}.",
        "Claramente por encima de la organización en su conjunto: {names}.",
    ),
    "below": Sentence(
        "below",
        "Clearly below the organization as a whole: {names}.",
        "Claramente por debajo de la organización en su conjunto: {names}.",
    ),
    "not_clearly_different": Sentence(
        "not_clearly_different",
        "Not clearly different from the organization as a whole: {names}.",
        "Sin diferencia clara con la organización en su conjunto: {names}.",
    ),
}
AGREEMENT: dict[Agreement, Sentence] = {
    "agree": Sentence(
        "agree",
        "Asked how often their team pulled together, people in this group answer much"
        " alike.",
        "A la pregunta de con qué frecuencia el equipo trabajó unido, en este grupo se"
        " responde de forma muy parecida.",
    ),
    "no_clear_agreement": Sentence(
        "no_clear_agreement",
        "Asked how often their team pulled together, people in this group answer"
        " differently, or too few answered to tell.",
        "A la pregunta de con qué frecuencia el equipo trabajó unido, en este grupo las"
        " respuestas difieren, o respondieron muy pocas personas para saberlo.",
    ),
}
LOW_PARTICIPATION = Sentence(
    "low_participation",
    "Fewer than half of the people answered, so the others may see it differently.",
    "Respondió menos de la mitad de las personas, así que las demás pueden verlo de"
    " otra manera.",
)
SILENT = Sentence(
    "silent",
    "The score would move by 5 points only if those who did not answer differed by"
    " {points} points or more.",
    "La puntuación se movería 5 puntos solo si quienes no respondieron difirieran en"
    " {points} puntos o más.",
)
PILOT = Sentence(
    "pilot",
    "Until the first full cycle has been checked, treat these scores as a pilot.",
    "Hasta que se haya comprobado el primer ciclo completo, tome estas puntuaciones"
    " como un piloto.",
)
_DOSE = Sentence(
    "in_crisis",
    "Asked how their last two weeks felt, {about}{percent} percent of those who"
    " answered said: in crisis.",
    "A la pregunta de cómo vivieron las últimas dos semanas, {about}el {percent} por"
    " ciento de quienes respondieron dijo: en crisis.",
)


def dose(percent: int) -> Told:
    """How many felt in crisis, as far as it is shown."""
    about = {
        COARSE_LOWEST: BOUNDS["at_most"],
        COARSE_HIGHEST: BOUNDS["at_least"],
    }.get(percent, Words("about ", "aproximadamente "))
    return _DOSE(about=about, percent=percent)
