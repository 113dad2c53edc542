"""What a request asks of the database, and how long it takes."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from psycopg import Cursor
from sqlalchemy import Engine, event


@dataclass
class Meter:
    """Counts an engine's statements and the rows that PostgreSQL gives back."""

    engine: Engine
    statements: int = 0
    rows: int = 0

    def __post_init__(self) -> None:
        event.listen(self.engine, "after_cursor_execute", self._note)

    def _note(self, _connection: object, cursor: Cursor[Any], *_: object) -> None:
        self.statements += 1
        if cursor.description is not None:
            self.rows += cursor.rowcount


@dataclass
class BenchmarkCase:
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
    def statements(self) -> str:
        """How many statements a request took; several numbers where that varied."""
        return " or ".join(str(each) for each in sorted({n for n, _ in self.costs}))

    @property
    def rows(self) -> str:
        """How many rows came back; several numbers where that varied."""
        return " or ".join(str(each) for each in sorted({n for _, n in self.costs}))

    @property
    def median_ms(self) -> float:
        """The median in milliseconds."""
        return 1000 * median(self.seconds)


def run_interleaved(
    meter: Meter, cases: list[BenchmarkCase], rounds: int, warm_up_rounds: int
) -> None:
    """Runs the courses in turn, so that whatever slows the machine slows them alike.

    Nothing is kept of the first laps, in which caches fill and tokens are first used.
    """
    for lap in range(warm_up_rounds + rounds):
        if lap == warm_up_rounds:
            for course in cases:
                course.seconds.clear()
                course.costs.clear()
        for course in cases:
            course.run(meter)
