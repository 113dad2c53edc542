"""Tables of teams, scores, trends, heat maps and reliability.

Scores, trends and heat maps are long tables: one row for each team, wave and construct.
Where nothing is shown there is one row that says so. Every cell is a member of the
document as it is.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rapport_service.tables.table import Column, Row, Table

Document = Mapping[str, Any]


def _team_rows(document: Document) -> Iterator[Row]:
    for team in document["teams"]:
        yield {"team": team}


def _score_rows(document: Document) -> Iterator[Row]:
    row = {"team": document["team"], "wave": document, "shown": document}
    yield from _construct_rows(row)
    for item, figure in (document.get("items") or {}).items():
        yield {**row, "item": item, "figure": figure}


def _trend_rows(document: Document) -> Iterator[Row]:
    for wave in document["waves"]:
        yield from _construct_rows(
            {"team": document["team"], "wave": wave, "shown": wave}
        )


def _heatmap_rows(document: Document) -> Iterator[Row]:
    for shown in document.get("rows", [document]):  # a pending one is its own row
        yield from _construct_rows(
            {"team": shown["team"], "wave": document, "shown": shown}
        )


def _construct_rows(row: Row) -> Iterator[Row]:
    """A row for each construct, or the one that says why there is none."""
    for construct, figure in (row["shown"].get("constructs") or {None: {}}).items():
        yield {**row, "construct": construct, "figure": figure}


def _reliability_rows(document: Document) -> Iterator[Row]:
    for part in ("scales", "teams", "agreement"):
        for construct, check in document[part].items():
            for figure, value in _iter_leaves(check or {}):
                yield {
                    "wave": document,
                    "part": part,
                    "construct": construct,
                    "figure": figure,
                    "value": value,
                }


def _iter_leaves(
    node: Any,  # noqa: ANN401 - any part of a document
    path: str = "",
) -> Iterator[tuple[str, object]]:
    """Every number and word in a part of a document, by its dotted path."""
    match node:
        case dict():
            for name, below in node.items():
                yield from _iter_leaves(below, f"{path}.{name}" if path else name)
        case list():
            for below in node:
                yield from _iter_leaves(below, path)
        case _:
            yield path, node


TEAM_COLUMNS = (
    Column("team_id", "team.id"),
    Column("team_external_id", "team.external_id"),
    Column("team_name", "team.name"),
)
WAVE_ID_COLUMN = Column("wave_id", "wave.wave_id")
WAVE_DATE_COLUMNS = (
    Column("opens_at", "wave.opens_at"),
    Column("closes_at", "wave.closes_at"),
)
WAVE_COLUMNS = (WAVE_ID_COLUMN, *WAVE_DATE_COLUMNS)
PENDING_COLUMNS = (
    Column("seals_at", "wave.seals_at"),
    Column("delay", "wave.delay"),
)
RELEASE_COLUMNS = (
    Column("release", "shown.release"),
    Column("status", "shown.status"),
    Column("source_team_id", "shown.source_team.id"),
    Column("source_team_external_id", "shown.source_team.external_id"),
    Column("source_team_name", "shown.source_team.name"),
    Column("tier", "shown.tier"),
    Column("respondents", "shown.respondents"),
    Column("participation", "shown.participation"),
)
FIGURE_COLUMNS = (
    Column("construct", "construct"),
    Column("score", "figure.score"),
    Column("bound", "figure.bound"),
    Column("low", "figure.interval.low"),
    Column("high", "figure.interval.high"),
    Column("level", "figure.level.score"),
    Column("level_low", "figure.level.interval.low"),
    Column("level_high", "figure.level.interval.high"),
    Column("change", "figure.change.direction"),
    Column("change_detectable", "figure.change.detectable"),
    Column("two_wave_change", "figure.two_wave_change.direction"),
    Column("two_wave_change_detectable", "figure.two_wave_change.detectable"),
    Column("favourable", "figure.favourable"),
    Column("trend", "figure.trend.direction"),
    Column("per_four_weeks", "figure.trend.per_four_weeks"),
    Column("trend_detectable", "figure.trend.detectable"),
    Column("against_organization", "figure.against_organization"),
)

TEAMS = Table(
    _team_rows,
    (
        Column("id", "team.id"),
        Column("external_id", "team.external_id"),
        Column("name", "team.name"),
        Column("parent_id", "team.parent_id"),
        Column("gone", "team.gone"),
    ),
)
SCORES = Table(
    _score_rows,
    (
        *TEAM_COLUMNS,
        *WAVE_COLUMNS,
        *PENDING_COLUMNS,
        *RELEASE_COLUMNS,
        Column("tipping_point", "shown.tipping_point"),
        Column("agreement", "shown.agreement"),
        Column("crisis_percent", "shown.crisis_percent"),
        *FIGURE_COLUMNS,
        Column("item", "item"),
    ),
)
TREND = Table(
    _trend_rows,
    (
        *TEAM_COLUMNS,
        *WAVE_COLUMNS,
        *RELEASE_COLUMNS,
        *FIGURE_COLUMNS,
    ),
)
HEATMAP = Table(
    _heatmap_rows,
    (
        *TEAM_COLUMNS,
        *WAVE_COLUMNS,
        *PENDING_COLUMNS,
        *RELEASE_COLUMNS,
        *FIGURE_COLUMNS,
    ),
)
RELIABILITY = Table(
    _reliability_rows,
    (
        WAVE_ID_COLUMN,
        Column("release", "wave.release"),
        *WAVE_DATE_COLUMNS,
        Column("part", "part"),
        Column("construct", "construct"),
        Column("figure", "figure"),
        Column("value", "value"),
    ),
)
