"""Meter of statements, rows and seconds of a request."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from psycopg import Cursor
from sqlalchemy import Engine, event


@dataclass
class Meter:
    """Counter of an engine's statements and of the rows that PostgreSQL returns."""

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
        """Make one more request."""
        meter.statements = meter.rows = 0
        started = time.perf_counter()
        self.request()
        self.seconds.append(time.perf_counter() - started)
        self.costs.add((meter.statements, meter.rows))

    @property
    def statements(self) -> str:
        """Number of statements of a request; several numbers where that varied."""
        return " or ".join(str(count) for count in sorted({n for n, _ in self.costs}))

    @property
    def rows(self) -> str:
        """Number of rows of a request; several numbers where that varied."""
        return " or ".join(str(count) for count in sorted({n for _, n in self.costs}))

    @property
    def median_ms(self) -> float:
        """Median of the times, in milliseconds."""
        return 1000 * median(self.seconds)


def run_interleaved(
    meter: Meter, cases: list[BenchmarkCase], rounds: int, warm_up_rounds: int
) -> None:
    """Run the cases alternately, so that a slow machine slows them alike.

    The first rounds are not counted: caches fill, and tokens are first used.
    """
    for number in range(warm_up_rounds + rounds):
        if number == warm_up_rounds:
            for case in cases:
                case.seconds.clear()
                case.costs.clear()
        for case in cases:
            case.run(meter)
