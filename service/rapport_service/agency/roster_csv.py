"""Rosters in CSV: one row a team or a person, see docs/roster.md. Pure."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any

from rapport_schemas.errors import (
    NOT_UTF_8,
    DocumentInvalidError,
    DocumentMalformedError,
    FieldError,
)
from rapport_service.agency.errors import SeparatorInIdError

COLUMNS = ("kind", "external_id", "name", "team", "supervises")
TEAM_SEPARATOR = ";"
"""Separates the teams that a person supervises."""


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


def format_roster_csv(document: dict[str, Any]) -> str:
    """Formats the document of a roster as the table that holds the same.

    Raises:
        SeparatorInIdError: it has an id that no table can hold.
    """
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for team in document["teams"]:
        names = (team["external_id"], team["name"], team["parent"])
        writer.writerow(["team", *names, ""])
    for person in document["people"]:
        for name in person["supervises"]:
            if TEAM_SEPARATOR in name:
                raise SeparatorInIdError(name)
        supervises = TEAM_SEPARATOR.join(person["supervises"])
        row = ["person", person["external_id"], "", person["team"], supervises]
        writer.writerow(row)
    return text.getvalue()


def _find_errors(rows: list[dict[str, str]]) -> list[FieldError]:
    if not rows or set(rows[0]) != set(COLUMNS):
        return [FieldError("row 1", f"the columns are {', '.join(COLUMNS)}")]
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
