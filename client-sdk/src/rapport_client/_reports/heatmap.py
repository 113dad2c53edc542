"""A team and its children side by side in one wave."""

from dataclasses import dataclass
from datetime import datetime

from rapport_client._json import JsonObject
from rapport_client._reports import published_figures
from rapport_client._reports.published_figures import PublishedFigures
from rapport_client._reports.score_documents import (
    read_explanation,
    read_pending,
    read_team_name,
)
from rapport_client._reports.scores import Pending, Sentence, TeamName
from rapport_client.errors import UnexpectedReply


@dataclass(frozen=True, kw_only=True)
class HeatmapRow(PublishedFigures):
    """One team as its score has it: where it was rolled up, the figures of ``source``.

    Attributes:
        team: which.
        external_id: the agency's id of it.
    """

    team: TeamName
    external_id: str


@dataclass(frozen=True)
class Heatmap:
    """A team, then its children, by the agency's ids.

    Attributes:
        team: the team that was asked for.
        wave: the wave's public id.
        opens_at: when people could begin to answer.
        closes_at: when they could no longer.
        rows: the teams that the reader may see.
        explanation: what to keep in mind, in English and Spanish.
    """

    team: TeamName
    wave: str
    opens_at: datetime
    closes_at: datetime
    rows: tuple[HeatmapRow, ...]
    explanation: tuple[Sentence, ...]


def read(heatmap: JsonObject) -> Heatmap | Pending:
    """Reads a heat map, or that its wave is not sealed yet.

    Raises:
        UnexpectedReply: malformed, or of a status that is not known here.
    """
    match heatmap.text("status"):
        case "sealed":
            return Heatmap(
                team=read_team_name(heatmap.nested("team")),
                wave=heatmap.text("wave"),
                opens_at=heatmap.instant("opens_at"),
                closes_at=heatmap.instant("closes_at"),
                rows=tuple(_read_row(row) for row in heatmap.objects("rows")),
                explanation=read_explanation(heatmap),
            )
        case "pending":
            return read_pending(heatmap)
        case other:
            raise UnexpectedReply(f"a heat map of a status not known here: {other}")


def _read_row(row: JsonObject) -> HeatmapRow:
    team = row.nested("team")
    return HeatmapRow(
        team=read_team_name(team),
        external_id=team.text("external_id"),
        **published_figures.read_published_figures(row),
    )
