"""A team's own scores through the waves."""

from dataclasses import dataclass
from datetime import datetime

from rapport_client.members import Members
from rapport_client.reports import shown
from rapport_client.reports.score_documents import heading, read_told, team_name
from rapport_client.reports.scores import ScoreTrend, TeamName, Told
from rapport_client.reports.shown import Shown


@dataclass(frozen=True, kw_only=True)
class TrendPoint(Shown):
    """What one wave released of the team itself; no figures where it was rolled up.

    Attributes:
        wave: the wave's public id.
        opens_at: when people could begin to answer.
        closes_at: when they could no longer.
    """

    wave: str
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class Headings:
    """Where each score is heading; None where the newest wave does not tell."""

    trust: ScoreTrend | None
    communication: ScoreTrend | None
    overall: ScoreTrend | None


@dataclass(frozen=True)
class Trend:
    """A team's scores through the waves.

    Attributes:
        team: whose.
        points: the newest waves that released something of it, oldest first.
        heading: where the scores are heading, as the newest release says.
        explanation: the same in sentences, in English and Spanish.
    """

    team: TeamName
    points: tuple[TrendPoint, ...]
    heading: Headings
    explanation: tuple[Told, ...]


def read(trend: Members) -> Trend:
    """Reads a trend.

    Raises:
        UnexpectedReply: malformed.
    """
    headings = trend.nested("heading")
    return Trend(
        team=team_name(trend.nested("team")),
        points=tuple(
            TrendPoint(
                wave=point.text("wave"),
                opens_at=point.instant("opens_at"),
                closes_at=point.instant("closes_at"),
                **shown.read(point),
            )
            for point in trend.objects("waves")
        ),
        heading=Headings(
            heading(headings, "trust"),
            heading(headings, "communication"),
            heading(headings, "overall"),
        ),
        explanation=read_told(trend),
    )
