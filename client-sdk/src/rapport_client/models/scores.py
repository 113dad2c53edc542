"""Score documents: a team in one wave, its trend, and the heat map of its children."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from rapport_client._json import Member
from rapport_client._wording import bilingual_wording
from rapport_client.models._score_lines import (
    format_group_hidden,
    format_pending,
    format_released,
    format_rolled_up,
    format_withheld,
)
from rapport_client.models.words import (
    Agreement,
    Bound,
    Change,
    Comparison,
    Direction,
    PublishedStatus,
    Tier,
)


@dataclass(frozen=True)
class TeamReference:
    """A team, as reports name it.

    Attributes:
        id: Rapport's id, a UUID.
        external_id: the agency's id.
        name: as people know it.
    """

    id: str
    external_id: str
    name: str


@dataclass(frozen=True)
class Sentence:
    """A sentence for people, in English and Spanish; its code is for programs."""

    code: str
    en: str
    es: str

    def in_language(self, language: str) -> str:
        """The text in a language, such as ``es`` or ``es-MX``; English otherwise."""
        return bilingual_wording(self.en, self.es).in_language(language)


@dataclass(frozen=True)
class ScoreInterval:
    """Both ends of a 95 percent interval: in points, of a retention in percent."""

    low: int
    high: int


@dataclass(frozen=True)
class ScoreTrend:
    """The direction of a score over twelve waves or more.

    Attributes:
        direction: ``rising``, ``falling`` or ``no_clear_trend``.
        per_four_weeks: points; None where the direction is not clear.
        detectable: points in four weeks that would have been clear, at the least.
    """

    direction: Direction
    per_four_weeks: int | None
    detectable: int


@dataclass(frozen=True)
class Level:
    """Level of a group, by all of its waves so far.

    Attributes:
        score: 0 to 100.
        interval: where the level is likely to be; wider toward 0 or 100 after scores of
            at most 10 or at least 90.
    """

    score: int
    interval: ScoreInterval


@dataclass(frozen=True)
class ScoreChange:
    """The change of a score against the level before it.

    Attributes:
        direction: ``up``, ``down`` or ``no_clear_change``.
        detectable: points that would have been clear, at the least.
    """

    direction: Change
    detectable: int


@dataclass(frozen=True)
class ConstructScore:
    """One construct's figures.

    Attributes:
        score: 0 to 100.
        bound: ``at_most`` or ``at_least`` where the score was clamped, else None.
        interval: where the score of the whole team is likely to be, in this wave.
        level: where the team stands by all of its waves; from the third one on.
        change: of this wave against the level before it; from the third wave on.
        two_wave_change: of the mean of the last two waves against the level before
            them; from the third wave on. Of small teams it sees more.
        favourable: percent of favourable answers; in the fine tier alone.
        trend: in the fine tier, after twelve waves in it.
        against_organization: ``above``, ``below`` or ``not_clearly_different``: the
            level against the mean; in the fine tier, with three teams to compare.
    """

    score: int
    bound: Bound | None
    interval: ScoreInterval
    level: Level | None = None
    change: ScoreChange | None = None
    two_wave_change: ScoreChange | None = None
    favourable: int | None = None
    trend: ScoreTrend | None = None
    against_organization: Comparison | None = None


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
class Figures:
    """The figures that a release shows for a team: its own, or those of one above.

    Attributes:
        team: the team that was asked for.
        wave_id: the wave's public id.
        release: the number of the release, from 1.
        opens_at: from when the wave could be answered.
        closes_at: until when.
        tier: ``coarse`` (to the nearest 5) or ``fine`` (whole numbers).
        respondents: a band, such as ``10-19``.
        participation: a band of percent, such as ``85+``.
        tipping_point: by how many points at least the people who did not answer would
            have to differ to move the score by 5.
        constructs: the figures.
        agreement: ``agree`` or ``no_clear_agreement``; None where it is not shown.
        items: figures by question; None where they are not shown.
        crisis_percent: of the people, those who felt in crisis, to the nearest 5; 10
            means 10 or less, 90 means 90 or more. None where it is not shown.
        explanation: the same in sentences.
    """

    team: TeamReference
    wave_id: str
    release: int
    opens_at: datetime
    closes_at: datetime
    tier: Tier
    respondents: str
    participation: str
    tipping_point: int
    constructs: ConstructScores
    agreement: Agreement | None
    items: Mapping[str, ItemFigure] | None
    crisis_percent: int | None
    explanation: tuple[Sentence, ...]


@dataclass(frozen=True)
class Released(Figures):
    """The team's own figures."""

    status: ClassVar[Literal["released"]] = "released"

    def __str__(self) -> str:
        return format_released(self)


