"""``make attack``: readers and operators try to learn who answered what.

Exit status 0 if everything that they learned is in the closed list of residuals, 1 if
something is not.
"""

import sys
from argparse import ArgumentParser

from tools.attack.deployment import ENGINES
from tools.attack.report import print_report
from tools.attack.run import RunPlan, run

SEEDS = 20
QUICK_SEEDS = 4


def main() -> int:
    """Runs it; returns the exit status."""
    parser = ArgumentParser(prog="make attack", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few small agencies")
    parser.add_argument("--engine", choices=ENGINES, action="append")
    parser.add_argument("--seed", type=int, help="this agency alone")
    parser.add_argument("--seeds", type=int, help="how many agencies on each engine")
    arguments = parser.parse_args()
    count = arguments.seeds or (QUICK_SEEDS if arguments.quick else SEEDS)
    seeds = [arguments.seed] if arguments.seed else list(range(1, count + 1))
    engines = arguments.engine or ENGINES
    plan = RunPlan(seeds, engines)
    if arguments.quick:
        plan = RunPlan(seeds, engines, waves=2, units=(1, 2))
    return 0 if print_report(run(plan)) else 1


if __name__ == "__main__":
    sys.exit(main())
