"""The reports as tables: their columns, and how a document becomes rows.

Scores, trends and heat maps are long tables: one row for each team, wave and construct.
Where nothing is shown there is one row that says so. Every cell is a member of the
document as it is.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rapport_service.api.tables.writer import Table

Document = Mapping[str, Any]
Row = dict[str, object]

RELEASE_COLUMNS = ("release", "status", "from_id", "from")
BAND_COLUMNS = ("tier", "respondents", "participation")
FIGURE_COLUMNS = (
    *("construct", "score", "bound", "low", "high", "change", "favourable"),
    *("trend", "per_four_weeks", "steadied", "against_organization"),
)


def _team_rows(document: Document) -> Iterator[Row]:
    yield from document["teams"]


def _score_rows(document: Document) -> Iterator[Row]:
    told: Row = {
        **_team_cells(document),
        **_pick(document, "wave", "opens_at", "closes_at", "seals_at"),
        **_pick(document, "tipping_point", "agreement", "dose"),
    }
    for row in _construct_rows(document):
        yield told | row
    for item, figure in (document.get("items") or {}).items():
        yield told | _release_cells(document) | {"item": item} | _figure_cells(figure)


def _trend_rows(document: Document) -> Iterator[Row]:
    for point in document["waves"]:
        told = _team_cells(document) | _pick(point, "wave", "opens_at", "closes_at")
        yield from (told | row for row in _construct_rows(point))


def _heatmap_rows(document: Document) -> Iterator[Row]:
    told = _pick(document, "wave", "opens_at", "closes_at", "seals_at")
    for each in document.get("rows", [document]):  # a pending one is its own row
        yield from (_team_cells(each) | told | row for row in _construct_rows(each))


def _reliability_rows(document: Document) -> Iterator[Row]:
    told = _pick(document, "wave", "release", "opens_at", "closes_at")
    for part in ("scales", "teams", "agreement"):
        for name, found in document[part].items():
            for figure, value in _iter_leaves(found or {}):
                named = {"part": part, "construct": name, "figure": figure}
                yield told | named | {"value": value}


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


def _construct_rows(shown: Document) -> Iterator[Row]:
    """A row for each construct, or the one that says why there is none."""
    constructs = shown.get("constructs") or {None: {}}
    for name, figure in constructs.items():
        yield _release_cells(shown) | {"construct": name} | _figure_cells(figure)


def _release_cells(shown: Document) -> Row:
    source = shown.get("from") or {}
    return {
        **_pick(shown, "release", "status", *BAND_COLUMNS),
        "from_id": source.get("id"),
        "from": source.get("name"),
    }


def _figure_cells(figure: Document) -> Row:
    interval, trend = figure.get("interval") or {}, figure.get("trend") or {}
    return {
        **_pick(figure, "score", "bound", "change", "favourable"),
        **_pick(figure, "steadied", "against_organization"),
        **_pick(interval, "low", "high"),
        "trend": trend.get("direction"),
        "per_four_weeks": trend.get("per_four_weeks"),
    }


def _team_cells(document: Document) -> Row:
    team = document["team"]
    return {
        "team_id": team["id"],
        "team": team["name"],
        **({"external_id": team["external_id"]} if "external_id" in team else {}),
    }


def _pick(document: Document, *names: str) -> Row:
    return {name: document[name] for name in names if name in document}


TEAMS = Table(("id", "external_id", "name", "parent"), _team_rows)
SCORES = Table(
    (
        *("team_id", "team", "wave", "opens_at", "closes_at", "seals_at"),
        *(
            *RELEASE_COLUMNS,
            *BAND_COLUMNS,
            "tipping_point",
            "agreement",
            "dose",
            *FIGURE_COLUMNS,
            "item",
        ),
    ),
    _score_rows,
)
TREND = Table(
    (
        "team_id",
        "team",
        "wave",
        "opens_at",
        "closes_at",
        *RELEASE_COLUMNS,
        *BAND_COLUMNS,
        *FIGURE_COLUMNS,
    ),
    _trend_rows,
)
HEATMAP = Table(
    (
        *("team_id", "external_id", "team", "wave", "opens_at", "closes_at"),
        *("seals_at", *RELEASE_COLUMNS, *BAND_COLUMNS, *FIGURE_COLUMNS),
    ),
    _heatmap_rows,
)
RELIABILITY = Table(
    (
        *("wave", "release", "opens_at", "closes_at"),
        *("part", "construct", "figure", "value"),
    ),
    _reliability_rows,
)
