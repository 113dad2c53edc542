"""Simulation of verdicts, intervals, levels, arrows and trends: `make bench-verdicts`.

Every bound is printed beside its figure and Monte-Carlo error; one is missed where the
99 % interval lies wholly beyond it. Exit status 1 where any is.
"""

import argparse
import sys
from collections.abc import Sequence

from benchmarks.verdicts.bounds import Bound
from benchmarks.verdicts.parts import FULL, PARTS, QUICK, run_part

CLOSEST = 10
"""Bounds that are printed again at the end, those with the least room."""


def main(arguments: Sequence[str]) -> int:
    """Run every part and print the bounds; return the exit status."""
    parser = argparse.ArgumentParser(prog="make bench-verdicts", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=list(PARTS), action="append")
    chosen = parser.parse_args(arguments)
    size = QUICK if chosen.quick else FULL
    judged: list[Bound] = []
    for part in chosen.only or PARTS:
        for bound in run_part(part, chosen.seed, size):
            print(bound, flush=True)
            judged += [bound] if bound.is_judged else []
    print("\nclosest to their bounds:")
    print(*sorted(judged, key=lambda bound: bound.margin)[:CLOSEST], sep="\n")
    holding = sum(bound.holds for bound in judged)
    print(f"bench-verdicts: {holding} of {len(judged)} bounds hold")
    return 0 if holding == len(judged) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
