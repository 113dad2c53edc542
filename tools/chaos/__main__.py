"""``make chaos``: phones, a bad line, a dying service; then every promise is checked.

Exit status 0 if all were kept, 1 if one was broken, 2 if the machine was too slow for
anything to be shown.
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
    chosen = parser.parse_args()
    end_by_signal()
    if not can_inject():
        print_progress(
            "no strace that may attach here: disks do not fail, deaths come at random"
        )
    try:
        findings = run_plan(
            RunPlan(chosen.seed, chosen.engine, chosen.devices, chosen.waves)
        )
    except TooSlowError as error:
        print_progress(f"nothing was shown, this machine is too slow: {error}")
        return 2
    print_report(findings)
    return 0 if findings.is_passed else 1


if __name__ == "__main__":
    sys.exit(main())
