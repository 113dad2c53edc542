"""Documents as tables: one list of columns a document; CSV (RFC 4180, UTF-8)."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

FORMULA_PREFIXES = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""First characters of a text that a spreadsheet would run; also in full width."""

Row = Mapping[str, Any]
"""The parts of a document that a row of its table is made of, by name."""

CellReader = Callable[[Row], object]
"""Reads a cell from a row."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: its header; programs rely on it.
        cell: how a cell is read from a row: the path of a member, such as
            ``figure.interval.low``, or a function. A missing member is an empty cell.
    """

    name: str
    cell: str | CellReader

    @property
    def read(self) -> CellReader:
        """The function that reads a cell of this column from a row."""
        return _member_reader(self.cell) if isinstance(self.cell, str) else self.cell


def member_columns(*names: str) -> tuple[Column, ...]:
    """Columns that are called as the members that they show."""
    return tuple(Column(name, name) for name in names)


@dataclass(frozen=True)
class Table:
    """A report as a table. A new column is one more line in the columns.

    Attributes:
        rows: makes the rows of a document.
        columns: their header and cells, from left to right.
        escapes_formulas: whether a text in CSV that a spreadsheet would take for a
            formula gets an apostrophe in front. It must not where the table is read
            back.
    """

    rows: Callable[[Any], Iterable[Row]]
    columns: tuple[Column, ...]
    escapes_formulas: bool = True

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    def cells(self, document: object) -> Iterator[list[object]]:
        """The cells of each row of a document."""
        readers = [column.read for column in self.columns]
        for row in self.rows(document):
            yield [read(row) for read in readers]

    def write(self, *documents: object, line_end: str = "\r\n") -> bytes:
        """The documents as CSV under one header, with the same numbers."""
        text = StringIO(newline="")
        writer = csv.writer(text, lineterminator=line_end)
        writer.writerow(self.header)
        for document in documents:
            for cells in self.cells(document):
                writer.writerow(map(self._format_cell, cells))
        return text.getvalue().encode()

    def _format_cell(self, value: object) -> object:
        if isinstance(value, bool):
            return str(value).lower()  # as JSON has it
        if self.escapes_formulas and isinstance(value, str):
            return f"'{value}" if value.startswith(FORMULA_PREFIXES) else value
        return value


def _member_reader(path: str) -> CellReader:
    names = path.split(".")

    def read(row: Row) -> object:
        value: object = row
        for name in names:
            if not isinstance(value, Mapping):
                return None
            value = value.get(name)
        return value

    return read
