"""Reports as tables: CSV for whoever asks for it (RFC 4180, UTF-8)."""

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from flask import request

CSV = "text/csv"

FORMULA_PREFIXES = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What a text begins with that a spreadsheet would run; also in full width."""


@dataclass(frozen=True)
class Table:
    """A document as a table.

    Attributes:
        columns: their names; programs rely on them.
        rows: makes rows of the document, by column; what is missing stays empty.
    """

    columns: tuple[str, ...]
    rows: Callable[[Any], Iterable[Mapping[str, object]]]

    def write(self, document: object) -> bytes:
        """The document as CSV, with the same numbers.

        A text that a spreadsheet would take for a formula gets an apostrophe in front.
        """
        lines = StringIO(newline="")
        writer = csv.DictWriter(lines, self.columns)
        writer.writeheader()
        for row in self.rows(document):
            writer.writerow({name: _escape_cell(cell) for name, cell in row.items()})
        return lines.getvalue().encode()


def wants_csv(alternative: str) -> bool:
    """Whether the caller would rather have CSV (RFC 9110 section 12.5.1).

    The most specific range of ``Accept`` that covers a type decides on it. Whoever
    likes both alike, or neither, gets the other type.
    """
    accepted = request.accept_mimetypes
    named = max(accepted[CSV], accepted[f"{CSV};charset=utf-8"])
    return named > accepted[alternative]


def _escape_cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()  # as JSON has it
    if isinstance(value, str) and value.startswith(FORMULA_PREFIXES):
        return f"'{value}"
    return value
