"""Reads score documents."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict

from rapport_client.errors import UnexpectedReply
from rapport_client.members import Members
from rapport_client.reports.scores import (
    Constructs,
    Figure,
    ItemFigure,
    Pending,
    Released,
    RolledUp,
    Score,
    ScoreInterval,
    ScoreTrend,
    TeamName,
    Told,
    Withheld,
)


def read(score: Members) -> Score:
    """Reads a score.

    Raises:
        UnexpectedReply: malformed, or of a status that is not known here.
    """
    match score.text("status"):
        case "released":
            return Released(**_figures(score))
        case "rolled_up":
            return RolledUp(**_figures(score), source=team_name(score.nested("from")))
        case "withheld":
            return Withheld(**_head(score))
        case "pending":
            return pending(score)
        case other:
            raise UnexpectedReply(f"a score of a status not known here: {other}")


class _Head(TypedDict):
    team: TeamName
    wave: str
    release: int
    opens_at: datetime
    closes_at: datetime
    explanation: tuple[Told, ...]


class _Figures(_Head):
    tier: str
    respondents: str
    participation: str
    tipping_point: int
    constructs: Constructs
    agreement: str | None
    items: Mapping[str, ItemFigure] | None
    dose: int | None


def _head(score: Members) -> _Head:
    return {
        "team": team_name(score.nested("team")),
        "wave": score.text("wave"),
        "release": score.integer("release"),
        "opens_at": score.instant("opens_at"),
        "closes_at": score.instant("closes_at"),
        "explanation": read_told(score),
    }


def _figures(score: Members) -> _Figures:
    items = score.nested_or_none("items")
    return {
        **_head(score),
        "tier": score.text("tier"),
        "respondents": score.text("respondents"),
        "participation": score.text("participation"),
        "tipping_point": score.integer("tipping_point"),
        "constructs": constructs(score.nested("constructs")),
        "agreement": score.text_or_none("agreement"),
        "items": None
        if items is None
        else {name: _item(items.nested(name)) for name in items.raw},
        "dose": score.integer_or_none("dose"),
    }


def pending(score: Members) -> Pending:
    """Reads that a wave is not sealed yet."""
    return Pending(
        team_name(score.nested("team")), score.text("wave"), score.instant("seals_at")
    )


def constructs(figures: Members) -> Constructs:
    """Reads the figures of a team."""
    return Constructs(
        trust=_figure(figures.nested("trust")),
        communication=_figure(figures.nested("communication")),
        overall=_figure(figures.nested("overall")),
    )


def read_told(document: Members) -> tuple[Told, ...]:
    """Reads what a document says in words."""
    return tuple(
        Told(told.text("code"), told.text("en"), told.text("es"))
        for told in document.objects("explanation")
    )


def heading(headings: Members, name: str) -> ScoreTrend | None:
    """Reads where a score is heading, if that is told."""
    trend = headings.nested_or_none(name)
    if trend is None:
        return None
    return ScoreTrend(trend.text("direction"), trend.integer_or_none("per_four_weeks"))


def team_name(team: Members) -> TeamName:
    """Reads whom something is about."""
    return TeamName(team.text("id"), team.text("name"))


def _figure(figure: Members) -> Figure:
    return Figure(
        score=figure.integer("score"),
        bound=figure.text_or_none("bound"),
        interval=_interval(figure.nested("interval")),
        change=figure.text_or_none("change"),
        favourable=figure.integer_or_none("favourable"),
        trend=heading(figure, "trend"),
        steadied=figure.integer_or_none("steadied"),
        against_organization=figure.text_or_none("against_organization"),
    )


def _item(figure: Members) -> ItemFigure:
    return ItemFigure(
        figure.integer("score"),
        _interval(figure.nested("interval")),
        figure.integer("favourable"),
    )


def _interval(range_: Members) -> ScoreInterval:
    return ScoreInterval(range_.integer("low"), range_.integer("high"))
