"""Rosters as tables: one row a team or a person, see docs/roster.md. Pure."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from io import StringIO
from typing import Any

from rapport_schemas.errors import (
    NOT_UTF_8,
    DocumentInvalidError,
    DocumentMalformedError,
    ErrorCode,
    FieldError,
    join_pointer,
    split_pointer,
)
from rapport_service.agency.errors import SeparatorInIdError
from rapport_service.tables.table import Row, Table, member_columns

TEAM_SEPARATOR = ";"
"""Separates the teams that a person supervises."""

AWAY_WORDS = {"": False, "no": False, "false": False, "yes": True, "true": True}
"""Words of the column ``away``, in lower case: spreadsheets write TRUE."""

OPTIONAL_COLUMNS = frozenset({"away"})
"""Columns that a table may leave out: then each of their cells is empty."""

COLUMNS_BY_MEMBER = {"parent": "team"}
"""The columns of members that are called otherwise."""

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
        "away": "yes" if person["away"] else "no",
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
    member_columns("kind", "external_id", "name", "team", "supervises", "away"),
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
    columns, rows = _read_rows(data)
    if errors := _find_errors(columns, rows):
        raise DocumentInvalidError(errors)
    return {
        "teams": [
            {
                "external_id": row["external_id"],
                "name": row["name"],
                "parent": row["team"] or None,
            }
            for row in rows.values()
            if row["kind"] == "team"
        ],
        "people": [
            {
                "external_id": row["external_id"],
                "team": row["team"],
                "supervises": row["supervises"].split(TEAM_SEPARATOR)
                if row["supervises"]
                else [],
                "away": AWAY_WORDS[row["away"].lower()],
            }
            for row in rows.values()
            if row["kind"] == "person"
        ],
    }


def locate_roster_errors(
    data: bytes, errors: Sequence[FieldError]
) -> Iterator[FieldError]:
    """Errors of the document, as errors of the table that it was parsed from.

    A table has one column for the team of a person and for the parent of a team.

    Yields:
        The same errors; their pointers name the row and the column.
    """
    numbers: dict[str, list[int]] = {"teams": [], "people": []}
    for number, row in _read_rows(data)[1].items():
        numbers["teams" if row.get("kind") == "team" else "people"].append(number)
    for error in errors:
        match split_pointer(error.pointer or ""):
            case ["teams" | "people" as name, index, *path]:
                column = [COLUMNS_BY_MEMBER.get(member, member) for member in path[:1]]
                at = join_pointer("rows", numbers[name][int(index)], *column)
                yield replace(error, pointer=at)
            case ["teams" | "people"]:
                yield replace(error, pointer="")
            case _:
                yield error


def _read_rows(data: bytes) -> tuple[list[str], dict[int, dict[str, str]]]:
    """The columns, and the rows by number; a row of another length is left empty."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentMalformedError(NOT_UTF_8) from error
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    columns: list[str] = []
    rows: dict[int, dict[str, str]] = {}
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if number == 1:
                columns = cells
            elif cells:  # else a line without anything
                fits = len(cells) == len(columns)
                row = dict(zip(columns, cells, strict=True)) if fits else {}
                rows[number] = row and dict.fromkeys(OPTIONAL_COLUMNS, "") | row
    except csv.Error as error:
        raise DocumentMalformedError(f"row {number + 1}: {error}") from error
    return columns, rows


def _find_errors(
    columns: Sequence[str], rows: Mapping[int, Mapping[str, str]]
) -> list[FieldError]:
    header = set(ROSTER.header)
    has_all = header - OPTIONAL_COLUMNS <= set(columns) <= header
    if not has_all or len(columns) != len(set(columns)):
        names = (
            f"must be the columns {', '.join(ROSTER.header)}; "
            f"{', '.join(sorted(OPTIONAL_COLUMNS))} may be left out"
        )
        return [FieldError("/rows/1", ErrorCode.NOT_IN_LIST, names)]
    errors = []
    for number, row in rows.items():
        if not row:
            cells = f"must have {len(columns)} cells"
            errors.append(
                FieldError(join_pointer("rows", number), ErrorCode.WRONG_LENGTH, cells)
            )
        elif error := _find_cell_error(row):
            column, code, detail = error
            errors.append(
                FieldError(join_pointer("rows", number, column), code, detail)
            )
    return errors


def _find_cell_error(row: Mapping[str, str]) -> tuple[str, ErrorCode, str] | None:
    if row["kind"] not in {"team", "person"}:
        return "kind", ErrorCode.NOT_IN_LIST, "must be one of team, person"
    if row["kind"] == "person" and row["name"]:
        return "name", ErrorCode.NOT_EMPTY, "must be empty for people"
    if row["kind"] == "team" and row["supervises"]:
        return "supervises", ErrorCode.NOT_EMPTY, "must be empty for teams"
    if row["kind"] == "team" and row["away"]:
        return "away", ErrorCode.NOT_EMPTY, "must be empty for teams"
    if row["away"].lower() not in AWAY_WORDS:
        return "away", ErrorCode.NOT_IN_LIST, "must be one of yes, no, true, false"
    return None
