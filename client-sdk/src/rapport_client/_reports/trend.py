"""A team's own scores through the waves."""

from dataclasses import dataclass
from datetime import datetime

from rapport_client._json import JsonObject
from rapport_client._reports import published_figures
from rapport_client._reports.published_figures import PublishedFigures
from rapport_client._reports.score_documents import (
    read_explanation,
    read_score_trend,
    read_team_name,
)
from rapport_client._reports.scores import ScoreTrend, Sentence, TeamName


@dataclass(frozen=True, kw_only=True)
class TrendPoint(PublishedFigures):
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
class TrendDirections:
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
    heading: TrendDirections
    explanation: tuple[Sentence, ...]


def read(trend: JsonObject) -> Trend:
    """Reads a trend.

    Raises:
        UnexpectedReply: malformed.
    """
    headings = trend.nested("heading")
    return Trend(
        team=read_team_name(trend.nested("team")),
        points=tuple(
            TrendPoint(
                wave=point.text("wave"),
                opens_at=point.instant("opens_at"),
                closes_at=point.instant("closes_at"),
                **published_figures.read_published_figures(point),
            )
            for point in trend.objects("waves")
        ),
        heading=TrendDirections(
            read_score_trend(headings, "trust"),
            read_score_trend(headings, "communication"),
            read_score_trend(headings, "overall"),
        ),
        explanation=read_explanation(trend),
    )
