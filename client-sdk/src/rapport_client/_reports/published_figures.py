"""What trends and heat maps show of a team in a wave."""

from dataclasses import dataclass
from typing import TypedDict

from rapport_client._json import JsonObject
from rapport_client._reports.score_documents import (
    read_construct_scores,
    read_team_name,
)
from rapport_client._reports.scores import ConstructScores, TeamName


@dataclass(frozen=True, kw_only=True)
class PublishedFigures:
    """What a release shows of a team; None where nothing may be shown.

    Attributes:
        release: the number of the release, from 1.
        status: ``released``, ``rolled_up`` or ``withheld``.
        source: where it was rolled up, the team above that is shown instead.
        tier: ``coarse`` (to the nearest 5) or ``fine`` (whole numbers).
        respondents: a band, such as ``10-19``.
        participation: a band of percent, such as ``85+``.
        constructs: the figures.
    """

    release: int
    status: str
    source: TeamName | None
    tier: str | None
    respondents: str | None
    participation: str | None
    constructs: ConstructScores | None


class PublishedFiguresFields(TypedDict):
    """The same, on its way into a ``Shown``."""

    release: int
    status: str
    source: TeamName | None
    tier: str | None
    respondents: str | None
    participation: str | None
    constructs: ConstructScores | None


def read_published_figures(shown: JsonObject) -> PublishedFiguresFields:
    """Reads what is shown.

    Raises:
        UnexpectedReply: malformed.
    """
    source = shown.nested_or_none("from")
    figures = shown.nested_or_none("constructs")
    return {
        "release": shown.integer("release"),
        "status": shown.text("status"),
        "source": None if source is None else read_team_name(source),
        "tier": shown.text_or_none("tier"),
        "respondents": shown.text_or_none("respondents"),
        "participation": shown.text_or_none("participation"),
        "constructs": None if figures is None else read_construct_scores(figures),
    }
