"""Reports as tables: CSV (RFC 4180, UTF-8) by one list of columns a report."""

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

FORMULA_PREFIXES = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""First characters of a text that a spreadsheet would run; also in full width."""

Row = Mapping[str, Any]
"""The parts of a document that a row of its table is made of, by name."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: its header; programs rely on it.
        cell: how a cell is read from a row: the path of a member, such as
            ``figure.interval.low``, or a function. A missing member is an empty cell.
    """

    name: str
    cell: str | Callable[[Row], object]

    @property
    def read(self) -> Callable[[Row], object]:
        """The function that reads a cell of this column from a row."""
        return _member_reader(self.cell) if isinstance(self.cell, str) else self.cell


@dataclass(frozen=True)
class Table:
    """A report as a table. A new column is one more line in the columns.

    Attributes:
        rows: makes the rows of a document.
        columns: their header and cells, from left to right.
    """

    rows: Callable[[Any], Iterable[Row]]
    columns: tuple[Column, ...]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    def write(self, document: object) -> bytes:
        """The document as CSV, with the same numbers.

        A text that a spreadsheet would take for a formula gets an apostrophe in front.
        """
        text = StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(self.header)
        readers = [column.read for column in self.columns]
        for row in self.rows(document):
            writer.writerow([_escape_cell(read(row)) for read in readers])
        return text.getvalue().encode()


def _member_reader(path: str) -> Callable[[Row], object]:
    names = path.split(".")

    def read(row: Row) -> object:
        value: object = row
        for name in names:
            if not isinstance(value, Mapping):
                return None
            value = value.get(name)
        return value

    return read


def _escape_cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()  # as JSON has it
    if isinstance(value, str) and value.startswith(FORMULA_PREFIXES):
        return f"'{value}"
    return value
