"""Reliability reports: whether an agency's questions measure what they should."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rapport_client.models.scores import Sentence
from rapport_client.models.words import ScaleVerdict


@dataclass(frozen=True)
class Interval:
    """A 95 percent interval."""

    low: float
    high: float


@dataclass(frozen=True)
class ItemCheck:
    """How one question fits the others.

    Attributes:
        item_rest: its correlation with the others.
        loading: on what they have in common, standardized.
    """

    item_rest: float | None
    loading: float | None


@dataclass(frozen=True)
class ScaleCheck:
    """How well the questions of a construct measure one thing.

    Attributes:
        verdict: ``holds`` or ``doubtful``.
        people_per_pair: a band: people who answered the rarest pair of questions.
        alpha: Cronbach's, from pairs.
        omega: McDonald's, of one factor.
        shown_items_reliability: of as many questions as one person sees.
        approximate: whether the answers had to be repaired, or omega lies at a border.
        items: by question.
        weak_items: the questions that fit badly.
    """

    verdict: ScaleVerdict
    people_per_pair: str
    alpha: float
    alpha_interval: Interval
    omega: float
    shown_items_reliability: float
    approximate: bool
    items: Mapping[str, ItemCheck]
    weak_items: tuple[str, ...]


@dataclass(frozen=True)
class TeamCheck:
    """How far a construct's scores tell teams apart.

    Attributes:
        teams: how many were compared.
        small_sample: whether they are fewer than eight.
        icc1: the share of variance that lies between teams.
        icc2: the reliability of an average team's score.
        by_people: that of a team in which so many answered.
    """

    teams: int
    small_sample: bool
    icc1: float
    icc1_interval: Interval | None
    icc2: float | None
    icc2_interval: Interval | None
    by_people: Mapping[str, float]


@dataclass(frozen=True)
class AgreementCheck:
    """How far teams agree within: means over them, against uniform random answers.

    Attributes:
        teams: how many were compared.
        clear: how many agree beyond chance; for the anchor alone.
    """

    teams: int
    clear: int | None
    r_wg: float | None
    r_star: float | None
    a_wg: float | None
    ad: float | None


@dataclass(frozen=True)
class Reliability:
    """The reliability report that was frozen with the newest release.

    Attributes:
        wave_id: the wave's public id.
        release: the number of the release, from 1.
        opens_at: from when the wave could be answered.
        closes_at: until when.
        wave_ids: the waves whose answers the scales were checked with.
        checked: whether both constructs hold over a full cycle; until then scores are
            a pilot.
        scales: by construct; None while too few people answered some pair of questions.
        teams: by construct; None with fewer than three teams to compare.
        agreement: by construct, and of the ``anchor``; None likewise.
        explanation: the same in sentences, in English and Spanish.
    """

    wave_id: str
    release: int
    opens_at: datetime
    closes_at: datetime
    wave_ids: tuple[str, ...]
    checked: bool
    scales: Mapping[str, ScaleCheck | None]
    teams: Mapping[str, TeamCheck | None]
    agreement: Mapping[str, AgreementCheck | None]
    explanation: tuple[Sentence, ...]
