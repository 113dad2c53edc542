"""``make chaos``: phones, a bad line, a dying service; then every promise is checked.

Exit status 0 if all were kept, 1 if one was broken, 2 if the machine was too slow for
anything to be shown.
"""

import sys
from argparse import ArgumentParser

from demo.playing import say
from demo.server import end_by_signal
from tests.chaos.disk import can_inject
from tests.chaos.report import tell
from tests.chaos.run import Plan, run
from tests.chaos.server import Postgres, SQLite
from tests.chaos.storm import TooSlowError


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
        say("no strace that may attach here: disks do not fail, deaths come at random")
    try:
        findings = run(Plan(chosen.seed, chosen.engine, chosen.devices, chosen.waves))
    except TooSlowError as error:
        say(f"nothing was shown, this machine is too slow: {error}")
        return 2
    tell(findings)
    return 0 if findings.all_is_well else 1


if __name__ == "__main__":
    sys.exit(main())
