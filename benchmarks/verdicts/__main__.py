"""Simulation of verdicts, intervals, levels, arrows and trends: `make bench-verdicts`.

Every bound is printed beside its figure and Monte-Carlo error; one is missed where the
99 % interval lies wholly beyond it. Exit status 1 where any is.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np

from benchmarks.verdicts import events, scores
from benchmarks.verdicts.bounds import Bound
from benchmarks.verdicts.events import EventCell, EventOutcome
from benchmarks.verdicts.scores import ScoreTally

CHUNK = 10
"""Organizations that one process simulates at a time."""

FULL = {
    "events": 150,
    "small events": 300,
    "intervals": 300,
    "levels": 90,
    "changes": 90,
    "trends": 40,
}
QUICK = {
    "events": 10,
    "small events": 20,
    "intervals": 60,
    "levels": 18,
    "changes": 18,
    "trends": 8,
}
"""Organizations of each part."""

PARTS = {
    "intervals": scores.tally_intervals,
    "levels": scores.tally_levels,
    "changes": scores.tally_changes,
    "trends": scores.tally_trends,
}


def main(arguments: Sequence[str]) -> int:
    """Run every part and print the bounds; return the exit status."""
    parser = argparse.ArgumentParser(prog="make bench-verdicts", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=[*PARTS, "events"], action="append")
    chosen = parser.parse_args(arguments)
    bounds = list(
        run(chosen.seed, quick=chosen.quick, parts=chosen.only or [*PARTS, "events"])
    )
    print(*bounds, sep="\n")
    holding = sum(bound.holds for bound in bounds)
    print(f"bench-verdicts: {holding} of {len(bounds)} bounds hold")
    return 0 if holding == len(bounds) else 1


def run(seed: int, *, quick: bool, parts: Sequence[str]) -> Iterator[Bound]:
    """Simulate some parts on every core and yield their bounds."""
    counts = QUICK if quick else FULL
    # numpy's own threads would fight over the cores.
    with ProcessPoolExecutor(os.cpu_count(), initializer=_use_one_thread) as pool:
        tally = ScoreTally()
        for part in (part for part in PARTS if part in parts):
            jobs = range(0, counts[part], CHUNK)
            work = partial(_tally_chunk, seed, part, counts[part])
            for own in pool.map(work, jobs):
                tally.add(own)
        yield from scores.judge(tally)
        if "events" in parts:
            yield from events.judge(dict(_simulate_events(pool, seed, counts, quick)))


def _simulate_events(
    pool: ProcessPoolExecutor, seed: int, counts: dict[str, int], quick: bool
) -> Iterator[tuple[EventCell, list[EventOutcome]]]:
    shocks = events.QUICK_SHOCKS if quick else events.SHOCKS
    cells = [*events.list_cells(shocks), *events.PLACEBO_CELLS]
    sizes = [counts["events" if cell.teams > 6 else "small events"] for cell in cells]
    yield from zip(
        cells,
        pool.map(_simulate_cell, cells, sizes, [seed] * len(cells)),
        strict=True,
    )


def _simulate_cell(cell: EventCell, count: int, seed: int) -> list[EventOutcome]:
    shock = [round(10 * part) for part in cell.shock]
    kind = events.KINDS.index(cell.kind)
    rng = np.random.default_rng([seed, cell.teams, cell.waves, *shock, kind])
    return [events.simulate_event(cell, rng) for _ in range(count)]


def _tally_chunk(seed: int, part: str, count: int, first: int) -> ScoreTally:
    tally = ScoreTally()
    for number in range(first, min(first + CHUNK, count)):
        rng = np.random.default_rng([seed, [*PARTS].index(part), number])
        PARTS[part](tally, number, rng)
    return tally


def _use_one_thread() -> None:
    os.environ["OPENBLAS_NUM_THREADS"] = "1"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