@dataclass(frozen=True)
class RolledUp(Figures):
    """The figures of the nearest team above that has some.

    Attributes:
        source_team: the team above, whose figures these are.
    """

    status: ClassVar[Literal["rolled_up"]] = "rolled_up"

    source_team: TeamReference

    def __str__(self) -> str:
        return format_rolled_up(self)


@dataclass(frozen=True)
class GroupHidden:
    """No figures: the team was rolled up to a group that the caller may not read.

    That is the case of a team that has moved since, for those who read it now.
    """

    status: ClassVar[Literal["rolled_up"]] = "rolled_up"

    team: TeamReference
    wave_id: str
    release: int
    opens_at: datetime
    closes_at: datetime
    explanation: tuple[Sentence, ...]

    def __str__(self) -> str:
        return format_group_hidden(self)


@dataclass(frozen=True)
class Withheld:
    """No figures: no group that includes the team has any in this wave."""

    status: ClassVar[Literal["withheld"]] = "withheld"

    team: TeamReference
    wave_id: str
    release: int
    opens_at: datetime
    closes_at: datetime
    explanation: tuple[Sentence, ...]

    def __str__(self) -> str:
        return format_withheld(self)


@dataclass(frozen=True)
class Pending:
    """No figures yet: the wave is sealed at ``seals_at``, or soon after.

    Attributes:
        team: the team that was asked for.
        wave_id: the wave's public id.
        seals_at: when the wave is to be sealed.
        delay: why the wave comes later than it should; None if it does not.
            ``clock_unconfirmed``: the clock of the server may be wrong, and an operator
            must confirm it. ``sealing_key_missing``: the key that opens the envelopes
            is not there. ``seal_blocked``: too many envelopes do not open. Further
            words may come.
    """

    status: ClassVar[Literal["pending"]] = "pending"

    team: TeamReference
    wave_id: str
    seals_at: datetime
    delay: str | None

    def __str__(self) -> str:
        return format_pending(self)


Score = Released | RolledUp | GroupHidden | Withheld | Pending


@dataclass(frozen=True, kw_only=True)
class PublishedFigures:
    """The figures that trends and heat maps show of a team; None where they may not.

    Attributes:
        release: the number of the release, from 1.
        status: ``released``, ``rolled_up`` or ``withheld``.
        source_team: where it was rolled up, the team above that is shown instead; None
            if the caller may not read that one.
        tier: ``coarse`` (to the nearest 5) or ``fine`` (whole numbers).
        respondents: a band, such as ``10-19``.
        participation: a band of percent, such as ``85+``.
        constructs: the figures.
    """

    release: int
    status: PublishedStatus
    source_team: TeamReference | None
    tier: Tier | None
    respondents: str | None
    participation: str | None
    constructs: ConstructScores | None


@dataclass(frozen=True, kw_only=True)
class TrendPoint(PublishedFigures):
    """One wave's release of the team itself; no figures where it was rolled up.

    Attributes:
        wave_id: the wave's public id.
        opens_at: from when the wave could be answered.
        closes_at: until when.
    """

    wave_id: str
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class TrendDirections:
    """The direction of each score; None where the newest wave shows none."""

    trust: ScoreTrend | None
    communication: ScoreTrend | None
    overall: ScoreTrend | None


@dataclass(frozen=True)
class Trend:
    """A team's own scores through the waves.

    Attributes:
        team: the team that was asked for.
        points: the waves that released something of it, newest first.
        heading: the direction of the scores, by the newest release.
        explanation: the same in sentences, in English and Spanish.
    """

    team: TeamReference
    points: Annotated[tuple[TrendPoint, ...], Member("waves")]
    heading: TrendDirections
    explanation: tuple[Sentence, ...]


@dataclass(frozen=True, kw_only=True)
class HeatmapRow(PublishedFigures):
    """One team of a heat map; if rolled up, the figures are of ``source_team``."""

    team: TeamReference


@dataclass(frozen=True)
class Heatmap:
    """A team and its children side by side in one wave, by the agency's ids.

    Attributes:
        team: the team that was asked for.
        wave_id: the wave's public id.
        opens_at: from when the wave could be answered.
        closes_at: until when.
        rows: the teams that the reader may see.
        explanation: what to keep in mind, in English and Spanish.
    """

    team: TeamReference
    wave_id: str
    opens_at: datetime
    closes_at: datetime
    rows: tuple[HeatmapRow, ...]
    explanation: tuple[Sentence, ...]
