"""What a team's score can be: released, rolled up, withheld or pending."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ScoreInterval:
    """Where the score of everybody is likely to lie (95 percent), in points."""

    low: int
    high: int


@dataclass(frozen=True)
class ScoreTrend:
    """Where a score is heading over five waves or more.

    Attributes:
        direction: ``rising``, ``falling`` or ``no_clear_trend``.
        per_four_weeks: points; None where the direction is not clear.
    """

    direction: str
    per_four_weeks: int | None


@dataclass(frozen=True)
class ConstructScore:
    """One construct's figures.

    Attributes:
        score: 0 to 100.
        bound: ``at_most`` or ``at_least`` where the score was clamped, else None.
        interval: where the score of everybody is likely to lie, in this wave.
        change: ``up``, ``down`` or ``no_clear_change`` since the wave before in which
            the team was released; None if there was none.
        favourable: percent of favourable answers; in the fine tier alone.
        trend: in the fine tier, after five waves in it.
        steadied: the score drawn toward the other teams' as far as it is noise; in the
            fine tier, with three teams to compare.
        against_organization: ``above``, ``below`` or ``not_clearly_different``, where
            there is a steadied score.
    """

    score: int
    bound: str | None
    interval: ScoreInterval
    change: str | None = None
    favourable: int | None = None
    trend: ScoreTrend | None = None
    steadied: int | None = None
    against_organization: str | None = None


@dataclass(frozen=True)
class ConstructScores:
    """The figures of a team; they come together or not at all."""

    trust: ConstructScore
    communication: ConstructScore
    overall: ConstructScore


@dataclass(frozen=True)
class ItemFigure:
    """One question's figures; more is better."""

    score: int
    interval: ScoreInterval
    favourable: int


@dataclass(frozen=True)
class Sentence:
    """A sentence to read aloud: its code for programs, and its words."""

    code: str
    en: str
    es: str


@dataclass(frozen=True)
class TeamName:
    """A team, as a score names it."""

    id: str
    name: str


@dataclass(frozen=True)
class Figures:
    """What a release shows of a team, or of the team above that stands in for it.

    Attributes:
        team: the team that was asked for.
        wave: the wave's public id.
        release: the number of the release, from 1.
        opens_at: from when the wave could be answered.
        closes_at: until when.
        tier: ``coarse`` (to the nearest 5) or ``fine`` (whole numbers).
        respondents: a band, such as ``10-19``.
        participation: a band of percent, such as ``85+``.
        tipping_point: by how many points at least those who did not answer would have
            to differ to move the score by 5.
        constructs: the figures.
        agreement: ``agree`` or ``no_clear_agreement``; None where it is not told.
        items: figures by question; None where they are not shown.
        dose: percent who felt in crisis, to the nearest 5; 10 and 90 stand for all
            beyond. None where it is not shown.
        explanation: what all this means, in sentences.
    """

    team: TeamName
    wave: str
    release: int
    opens_at: datetime
    closes_at: datetime
    tier: str
    respondents: str
    participation: str
    tipping_point: int
    constructs: ConstructScores
    agreement: str | None
    items: Mapping[str, ItemFigure] | None
    dose: int | None
    explanation: tuple[Sentence, ...]


@dataclass(frozen=True)
class Released(Figures):
    """The team's own figures."""


@dataclass(frozen=True)
class RolledUp(Figures):
    """The figures of the nearest team above that has some.

    Attributes:
        source: the team above, whose figures these are.
    """

    source: TeamName


@dataclass(frozen=True)
class Withheld:
    """No figures: too few people answered, here and in every team above."""

    team: TeamName
    wave: str
    release: int
    opens_at: datetime
    closes_at: datetime
    explanation: tuple[Sentence, ...]


@dataclass(frozen=True)
class Pending:
    """No figures yet: the wave is sealed at ``seals_at``, or soon after."""

    team: TeamName
    wave: str
    seals_at: datetime


Score = Released | RolledUp | Withheld | Pending
