"""Tables of the reference values, as columns, statistics and groups."""

import csv
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from rapport_service.stats.icc import Groups
from rapport_service.stats.sufficient_statistics import Layout, SufficientStatistics

FOLDER = Path(
    os.environ.get("RAPPORT_GOLDEN", Path(__file__).parents[2] / "shared" / "golden")
)
"""Folder of the data, which are not part of the project: RAPPORT_GOLDEN."""

Column = tuple[float | None, ...]

Entry = dict[str, Any]
"""Reference value: its id, its statistic, its data, the value itself."""


@cache
def load_table(name: str) -> dict[str, Column]:
    """Return a table as columns of numbers; None is a missing value."""
    with FOLDER.joinpath(f"{name}.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    return {
        column: tuple(None if row[i] in {"", "NA"} else float(row[i]) for row in rows)
        for i, column in enumerate(header)
    }


def group_names(name: str, group: str) -> list[str]:
    """Return the groups of a table in the order of their first appearance."""
    return [f"{value:.0f}" for value in dict.fromkeys(load_table(name)[group]) if value]


@cache
def load_groups(name: str, variable: str, group: str) -> Groups:
    """Return the groups of a table and their figures on one variable."""
    columns = load_table(name)
    return Groups.from_values(columns[variable], columns[group])


def expand_items(text: str) -> tuple[str, ...]:
    """Return the items of `LEAD01..LEAD11`; a single name is itself."""
    first, _, last = text.partition("..")
    if not last:
        return (first,)
    stem = first.rstrip("0123456789")
    digits = len(first) - len(stem)
    low, high = int(first[len(stem) :]), int(last[len(stem) :])
    return tuple(f"{stem}{i:0{digits}}" for i in range(low, high + 1))


def load_statistics(
    name: str,
    chosen: Sequence[str],
    *,
    where: tuple[str, str] | None = None,
    reversed_items: Sequence[str] = (),
    complete: bool = False,
) -> SufficientStatistics:
    """Return the statistics of some items of a table, all of them one group, `all`.

    Args:
        name: The table; its answers are 1..A, or 0..A-1 and then moved up by one.
        chosen: The items.
        where: A column and the value that a row must have there.
        reversed_items: Items to be turned.
        complete: Whether people with a missing answer are left out.
    """
    columns = load_table(name)
    known = [x for item in chosen for x in columns[item] if x is not None]
    lowest, highest = int(min(known)), int(max(known))
    layout = Layout(tuple(chosen), highest + 1 - lowest, {"all": tuple(chosen)}, ())
    rows: list[list[int | None]] = []
    for i in range(len(columns[chosen[0]])):
        if where is not None and f"{columns[where[0]][i]:.0f}" != where[1]:
            continue
        row: list[int | None] = []
        for item in chosen:
            value = columns[item][i]
            if value is None:
                row.append(None)
            else:
                is_reversed = item in reversed_items
                row.append(int(highest - value if is_reversed else value - lowest) + 1)
        if not complete or None not in row:
            rows.append(row)
    return SufficientStatistics.from_rows(
        layout, layout.encode(rows), [None] * len(rows)
    )
