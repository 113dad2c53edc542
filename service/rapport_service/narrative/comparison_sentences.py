"""The sentences about trends and heat maps. Add to the codes, never rename one."""

from rapport_service.narrative.sentence import SentenceTemplate

NO_WAVES = SentenceTemplate(
    "no_waves",
    "No wave of this team has been sealed yet.",
    "Todavía no se ha sellado ninguna ronda de este equipo.",
)
OWN_SCORES = SentenceTemplate(
    "own_scores",
    "Each wave has the team's own scores, the oldest first. A step from one wave to"
    " the next may be chance: look at what is said of the change.",
    "Cada ronda lleva las puntuaciones propias del equipo, la más antigua primero. Un"
    " paso de una ronda a la siguiente puede ser casualidad: mire lo que se dice del"
    " cambio.",
)
GAPS = SentenceTemplate(
    "gaps",
    "In {gaps} of {waves} waves the team had no scores of its own.",
    "En {gaps} de {waves} rondas el equipo no tuvo puntuaciones propias.",
)
NO_TREND_DIRECTION = SentenceTemplate(
    "no_heading",
    "It cannot be said where the scores are heading: that takes five waves or more"
    " with exact scores, the newest among them.",
    "No se puede decir hacia dónde van las puntuaciones: hacen falta cinco rondas o más"
    " con puntuaciones exactas, entre ellas la más reciente.",
)
NO_RANKING = SentenceTemplate(
    "no_ranking",
    "The team and the teams below it stand in the order of their ids. This is no"
    " ranking: teams that differ a little may differ by chance alone.",
    "El equipo y los que dependen de él van en el orden de sus identificadores. No es"
    " una clasificación: si la diferencia es pequeña, puede ser casualidad.",
)
NO_OWN_SCORES = {
    "rolled_up": SentenceTemplate(
        "in_their_place",
        "These teams have no scores of their own; the figures of a larger group that"
        " includes them stand in their place: {names}.",
        "Estos equipos no tienen puntuaciones propias; en su lugar aparecen las cifras"
        " de un grupo mayor que los incluye: {names}.",
    ),
    "withheld": SentenceTemplate(
        "not_shown",
        "No scores can be shown for these teams: {names}.",
        "No se pueden mostrar puntuaciones de estos equipos: {names}.",
    ),
}
"""By what is shown of a team instead of its own scores."""
