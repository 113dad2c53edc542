"""``make chaos``: phones, a faulty network, a failing service, then the checks.

Exit status 0 if no invariant was broken, 1 if one was, 2 if the machine was too slow to
prove anything.
"""

import sys
from argparse import ArgumentParser

from demo.server import end_by_signal
from demo.wave_steps import print_progress
from tools.chaos.disk_faults import can_inject
from tools.chaos.report import print_report
from tools.chaos.run import RunPlan, run_plan
from tools.chaos.scenario import TooSlowError
from tools.chaos.server import Postgres, SQLite


def main() -> int:
    """Runs it; returns the exit status."""
    parser = ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", default="1")
    parser.add_argument(
        "--engine", choices=(SQLite.name, Postgres.name), default=SQLite.name
    )
    parser.add_argument("--devices", type=int, default=60)
    parser.add_argument("--waves", type=int, default=3)
    arguments = parser.parse_args()
    end_by_signal()
    if not can_inject():
        print_progress(
            "strace cannot attach here: no disk faults, and deaths only at random times"
        )
    try:
        result = run_plan(
            RunPlan(
                arguments.seed, arguments.engine, arguments.devices, arguments.waves
            )
        )
    except TooSlowError as error:
        print_progress(f"nothing was proved, this machine is too slow: {error}")
        return 2
    print_report(result)
    return 0 if result.is_passed else 1


if __name__ == "__main__":
    sys.exit(main())
