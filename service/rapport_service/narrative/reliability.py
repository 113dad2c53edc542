"""What a reliability report says, sentence by sentence."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypedDict

from rapport_service.disclosure.rounding import CONSTRUCTS, Construct
from rapport_service.narrative import reliability_sentences as say
from rapport_service.narrative.score_sentences import CONSTRUCT_NAMES, PILOT
from rapport_service.narrative.sentence import Phrase, Sentence, join_phrases

ScaleVerdict = Literal["holds", "doubtful"]


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
    of_those_shown: float
    approximate: bool
    items: dict[str, ItemCheck]
    weak_items: list[str]


class TeamCheck(TypedDict):
    """How far a construct's scores tell teams apart.

    `icc1` is the share of variance that lies between teams, `icc2` the reliability of
    an average team's score, `by_people` that of a team in which so many answered.
    `few` warns that fewer than eight teams were compared.
    """

    teams: int
    few: bool
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
    """Everything that the report shows."""

    waves: list[str]
    checked: bool
    scales: dict[Construct, ScaleCheck | None]
    teams: dict[Construct, TeamCheck | None]
    agreement: dict[str, AgreementCheck | None]


def is_checked(scales: Mapping[Construct, ScaleCheck | None]) -> bool:
    """Whether both constructs have been checked over a full cycle, and hold."""
    return all(
        (found := scales[name]) is not None and found["verdict"] == "holds"
        for name in ("trust", "communication")
    )


def explain(report: ReliabilityReport) -> list[Sentence]:
    """What is said of an organization's questions, most important first."""
    scales, teams = report["scales"], report["teams"]
    told = [say.POOLED(waves=len(report["waves"]))]
    for sentence, holds in (
        (say.HOLDS, lambda scale: scale is not None and scale["verdict"] == "holds"),
        (say.DOUBTFUL, lambda scale: scale is not None and scale["verdict"] != "holds"),
        (say.TOO_FEW_ANSWERS, lambda scale: scale is None),
    ):
        if names := _names(scales, holds):
            told.append(sentence(names=join_phrases(names)))
    weak = [item for scale in scales.values() if scale for item in scale["weak_items"]]
    if weak:
        told.append(say.WEAK(items=", ".join(dict.fromkeys(weak))))
    overall = teams["overall"]
    if overall is None:
        told.append(say.TOO_FEW_TEAMS())
    else:
        told.append(say.BETWEEN(percent=_percent(overall["icc1"])))
        told.append(say.TEN_PEOPLE(percent=_percent(overall["by_people"]["10"])))
        if overall["few"]:
            told.append(say.FEW_TEAMS())
    anchor = report["agreement"]["anchor"]
    if anchor is not None and anchor["clear"] is not None:
        told.append(say.AGREE(clear=anchor["clear"], teams=anchor["teams"]))
    told.append(say.CHECKED() if report["checked"] else PILOT())
    return told


def _names(
    scales: Mapping[Construct, ScaleCheck | None],
    holds: Callable[[ScaleCheck | None], bool],
) -> Sequence[Phrase]:
    return [CONSTRUCT_NAMES[name] for name in CONSTRUCTS if holds(scales[name])]


def _percent(share: float) -> int:
    return round(100 * max(share, 0.0))
