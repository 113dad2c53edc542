"""Reads score documents."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict

from rapport_client._json import JsonObject
from rapport_client._reports.scores import (
    ConstructScore,
    ConstructScores,
    ItemFigure,
    Pending,
    Released,
    RolledUp,
    Score,
    ScoreInterval,
    ScoreTrend,
    Sentence,
    TeamName,
    Withheld,
)
from rapport_client.errors import UnexpectedReply


def read(score: JsonObject) -> Score:
    """Reads a score.

    Raises:
        UnexpectedReply: malformed, or of a status that is not known here.
    """
    match score.text("status"):
        case "released":
            return Released(**_read_figures(score))
        case "rolled_up":
            return RolledUp(
                **_read_figures(score), source=read_team_name(score.nested("from"))
            )
        case "withheld":
            return Withheld(**_read_head(score))
        case "pending":
            return read_pending(score)
        case other:
            raise UnexpectedReply(f"a score of a status not known here: {other}")


class _HeadFields(TypedDict):
    team: TeamName
    wave: str
    release: int
    opens_at: datetime
    closes_at: datetime
    explanation: tuple[Sentence, ...]


class _FigureFields(_HeadFields):
    tier: str
    respondents: str
    participation: str
    tipping_point: int
    constructs: ConstructScores
    agreement: str | None
    items: Mapping[str, ItemFigure] | None
    dose: int | None


def _read_head(score: JsonObject) -> _HeadFields:
    return {
        "team": read_team_name(score.nested("team")),
        "wave": score.text("wave"),
        "release": score.integer("release"),
        "opens_at": score.instant("opens_at"),
        "closes_at": score.instant("closes_at"),
        "explanation": read_explanation(score),
    }


def _read_figures(score: JsonObject) -> _FigureFields:
    items = score.nested_or_none("items")
    return {
        **_read_head(score),
        "tier": score.text("tier"),
        "respondents": score.text("respondents"),
        "participation": score.text("participation"),
        "tipping_point": score.integer("tipping_point"),
        "constructs": read_construct_scores(score.nested("constructs")),
        "agreement": score.text_or_none("agreement"),
        "items": None
        if items is None
        else {name: _read_item_figure(items.nested(name)) for name in items.raw},
        "dose": score.integer_or_none("dose"),
    }


def read_pending(score: JsonObject) -> Pending:
    """Reads that a wave is not sealed yet."""
    return Pending(
        read_team_name(score.nested("team")),
        score.text("wave"),
        score.instant("seals_at"),
    )


def read_construct_scores(figures: JsonObject) -> ConstructScores:
    """Reads the figures of a team."""
    return ConstructScores(
        trust=_read_construct_score(figures.nested("trust")),
        communication=_read_construct_score(figures.nested("communication")),
        overall=_read_construct_score(figures.nested("overall")),
    )


def read_explanation(document: JsonObject) -> tuple[Sentence, ...]:
    """Reads what a document says in words."""
    return tuple(
        Sentence(told.text("code"), told.text("en"), told.text("es"))
        for told in document.objects("explanation")
    )


def read_score_trend(headings: JsonObject, name: str) -> ScoreTrend | None:
    """Reads where a score is heading, if that is told."""
    trend = headings.nested_or_none(name)
    if trend is None:
        return None
    return ScoreTrend(trend.text("direction"), trend.integer_or_none("per_four_weeks"))


def read_team_name(team: JsonObject) -> TeamName:
    """Reads whom something is about."""
    return TeamName(team.text("id"), team.text("name"))


def _read_construct_score(figure: JsonObject) -> ConstructScore:
    return ConstructScore(
        score=figure.integer("score"),
        bound=figure.text_or_none("bound"),
        interval=_read_interval(figure.nested("interval")),
        change=figure.text_or_none("change"),
        favourable=figure.integer_or_none("favourable"),
        trend=read_score_trend(figure, "trend"),
        steadied=figure.integer_or_none("steadied"),
        against_organization=figure.text_or_none("against_organization"),
    )


def _read_item_figure(figure: JsonObject) -> ItemFigure:
    return ItemFigure(
        figure.integer("score"),
        _read_interval(figure.nested("interval")),
        figure.integer("favourable"),
    )


def _read_interval(range_: JsonObject) -> ScoreInterval:
    return ScoreInterval(range_.integer("low"), range_.integer("high"))
