"""Rosters as tables: one row a team or a person, see docs/roster.md. Pure."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

from rapport_schemas.errors import (
    NOT_UTF_8,
    DocumentInvalidError,
    DocumentMalformedError,
    FieldError,
)
from rapport_service.agency.errors import SeparatorInIdError
from rapport_service.tables.table import Row, Table, member_columns

TEAM_SEPARATOR = ";"
"""Separates the teams that a person supervises."""

Document = Mapping[str, Any]


def _team_row(team: Document) -> Row:
    return {
        "kind": "team",
        "external_id": team["external_id"],
        "name": team["name"],
        "team": team["parent"],
    }


def _person_row(person: Document) -> Row:
    return {
        "kind": "person",
        "external_id": person["external_id"],
        "team": person["team"],
        "supervises": TEAM_SEPARATOR.join(person["supervises"]),
    }


def _roster_rows(document: Document) -> Iterator[Row]:
    yield from map(_team_row, document["teams"])
    for person in document["people"]:
        for team in person["supervises"]:
            if TEAM_SEPARATOR in team:
                raise SeparatorInIdError(team)
        yield _person_row(person)


def _diff_rows(document: Document) -> Iterator[Row]:
    """Each row that differs: as it is before the change, and as it is after."""
    for part, make_row in (("teams", _team_row), ("people", _person_row)):
        for change in document["diff"][part]:
            for when in ("before", "after"):
                if change[when] is not None:
                    yield {"when": when, **make_row(change[when])}


def _count_rows(document: Document) -> Iterator[Row]:
    for part in ("teams", "people"):
        yield {"kind": part, **document[part]}


ROSTER = Table(
    _roster_rows,
    member_columns("kind", "external_id", "name", "team", "supervises"),
    escapes_formulas=False,
)
ROSTER_DIFF = Table(_diff_rows, (*member_columns("when"), *ROSTER.columns))
ROSTER_COUNTS = Table(
    _count_rows, member_columns("kind", "added", "changed", "removed")
)


def parse_roster_csv(data: bytes) -> object:
    """Parses a CSV file (RFC 4180, UTF-8) into the same document as a roster in JSON.

    Raises:
        DocumentMalformedError: it is no CSV; the detail names the row.
        DocumentInvalidError: the columns are others, or rows break rules.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentMalformedError(NOT_UTF_8) from error
    reader = csv.DictReader(StringIO(text, newline=""), strict=True)
    columns: Sequence[str] | None = None
    rows: list[dict[str, str]] = []
    try:
        columns = reader.fieldnames
        rows.extend(reader)  # keeps those before the one that cannot be read
    except csv.Error as error:
        number = 1 if columns is None else len(rows) + 2
        raise DocumentMalformedError(f"row {number}: {error}") from error
    if errors := _find_errors(rows):
        raise DocumentInvalidError(errors)
    return {
        "teams": [
            {
                "external_id": row["external_id"],
                "name": row["name"],
                "parent": row["team"] or None,
            }
            for row in rows
            if row["kind"] == "team"
        ],
        "people": [
            {
                "external_id": row["external_id"],
                "team": row["team"],
                "supervises": row["supervises"].split(TEAM_SEPARATOR)
                if row["supervises"]
                else [],
            }
            for row in rows
            if row["kind"] == "person"
        ],
    }


def _find_errors(rows: list[dict[str, str]]) -> list[FieldError]:
    if not rows or set(rows[0]) != set(ROSTER.header):
        return [FieldError("row 1", f"the columns are {', '.join(ROSTER.header)}")]
    errors = []
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():  # as the reader marks it
            errors.append(FieldError(f"row {number}", "has too many or too few fields"))
        elif row["kind"] not in {"team", "person"}:
            errors.append(FieldError(f"row {number}.kind", "must be team or person"))
        elif row["kind"] == "person" and row["name"]:
            errors.append(
                FieldError(
                    f"row {number}.name",
                    "must be empty for people",
                )
            )
        elif row["kind"] == "team" and row["supervises"]:
            errors.append(
                FieldError(f"row {number}.supervises", "must be empty for teams")
            )
    return errors
