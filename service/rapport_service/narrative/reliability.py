"""Sentences about the reliability of the questions, and the rules that pick them."""

from collections.abc import Mapping
from typing import TypedDict

from rapport_schemas.enums import ScaleVerdict
from rapport_service.disclosure.rounding import CONSTRUCTS, Construct
from rapport_service.narrative.score_sentences import CONSTRUCT_NAMES, PILOT
from rapport_service.narrative.sentence import (
    Sentence,
    SentenceTemplate,
    join_phrases,
)


class Range(TypedDict):
    """A 95 percent interval."""

    low: float
    high: float


class ItemCheck(TypedDict):
    """How one question fits the others; `loading` is standardized."""

    item_rest: float | None
    loading: float | None


class ScaleCheck(TypedDict):
    """How well the questions of a construct measure one thing.

    `people_per_pair` is a band. `approximate` says that the answers had to be repaired
    before omega, or that its solution lies at the border of what is possible.
    """

    verdict: ScaleVerdict
    people_per_pair: str
    alpha: float
    alpha_interval: Range
    omega: float
    shown_items_reliability: float
    approximate: bool
    items: dict[str, ItemCheck]
    weak_items: list[str]


class TeamCheck(TypedDict):
    """How far a construct's scores tell teams apart.

    `icc1` is the share of variance that lies between teams, `icc2` the reliability of
    an average team's score, `by_people` that of a team in which so many answered.
    `small_sample` warns that fewer than eight teams were compared.
    """

    teams: int
    small_sample: bool
    icc1: float
    icc1_interval: Range | None
    icc2: float | None
    icc2_interval: Range | None
    by_people: dict[str, float]


class AgreementCheck(TypedDict):
    """How far teams agree within, the mean over them, against uniform random answers.

    `clear` counts the teams that agree beyond chance; only the anchor has it.
    """

    teams: int
    clear: int | None
    r_wg: float | None
    r_star: float | None
    a_wg: float | None
    ad: float | None


class ReliabilityReport(TypedDict):
    """Everything that a reliability report shows."""

    wave_ids: list[str]
    checked: bool
    scales: dict[Construct, ScaleCheck | None]
    teams: dict[Construct, TeamCheck | None]
    agreement: dict[str, AgreementCheck | None]


POOLED = SentenceTemplate(
    "pooled",
    "The questions were checked over this many waves: {waves}.",
    "Las preguntas se comprobaron sobre este número de rondas: {waves}.",
)
HOLDS = SentenceTemplate(
    "holds",
    "Each of these has questions that hang together and measure one thing: {names}.",
    "Cada uno de estos temas tiene preguntas que encajan entre sí y miden una sola"
    " cosa: {names}.",
)
DOUBTFUL = SentenceTemplate(
    "doubtful",
    "The questions do not hang together well enough, so read the scores with care:"
    " {names}.",
    "Las preguntas no encajan lo suficiente entre sí; lea las puntuaciones con cautela:"
    " {names}.",
)
TOO_FEW_ANSWERS = SentenceTemplate(
    "too_few_answers",
    "Not checked yet, because some pairs of questions were answered by fewer than 50"
    " people: {names}.",
    "Sin comprobar todavía, porque algunos pares de preguntas los respondieron menos de"
    " 50 personas: {names}.",
)
WEAK = SentenceTemplate(
    "weak_questions",
    "These questions fit the others poorly: {items}.",
    "Estas preguntas encajan mal con las demás: {items}.",
)
TOO_FEW_TEAMS = SentenceTemplate(
    "too_few_teams",
    "Too few teams have a fine score to say how far teams differ.",
    "Muy pocos equipos tienen una puntuación fina para decir cuánto difieren los"
    " equipos.",
)
BETWEEN = SentenceTemplate(
    "between_teams",
    "Of all that people differ in overall, about {percent} percent lies between teams.",
    "De todo lo que difieren las personas en el conjunto, cerca del {percent} por"
    " ciento está entre los equipos.",
)
TEN_PEOPLE = SentenceTemplate(
    "team_of_ten",
    "Of the differences between the scores of teams of ten, about {percent} percent are"
    " real; the rest is chance.",
    "De las diferencias entre las puntuaciones de equipos de diez personas, cerca del"
    " {percent} por ciento son reales; el resto es azar.",
)
FEW_TEAMS = SentenceTemplate(
    "few_teams",
    "Fewer than eight teams could be compared, so these figures are rough.",
    "Se pudieron comparar menos de ocho equipos, así que estas cifras son aproximadas.",
)
AGREE = SentenceTemplate(
    "teams_agree",
    "Teams whose members answer much alike when asked how often the team pulled"
    " together: {clear} of {teams}.",
    "Equipos cuyos miembros responden de forma muy parecida a la pregunta de con qué"
    " frecuencia el equipo trabajó unido: {clear} de {teams}.",
)
CHECKED = SentenceTemplate(
    "checked",
    "The first full cycle has been checked; the scores are no longer a pilot.",
    "Se ha comprobado el primer ciclo completo; las puntuaciones ya no son un piloto.",
)


def is_checked(scales: Mapping[Construct, ScaleCheck | None]) -> bool:
    """Whether both constructs have been checked over a full cycle, and hold."""
    return all(_holds(scales[name]) for name in ("trust", "communication"))


def explain(report: ReliabilityReport) -> list[Sentence]:
    """Sentences about an organization's questions, most important first."""
    scales, teams = report["scales"], report["teams"]
    sentences = [POOLED(waves=len(report["wave_ids"]))]
    for template, applies in (
        (HOLDS, _holds),
        (DOUBTFUL, lambda scale: scale is not None and not _holds(scale)),
        (TOO_FEW_ANSWERS, lambda scale: scale is None),
    ):
        names = [CONSTRUCT_NAMES[name] for name in CONSTRUCTS if applies(scales[name])]
        if names:
            sentences.append(template(names=join_phrases(names)))
    weak = [item for scale in scales.values() if scale for item in scale["weak_items"]]
    if weak:
        sentences.append(WEAK(items=", ".join(dict.fromkeys(weak))))
    overall = teams["overall"]
    if overall is None:
        sentences.append(TOO_FEW_TEAMS())
    else:
        sentences.append(BETWEEN(percent=_percent(overall["icc1"])))
        sentences.append(TEN_PEOPLE(percent=_percent(overall["by_people"]["10"])))
        if overall["small_sample"]:
            sentences.append(FEW_TEAMS())
    anchor = report["agreement"]["anchor"]
    if anchor is not None and anchor["clear"] is not None:
        sentences.append(AGREE(clear=anchor["clear"], teams=anchor["teams"]))
    sentences.append(CHECKED() if report["checked"] else PILOT())
    return sentences


def _holds(scale: ScaleCheck | None) -> bool:
    return scale is not None and scale["verdict"] == "holds"


def _percent(share: float) -> int:
    return round(100 * max(share, 0.0))
