"""What a request asks of the database, and how long it takes."""

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from sqlalchemy import Engine, event


@dataclass
class Meter:
    """Counts the statements of an engine and the rows that come back.

    PostgreSQL tells how many rows a statement gave; on SQLite each is counted as it is
    fetched, so connections that were made before the meter must be gone.
    """

    engine: Engine
    statements: int = 0
    rows: int = 0

    def __post_init__(self) -> None:
        event.listen(self.engine, "after_cursor_execute", self._note)
        if self.engine.dialect.name == "sqlite":
            self.engine.dispose()
            event.listen(self.engine, "connect", self._count_rows)

    def _note(self, _connection: object, cursor: Any, *_: object) -> None:  # noqa: ANN401  # of either driver
        self.statements += 1
        if cursor.description is not None:
            self.rows += max(cursor.rowcount, 0)

    def _count_rows(self, connection: sqlite3.Connection, _record: object) -> None:
        def fetched(_cursor: object, row: tuple[object, ...]) -> tuple[object, ...]:
            self.rows += 1
            return row

        connection.row_factory = fetched


@dataclass
class Course:
    """Requests of one kind: their costs, and the seconds each took.

    Attributes:
        costs: every pair of statements and rows that was seen.
    """

    name: str
    request: Callable[[], object]
    costs: set[tuple[int, int]] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)

    def run(self, meter: Meter) -> None:
        """One more request."""
        meter.statements = meter.rows = 0
        began = time.perf_counter()
        self.request()
        self.seconds.append(time.perf_counter() - began)
        self.costs.add((meter.statements, meter.rows))

    @property
    def median_ms(self) -> float:
        """The median in milliseconds."""
        return 1000 * median(self.seconds)


def race(meter: Meter, courses: list[Course], rounds: int, warming: int) -> None:
    """Runs the courses in turn, so that whatever slows the machine slows them alike."""
    for lap in range(warming + rounds):
        if lap == warming:
            for course in courses:
                course.seconds.clear()
        for course in courses:
            course.run(meter)
