"""Tables as text: aligned columns for people, tabs between the cells for programs.

A table that is too wide for the terminal is wrapped. If that does not help, it becomes
a list of records. What a terminal would run, not show, is made visible.
"""

from collections.abc import Iterable, Iterator, Sequence
from unicodedata import bidirectional, category, east_asian_width

from rapport_service.tables.table import Table

GAP = "  "
INDENT = "  "
"""Indentation of a row by one level of depth, see ``format_table``."""

MIN_WRAPPED_WIDTH = 12
"""Width below which the text of a column is not wrapped."""

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
"""Around a cell from right to left, so that its neighbours stay where they are."""


def escape_unprintable(text: str) -> str:
    """The text with all that cannot be shown as an escape, but for line feeds."""
    if text.isprintable():
        return text
    return "".join(
        each if each == "\n" or each.isprintable() else repr(each)[1:-1]
        for each in text
    )


def display_width(text: str) -> int:
    """The number of columns that a text takes at a terminal."""
    return sum(map(_character_width, text))


def wrap_text(text: str, width: int) -> list[str]:
    """The lines of a text of at most this width. Each has the text's indentation."""
    words = text.lstrip(" ")
    indent = text[: len(text) - len(words)]
    room = max(width - len(indent), 2)  # a wide character takes two
    lines = [""]
    for word in words.split(" "):
        for part in _break_word(word, room):
            longer = f"{lines[-1]} {part}" if lines[-1] else part
            if display_width(longer) <= room:
                lines[-1] = longer
            else:
                lines.append(part)
    return [indent + line for line in lines]


def format_tabs(table: Table, documents: Iterable[object]) -> Iterator[str]:
    """The rows without a header, with tabs between the cells.

    Yields:
        One line a row.
    """
    for document in documents:
        for cells in table.cells(document):
            yield "\t".join(map(_format_cell, cells))


def format_table(
    table: Table, documents: Iterable[object], width: int | None = None
) -> Iterator[str]:
    """The header and the rows in aligned columns.

    A row with the part ``depth`` is indented, so that a tree can be seen.

    Args:
        table: the table.
        documents: the documents with its rows.
        width: the width of the terminal; None where there is no limit.

    Yields:
        The lines.
    """
    rows = [
        _indent_first(map(_format_cell, cells), row.get("depth", 0))
        for document in documents
        for row, cells in zip(table.rows(document), table.cells(document), strict=True)
    ]
    widths = _fit_columns([table.header, *rows], width)
    if widths is None:
        yield from _format_records(table.header, rows, width or 0)
        return
    for cells in (table.header, *rows):
        yield from _format_row(cells, widths)


def _fit_columns(rows: Sequence[Sequence[str]], width: int | None) -> list[int] | None:
    """The widths of the columns; None if no wrapping makes them fit."""
    columns = list(zip(*rows, strict=True))
    widths = [max(map(display_width, column)) for column in columns]
    if width is None:
        return widths
    least = [
        max(min(full, MIN_WRAPPED_WIDTH), *map(_longest_word, column))
        for full, column in zip(widths, columns, strict=True)
    ]
    room = width - len(GAP) * (len(columns) - 1)
    while sum(widths) > room:
        shrinkable = [n for n, full in enumerate(widths) if full > least[n]]
        if not shrinkable:
            return None
        widths[max(shrinkable, key=widths.__getitem__)] -= 1
    return widths


def _format_row(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    wrapped = [
        wrap_text(cell, width) for cell, width in zip(cells, widths, strict=True)
    ]
    for number in range(max(map(len, wrapped))):
        parts = [lines[number] if number < len(lines) else "" for lines in wrapped]
        yield GAP.join(map(_pad, parts, widths)).rstrip()


def _format_records(
    header: Sequence[str], rows: Iterable[Sequence[str]], width: int
) -> Iterator[str]:
    """Each row as a block of lines: the name of a column, then its cell."""
    names = max(map(display_width, header))
    room = max(width - names - len(GAP), MIN_WRAPPED_WIDTH)
    for number, cells in enumerate(rows):
        if number:
            yield ""
        for name, cell in zip(header, cells, strict=True):
            yield from _format_row([name, cell.strip()], [names, room])


def _indent_first(cells: Iterable[str], depth: int) -> list[str]:
    first, *others = cells
    return [INDENT * depth + first, *others]


def _format_cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list() | tuple():
            return " ".join(map(_format_cell, value))
    return escape_unprintable(str(value)).replace("\n", "\\n")


def _pad(text: str, width: int) -> str:
    padding = " " * (width - display_width(text))
    if any(bidirectional(each) in {"R", "AL"} for each in text):
        return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}{padding}"
    return text + padding


def _break_word(word: str, width: int) -> Iterator[str]:
    part = ""
    for each in word:
        if display_width(part + each) > width:
            yield part
            part = ""
        part += each
    yield part


def _longest_word(text: str) -> int:
    indent = len(text) - len(text.lstrip(" "))
    return indent + max(map(display_width, text.split(" ")))


def _character_width(character: str) -> int:
    if category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if east_asian_width(character) in {"W", "F"} else 1
