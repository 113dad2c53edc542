"""Parts of `bench-verdicts`: what each simulates, how much of it, and its bounds."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Any

import numpy as np

from benchmarks.verdicts import events, intervals, levels, trends
from benchmarks.verdicts.bounds import Bound, Sums
from benchmarks.verdicts.events import EventCell
from benchmarks.verdicts.intervals import IntervalTally

CHUNK = 5
"""Organizations that one process simulates at a time."""


@dataclass(frozen=True)
class RunSize:
    """How much is simulated.

    Attributes:
        organizations: of each part; of events, in each cell of 24 teams.
        cells: of events.
    """

    organizations: Mapping[str, int]
    cells: Sequence[EventCell]


FULL = RunSize(
    {"intervals": 300, "levels": 160, "changes": 120, "trends": 100, "events": 150},
    events.list_cells_of(events.SHOCKS),
)
QUICK = RunSize(
    {"intervals": 60, "levels": 24, "changes": 24, "trends": 16, "events": 8},
    events.list_cells_of(events.QUICK_SHOCKS),
)


@dataclass(frozen=True)
class Part:
    """Part of the benchmark.

    Attributes:
        simulate: one organization, by its number, or its cell of events.
        judge: bounds of all organizations.
    """

    simulate: Callable[[Any, np.random.Generator], Sums | IntervalTally]
    judge: Callable[[Sequence[Any]], Iterable[Bound]]


PARTS = {
    "intervals": Part(intervals.simulate, intervals.judge),
    "levels": Part(levels.simulate, levels.judge),
    "changes": Part(levels.simulate_change, levels.judge_changes),
    "trends": Part(trends.simulate, trends.judge),
    "events": Part(events.simulate, events.judge),
}


def run_part(name: str, seed: int, size: RunSize) -> Iterator[Bound]:
    """Simulate a part on every core and yield its bounds."""
    work = partial(_simulate, name, seed)
    jobs = list(_jobs(name, size))
    # A fork has the faults that were planted in this process.
    with ProcessPoolExecutor(os.cpu_count(), get_context("fork")) as pool:
        organizations = list(pool.map(work, jobs, chunksize=CHUNK))
    yield from PARTS[name].judge(organizations)


def _jobs(name: str, size: RunSize) -> Iterator[tuple[int, EventCell | None]]:
    """Yield the number of each organization, and its cell where it has one."""
    count = size.organizations[name]
    if name != "events":
        yield from ((number, None) for number in range(count))
        return
    for cell in size.cells:
        own = count if cell.teams > 6 else 2 * count
        yield from ((number, cell) for number in range(own))


def _simulate(
    name: str, seed: int, job: tuple[int, EventCell | None]
) -> Sums | IntervalTally:
    number, cell = job
    if cell is None:
        rng = np.random.default_rng([seed, [*PARTS].index(name), number])
        return PARTS[name].simulate(number, rng)
    shock = [round(10 * part) for part in cell.shock]
    kind = events.KINDS.index(cell.kind)
    key = [seed, cell.teams, cell.waves, *shock, kind, number]
    return PARTS[name].simulate(cell, np.random.default_rng(key))
