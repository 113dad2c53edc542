"""Sentence templates and phrases about the scores of a group."""

from typing import Literal

from rapport_schemas.enums import (
    AgainstOrganization,
    Agreement,
    Bound,
    Change,
    PendingDelay,
    TrendDirection,
)
from rapport_service.disclosure.rounding import Construct
from rapport_service.narrative.sentence import Phrase, SentenceTemplate

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
    "{group} stands at {place}. {direction}. {talk}.",
    "{group} está {place}. {direction}. {talk}.",
)
FIRST_WAVES = SentenceTemplate(
    "first_waves",
    "{group} has been shown in fewer than three waves.{direction} One wave can be many"
    " points off by chance. {talk}.",
    "{group} se ha mostrado en menos de tres rondas.{direction} Una sola ronda puede"
    " desviarse muchos puntos por azar. {talk}.",
)
LEAD_PLACE = Phrase(
    "about {level} of 100, probably between {low} and {high}",
    "en torno a {level} de 100, probablemente entre {low} y {high}",
)
LEVEL_PLACE = Phrase(
    "{name} {level} ({low} to {high})", "{name} {level} ({low} a {high})"
)
Move = Change | Literal["up_after_fall", "down_after_rise"]
"""The change of this wave and of the last two together, which may be opposite."""

LEAD_CHANGES: dict[Move, Phrase] = {
    "up": Phrase(
        "It is clearly higher than before", "Está claramente más alto que antes"
    ),
    "down": Phrase(
        "It is clearly lower than before", "Está claramente más bajo que antes"
    ),
    "up_after_fall": Phrase(
        "It moved both ways: it fell in the wave before and rose in this one",
        "Se movió en ambos sentidos: bajó en la ronda anterior y subió en esta",
    ),
    "down_after_rise": Phrase(
        "It moved both ways: it rose in the wave before and fell in this one",
        "Se movió en ambos sentidos: subió en la ronda anterior y bajó en esta",
    ),
    "no_clear_change": Phrase(
        "Overall there is no clear change{points}",
        "En conjunto no hay un cambio claro{points}",
    ),
}
POINTS_FOR_CHANGE = Phrase(
    ": it would take {points} points", ": harían falta {points} puntos"
)
POINTS_FOR_EITHER_CHANGE = Phrase(
    ": it would take {points} points in one wave, or {two_waves} in two together",
    ": harían falta {points} puntos en una ronda, o {two_waves} en dos juntas",
)
Audience = Literal["team", "teams", "rolled_up"]
"""About whom a supervisor reads: a team, a group of teams, or a team's larger group."""

GROUPS: dict[Audience, Phrase] = {
    "team": Phrase("This team", "Este equipo"),
    "teams": Phrase("This group", "Este grupo"),
    "rolled_up": Phrase("This group", "Este grupo"),
}
ASKED: dict[Audience, Phrase] = {
    "team": Phrase("the team", "al equipo"),
    "teams": Phrase("its teams", "a sus equipos"),
    "rolled_up": Phrase("this team", "a este equipo"),
}
Topic = Literal[
    "young",
    "fall_of_part",
    "fall",
    "swing_of_part",
    "swing",
    "difference",
    "rise_of_part",
    "rise",
    "lower",
    "needs",
]
"""Subject that is worth talking about; a part is trust or communication."""

