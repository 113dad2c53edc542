"""Sentences about a trend and a heat map, and the rules that pick them."""

from collections.abc import Mapping, Sequence

from rapport_service.disclosure.rounding import Construct
from rapport_service.narrative.score import explain_trends
from rapport_service.narrative.score_figures import PublishedTrend
from rapport_service.narrative.sentence import (
    Phrase,
    Sentence,
    SentenceTemplate,
    join_phrases,
)

TrendDirections = Mapping[Construct, PublishedTrend | None]
"""By construct the trend in the newest wave; None where it has none."""

NO_WAVES = SentenceTemplate(
    "no_waves",
    "No wave of this team has been sealed yet.",
    "Todavía no se ha sellado ninguna ronda de este equipo.",
)
OWN_SCORES = SentenceTemplate(
    "own_scores",
    "You see the team's own scores in each wave, the newest first. A step from one"
    " wave to the next may be chance. Read what the score says of the change.",
    "Usted ve las puntuaciones propias del equipo en cada ronda, la más reciente"
    " primero. Un paso de una ronda a la siguiente puede ser casualidad. Lea lo que la"
    " puntuación dice del cambio.",
)
GAPS = SentenceTemplate(
    "gaps",
    "In {gaps} of {waves} waves the team had no scores of its own.",
    "En {gaps} de {waves} rondas el equipo no tuvo puntuaciones propias.",
)
NO_TREND_DIRECTION = SentenceTemplate(
    "no_heading",
    "Nobody can say yet where the scores are heading. The service needs exact scores"
    " in twelve waves or more, the newest among them, of this team and of two others.",
    "Nadie puede decir aún hacia dónde van las puntuaciones. El servicio necesita"
    " puntuaciones exactas en doce rondas o más, entre ellas la más reciente, de este"
    " equipo y de otros dos.",
)
NO_RANKING = SentenceTemplate(
    "no_ranking",
    "You see the team, then the teams below it, in the order of their ids. This is not"
    " a ranking: a small difference between teams may be chance.",
    "Usted ve el equipo y después los que dependen de él, en el orden de sus"
    " identificadores. No es una clasificación: una diferencia pequeña entre equipos"
    " puede ser casualidad.",
)
NO_OWN_SCORES = {
    "rolled_up": SentenceTemplate(
        "in_their_place",
        "These teams have no scores of their own, so you see the figures of a larger"
        " group that includes them: {names}.",
        "Estos equipos no tienen puntuaciones propias, así que usted ve las cifras de"
        " un grupo mayor que los incluye: {names}.",
    ),
    "group_hidden": SentenceTemplate(
        "group_hidden",
        "These teams have no scores of their own, and you cannot see the figures of the"
        " larger group in which they were counted: {names}.",
        "Estos equipos no tienen puntuaciones propias, y usted no puede ver las cifras"
        " del grupo mayor en el que se contaron: {names}.",
    ),
    "withheld": SentenceTemplate(
        "not_shown",
        "The service cannot show scores of these teams: {names}.",
        "El servicio no puede mostrar puntuaciones de estos equipos: {names}.",
    ),
    "pending": SentenceTemplate(
        "not_sealed",
        "The wave is not sealed yet, so these teams have no scores: {names}.",
        "La ronda aún no se ha sellado, así que estos equipos no tienen"
        " puntuaciones: {names}.",
    ),
}
"""By the status of a team without scores of its own, or why its group is left out."""


def explain_trend(
    waves: int, released: int, directions: TrendDirections
) -> list[Sentence]:
    """Sentences about a team's waves.

    Args:
        waves: how many there are.
        released: how many of them released scores of the team's own.
        directions: the team's, by construct.
    """
    if not waves:
        return [NO_WAVES()]
    sentences = [OWN_SCORES()]
    if gaps := waves - released:
        sentences.append(GAPS(gaps=gaps, waves=waves))
    if any(directions.values()):
        sentences += explain_trends(directions)
    else:
        sentences.append(NO_TREND_DIRECTION())
    return sentences


def explain_heatmap(rows: Sequence[tuple[str, str]]) -> list[Sentence]:
    """Sentences about a team and the teams below it.

    Args:
        rows: the name of each team and its status, or ``group_hidden`` for a team that
            was rolled up to a group that is not shown.
    """
    sentences = [NO_RANKING()]
    for status, template in NO_OWN_SCORES.items():
        names = [Phrase(name, name) for name, shown in rows if shown == status]
        if names:
            sentences.append(template(names=join_phrases(names)))
    return sentences
