"""Table of a sustainment document: a row for each construct and question.

Where the document has no effect there is one row that says so. Every cell is a member
of the document as it is.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rapport_service.tables.table import CellReader, Column, Row, Table

Document = Mapping[str, Any]


def _effect_rows(document: Document) -> Iterator[Row]:
    start, *end = document.get("markers") or [{"id": document.get("marker_id")}]
    for subject, effect in _effects_by_subject(document).items():
        yield {
            "document": document,
            "start": start,
            "end": end[0] if end else None,
            "about": subject,
            "effect": effect,
        }


def _effects_by_subject(document: Document) -> Mapping[str | None, Document]:
    """Each effect by its construct or question; an empty one where there is none."""
    if not document.get("constructs"):
        return {None: {}}
    return {
        **document["constructs"],
        **(document["ingredients"] or {}),
        **(document["strategies"] or {}),
    }


def _estimate(name: str, unit: str) -> CellReader:
    """Reads an estimate of an effect; that of a question has no interval."""

    def read(row: Row) -> object:
        estimate = row["effect"].get(name)
        return estimate[unit] if isinstance(estimate, Mapping) else estimate

    return read


SUSTAINMENT = Table(
    _effect_rows,
    (
        Column("team_id", "document.team.id"),
        Column("team_external_id", "document.team.external_id"),
        Column("team_name", "document.team.name"),
        Column("status", "document.status"),
        Column("reason", "document.reason"),
        Column("source_team_id", "document.source_team.id"),
        Column("source_team_external_id", "document.source_team.external_id"),
        Column("source_team_name", "document.source_team.name"),
        Column("marker_id", "start.id"),
        Column("kind", "start.kind"),
        Column("effective_on", "start.effective_on"),
        Column("end_marker_id", "end.id"),
        Column("ended_on", "end.effective_on"),
        Column("version", "document.version"),
        Column("exploratory", "document.exploratory"),
        Column("about", "about"),
        Column("verdict", "effect.verdict"),
        Column("accel", _estimate("accel", "points")),
        Column("accel_low", "effect.accel.interval.low"),
        Column("accel_high", "effect.accel.interval.high"),
        Column("sustain", _estimate("sustain", "points")),
        Column("sustain_low", "effect.sustain.interval.low"),
        Column("sustain_high", "effect.sustain.interval.high"),
        Column("fade", _estimate("fade", "points")),
        Column("fade_low", "effect.fade.interval.low"),
        Column("fade_high", "effect.fade.interval.high"),
        Column("retention", _estimate("retention", "percent")),
        Column("retention_low", "effect.retention.interval.low"),
        Column("retention_high", "effect.retention.interval.high"),
        Column("p", "effect.p"),
        Column("method", "effect.method"),
        Column("placebo_dates", "effect.placebo_dates"),
        Column("detectable", "effect.detectable"),
        Column("waves_to_detect", "effect.waves_to_detect"),
        Column("first_clear_wave", "effect.first_clear_wave"),
    ),
)
