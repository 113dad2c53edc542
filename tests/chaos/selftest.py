"""``make chaos-selftest``: is anything noticed when something is really broken?

Each break gets a small run of its own, in a process of its own; one run is left whole.
Exit status 0 if every break was caught and the whole one passed.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryFile

from demo.playing import say
from demo.server import end_by_signal
from tests.chaos.breaks import PHONES, SERVICE
from tests.chaos.report import tell
from tests.chaos.run import Plan, run
from tests.chaos.server import Postgres, SQLite

WHOLE = "nothing broken"
DEVICES = 16
BESIDE = 2
"""Runs at a time."""

NEEDS_POSTGRES = frozenset({"seal without the lock"})
"""On SQLite one writer at a time hides it."""

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Plays every run; returns the exit status."""
    end_by_signal()
    breaks = [*SERVICE, *PHONES]
    with ThreadPoolExecutor(BESIDE) as threads:
        results = dict(
            zip([WHOLE, *breaks], threads.map(_play, [WHOLE, *breaks]), strict=True)
        )
    caught = [name for name in breaks if results[name]]
    say(f"chaos-selftest: {len(caught)} of {len(breaks)} caught")
    return 0 if len(caught) == len(breaks) and not results[WHOLE] else 1


def _play(name: str) -> bool:
    """Plays one run, says what came of it; whether it found anything."""
    with TemporaryFile("w+") as output:
        code = subprocess.run(
            [sys.executable, "-m", "tests.chaos.selftest", name],
            stdout=output,
            stderr=output,
            check=False,
        ).returncode
        output.seek(0)
        lines = output.read().splitlines()
    broken = [line for line in lines if line.startswith("broken")]
    say(f"{name}: {'; '.join(broken) or 'nothing found'}")
    if code not in {0, 1} or (code == 1) != bool(broken):
        say("\n".join(lines[-20:]))
    return bool(broken)


def play(name: str) -> int:
    """One run, broken in one way."""
    if name in PHONES:
        PHONES[name]()
    environment = {}
    if name in SERVICE:
        path = os.pathsep.join([str(Path(__file__).parent / "broken"), str(ROOT)])
        environment = {"PYTHONPATH": path, "CHAOS_BREAK": name}
    engine = Postgres.name if name in NEEDS_POSTGRES else SQLite.name
    findings = run(Plan("1", engine, DEVICES, 1, environment))
    tell(findings)
    return 0 if findings.all_is_well else 1


if __name__ == "__main__":
    sys.exit(play(sys.argv[1]) if sys.argv[1:] else main())