TALK: dict[Topic, Phrase] = {
    "young": Phrase(
        "Ask {asked} if these scores fit everyday work",
        "Pregunte {asked} si estas puntuaciones reflejan su día a día",
    ),
    "fall_of_part": Phrase(
        "Ask {asked} why {name} is lower",
        "Pregunte {asked} por qué {name} está más baja",
    ),
    "fall": Phrase(
        "Ask {asked} what has become harder",
        "Pregunte {asked} qué se ha vuelto más difícil",
    ),
    "swing_of_part": Phrase(
        "Ask {asked} what happened to {name}, and see the next wave before you act",
        "Pregunte {asked} qué pasó con {name}, y espere a la próxima ronda antes de"
        " actuar",
    ),
    "swing": Phrase(
        "Ask {asked} what happened, and see the next wave before you act",
        "Pregunte {asked} qué pasó, y espere a la próxima ronda antes de actuar",
    ),
    "difference": Phrase(
        "It is clearly below the organization on {name}: ask {asked} what would help",
        "Está claramente por debajo de la organización en {name}: pregunte {asked} qué"
        " ayudaría",
    ),
    "rise_of_part": Phrase(
        "Ask {asked} what helped {name}, and keep it",
        "Pregunte {asked} qué ayudó a {name}, y manténgalo",
    ),
    "rise": Phrase(
        "Ask {asked} what has helped, and keep it",
        "Pregunte {asked} qué ha ayudado, y manténgalo",
    ),
    "lower": Phrase(
        "Talk about {name} first: it is the lower of the two",
        "Hable primero de {name}: es la más baja de las dos",
    ),
    "needs": Phrase(
        "Ask {asked} what would help most", "Pregunte {asked} qué ayudaría más"
    ),
}
TALK_OF_LARGER_GROUP: dict[Topic, Phrase] = {
    "fall_of_part": Phrase(
        "Ask {asked} if {name} is lower there too, and why",
        "Pregunte {asked} si {name} también está más baja ahí, y por qué",
    ),
    "fall": Phrase(
        "Ask {asked} if something has become harder there too",
        "Pregunte {asked} si también ahí algo se ha vuelto más difícil",
    ),
    "rise_of_part": Phrase(
        "Ask {asked} if {name} is higher there too, and what helped",
        "Pregunte {asked} si {name} también está más alta ahí, y qué ayudó",
    ),
    "rise": Phrase(
        "Ask {asked} if something has helped there too",
        "Pregunte {asked} si también ahí algo ha ayudado",
    ),
}
"""In place of the above where the figures are not the team's own."""

LEVELS = SentenceTemplate(
    "levels",
    "Its level, by its waves so far: {levels}.",
    "Su nivel, según sus rondas hasta ahora: {levels}.",
)
CHANGE: dict[Change, SentenceTemplate] = {
    "up": SentenceTemplate(
        "up",
        "In this wave clearly above the level before it: {names}.",
        "En esta ronda claramente por encima del nivel anterior: {names}.",
    ),
    "down": SentenceTemplate(
        "down",
        "In this wave clearly below the level before it: {names}.",
        "En esta ronda claramente por debajo del nivel anterior: {names}.",
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
        "In the last two waves together clearly above the level before them: {names}.",
        "En las dos últimas rondas juntas claramente por encima del nivel anterior a"
        " ellas: {names}.",
    ),
    "down": SentenceTemplate(
        "down_two_waves",
        "In the last two waves together clearly below the level before them: {names}.",
        "En las dos últimas rondas juntas claramente por debajo del nivel anterior a"
        " ellas: {names}.",
    ),
    "no_clear_change": SentenceTemplate(
        "no_clear_change_two_waves",
        "No clear change in the last two waves together: {names}. The points in"
        " brackets are what it would take.",
        "Sin cambio claro en las dos últimas rondas juntas: {names}. Los puntos entre"
        " paréntesis son los que harían falta.",
    ),
}
OPPOSITE_CHANGES: dict[Move, SentenceTemplate] = {
    "up_after_fall": SentenceTemplate(
        "up_after_fall",
        "Fell in the wave before and rose in this one: {names}. This wave is clearly"
        " above the level before it, but the last two together are clearly below the"
        " level before them.",
        "Bajada en la ronda anterior y subida en esta: {names}. Esta ronda está"
        " claramente por encima del nivel anterior, pero las dos últimas juntas están"
        " claramente por debajo del nivel anterior a ellas.",
    ),
    "down_after_rise": SentenceTemplate(
        "down_after_rise",
        "Rose in the wave before and fell in this one: {names}. This wave is clearly"
        " below the level before it, but the last two together are clearly above the"
        " level before them.",
        "Subida en la ronda anterior y bajada en esta: {names}. Esta ronda está"
        " claramente por debajo del nivel anterior, pero las dos últimas juntas están"
        " claramente por encima del nivel anterior a ellas.",
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
IN_CRISIS = SentenceTemplate(
    "in_crisis",
    "Asked how their last two weeks felt, {about}{percent} percent of those who"
    " answered said: in crisis.",
    "A la pregunta de cómo vivieron las últimas dos semanas, {about}el {percent} por"
    " ciento de quienes respondieron dijo: en crisis.",
)
