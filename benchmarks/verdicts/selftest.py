"""``make bench-verdicts-selftest``: does a bound show statistics that are broken?

Each fault is planted in a process of its own, which runs the smallest part of
`bench-verdicts` that can show it, once without the fault and once with it. It is caught
if the bounds that it breaks by its nature hold without it and one of them is missed
with it. Exit status 0 if every fault was caught.
"""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.verdicts import events
from benchmarks.verdicts.bounds import Bound
from benchmarks.verdicts.faults import FAULTS, Fault
from benchmarks.verdicts.parts import RunSize, run_part


def main(arguments: Sequence[str]) -> int:
    """Plant some faults, or all; return the exit status."""
    parser = argparse.ArgumentParser(prog="make bench-verdicts-selftest")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("names", nargs="*", metavar="FAULT", choices=[[], *FAULTS])
    chosen = parser.parse_args(arguments)
    names = chosen.names or list(FAULTS)
    caught = 0
    for name in names:
        sound = _run(name, chosen.seed, is_planted=False)
        broken = _run(name, chosen.seed, is_planted=True)
        missed = [bound for bound in broken if not bound.holds]
        is_caught = all(bound.holds for bound in sound) and bool(missed)
        caught += is_caught
        print(f"{'caught' if is_caught else 'NOT CAUGHT'}: {name}")
        print(*(missed[:1] or broken), sep="\n", flush=True)
        print(*(bound for bound in sound if not bound.holds), sep="\n", flush=True)
    print(f"bench-verdicts-selftest: {caught} of {len(names)} caught")
    return 0 if caught == len(names) else 1


def _run(name: str, seed: int, *, is_planted: bool) -> list[Bound]:
    """Run a fault's part in a process of its own, which may break its modules."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(run_fault, name, seed, is_planted=is_planted).result()


def run_fault(name: str, seed: int, *, is_planted: bool) -> list[Bound]:
    """Run the part that shows a fault; return the bounds that it breaks."""
    fault = FAULTS[name]
    if is_planted:
        fault.plant()
    return [
        bound
        for bound in run_part(fault.part, seed, small_size(fault))
        if bound.is_judged and bound.name.startswith(fault.bound)
    ]


def small_size(fault: Fault) -> RunSize:
    """Return the smallest run that shows a fault."""
    wanted: Sequence[str] = fault.labels
    cells = events.list_cells_of(events.SHOCKS)
    return RunSize(
        {fault.part: fault.organizations},
        [cell for cell in cells if set(wanted).issubset(cell.labels)],
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
