"""A sustainment document as a table: a row for each construct and question.

Where nothing was found there is one row that says so. Every cell is a member of the
document as it is.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rapport_service.api.tables.writer import Table

Document = Mapping[str, Any]
Row = dict[str, object]

CONTRASTS = ("accel", "sustain", "fade")
INTERVAL_ENDS = ("low", "high")


def _effect_rows(document: Document) -> Iterator[Row]:
    found = _effects_by_subject(document) if "constructs" in document else {"": {}}
    for about, effect in found.items():
        yield {
            **_finding_cells(document),
            "about": about or None,
            **_effect_cells(effect),
        }


def _effects_by_subject(document: Document) -> dict[str, Document]:
    """Every effect by what it is about."""
    return {
        **document["constructs"],
        **(document["ingredients"] or {}),
        **(document["strategies"] or {}),
    }


def _finding_cells(document: Document) -> Row:
    team, source = document["team"], document.get("from") or {}
    markers = document.get("markers") or [{"id": document["marker"]}]
    begun, ended = markers[0], markers[1] if len(markers) > 1 else {}
    return {
        "team_id": team["id"],
        "team": team["name"],
        "status": document["status"],
        "reason": document.get("reason"),
        "from_id": source.get("id"),
        "from": source.get("name"),
        "marker": begun["id"],
        "kind": begun.get("kind"),
        "effective_on": begun.get("effective_on"),
        "ended_by": ended.get("id"),
        "ended_on": ended.get("effective_on"),
        "version": document.get("version"),
        "exploratory": document.get("exploratory"),
    }


def _effect_cells(effect: Document) -> Row:
    kept = effect.get("retention")
    row: Row = {
        **{name: effect.get(name) for name in ("verdict", "p", "placements")},
        "first_clear": effect.get("first_clear"),
        **_estimate_cells("retention", kept, "percent"),
    }
    for name in CONTRASTS:
        row |= _estimate_cells(name, effect.get(name), "points")
    return row


def _estimate_cells(name: str, estimate: Document | int | None, unit: str) -> Row:
    """A figure and its interval; a question has the figure alone."""
    if not isinstance(estimate, Mapping):
        return {name: estimate}
    interval = estimate["interval"]
    return {
        name: estimate[unit],
        **{f"{name}_{end}": interval[end] for end in INTERVAL_ENDS},
    }


SUSTAINMENT = Table(
    (
        *("team_id", "team", "status", "reason", "from_id", "from", "marker", "kind"),
        *("effective_on", "ended_by", "ended_on", "version", "exploratory", "about"),
        "verdict",
        *(f"{name}{end}" for name in CONTRASTS for end in ("", "_low", "_high")),
        *("retention", "retention_low", "retention_high", "p", "placements"),
        "first_clear",
    ),
    _effect_rows,
)
