"""Tables of the audit: a row for each change, and a row for each entry."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rapport_service.tables.table import Column, Row, Table, member_columns

Document = Mapping[str, Any]

NO_CHANGE: Mapping[str, None] = {}


def _change_rows(document: Document) -> Iterator[Row]:
    """A row for each change that is listed; one for an entry without any."""
    for entry in document["entries"]:
        for change in entry["changes"] or [NO_CHANGE]:
            yield {**entry, "change": change}


def _entry_rows(document: Document) -> Iterator[Row]:
    yield from document["entries"]


def _state(name: str) -> Column:
    def read(row: Row) -> str | None:
        value = row["change"].get(name)
        return value and json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    return Column(name, read)


def _name_actor(row: Row) -> str:
    """The kind, and which one; an id could be the word for another kind."""
    actor = row["actor"]
    return actor["kind"] if actor["id"] is None else f"{actor['kind']} {actor['id']}"


_ENTRY = (
    *member_columns("id", "at"),
    Column("actor_kind", "actor.kind"),
    Column("actor_id", "actor.id"),
    *member_columns("action"),
    Column("subject_kind", "subject.kind"),
    Column("subject_id", "subject.id"),
)

AUDIT = Table(
    _change_rows,
    (
        *_ENTRY,
        Column("change_kind", "change.kind"),
        Column("change_id", "change.id"),
        _state("before"),
        _state("after"),
        *member_columns("change_count"),
    ),
)
AUDIT_SUMMARY = Table(
    _entry_rows,
    (
        *member_columns("at"),
        Column("actor", _name_actor),
        *member_columns("action"),
        Column("subject", "subject.id"),
        Column("changes", "change_count"),
    ),
)
