"""Sentences about a trend and a heat map, and the rules that pick them."""

from collections.abc import Mapping, Sequence
from typing import Any

from rapport_service.disclosure.rounding import CONSTRUCTS, Construct
from rapport_service.narrative.score import TREND, sentences_by_value
from rapport_service.narrative.sentence import (
    Phrase,
    Sentence,
    SentenceTemplate,
    join_phrases,
)

TrendDirections = Mapping[Construct, Mapping[str, Any] | None]
"""By construct the direction in the newest wave; None where it has none."""

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
"""By the status of a team that has no scores of its own."""


def explain_trend(
    statuses: Sequence[str], directions: TrendDirections
) -> list[Sentence]:
    """Sentences about a team's waves.

    Args:
        statuses: the status of the team in each wave, oldest first.
        directions: the team's, by construct.
    """
    if not statuses:
        return [NO_WAVES()]
    sentences = [OWN_SCORES()]
    if gaps := sum(status != "released" for status in statuses):
        sentences.append(GAPS(gaps=gaps, waves=len(statuses)))
    known = {name: directions[name] or {} for name in CONSTRUCTS}
    if any(known.values()):
        sentences += sentences_by_value(known, "direction", TREND)
    else:
        sentences.append(NO_TREND_DIRECTION())
    return sentences


def explain_heatmap(rows: Sequence[tuple[str, str]]) -> list[Sentence]:
    """Sentences about a team and the teams below it.

    Args:
        rows: the name of each team and its status.
    """
    sentences = [NO_RANKING()]
    for status, template in NO_OWN_SCORES.items():
        names = [Phrase(name, name) for name, shown in rows if shown == status]
        if names:
            sentences.append(template(names=join_phrases(names)))
    return sentences
