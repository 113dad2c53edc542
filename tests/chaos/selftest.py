"""``make chaos-selftest``: is anything noticed when something is really broken?

Each break gets a small run of its own, in a process of its own; one run is left whole.
A break is caught if an invariant that it is against is broken: another may be broken by
chance. Exit status 0 if every break was caught and the whole one passed.
"""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile

from demo.playing import say
from demo.server import end_by_signal
from tests.chaos.breaks import PHONES, SERVICE
from tests.chaos.faults import Fault, Weather
from tests.chaos.report import tell
from tests.chaos.run import Plan, run
from tests.chaos.server import Postgres, SQLite

WHOLE = "nothing broken"
BREAKS = {**SERVICE, **PHONES}

BESIDE = 2
"""Runs at a time."""

LAST_LINES = 40
"""Of a run that did not come out as it has to: so much of what it said."""

DEVICES = 16
SMALL = Plan("1", SQLite.name, DEVICES, 1)
CALM = replace(SMALL, devices=2 * DEVICES, weather=Weather(0.1, 0.1), deadly=False)
"""Where much has to happen, rather than go wrong."""

LIES = (Fault.PORTAL, Fault.FOREIGN, Fault.CACHED)
MIXED_UP = (Fault.PERMUTED, Fault.OTHER_ECHO, Fault.LOST_REPLY)

PLANS = {
    # On SQLite it would keep every other writer waiting.
    "result before commit": replace(SMALL, engine=Postgres.name),
    # On SQLite one writer at a time would hide it.
    "seal without the lock": replace(CALM, engine=Postgres.name),
    # What was accepted has to be taken back, not what waits.
    "withdrawal forgotten": CALM,
    "release on any 200": replace(SMALL, weather=Weather(0.1, 0.7, LIES)),
    "echoes not compared": replace(SMALL, weather=Weather(0.1, 0.7, MIXED_UP)),
    "in_flight forgotten on open": replace(
        SMALL, weather=Weather(0.1, 0.7, (Fault.SLOW_REPLY,))
    ),
    # Something must have been acknowledged between the snapshot and its restore.
    "epoch ignored": replace(CALM, waves=2),
}
"""Runs that are aimed at what they have to find."""

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Plays every run; returns the exit status."""
    end_by_signal()
    names = [WHOLE, *BREAKS]
    with ThreadPoolExecutor(BESIDE) as threads:
        as_meant = dict(zip(names, threads.map(_play, names), strict=True))
    caught = sum(as_meant[name] for name in BREAKS)
    say(f"chaos-selftest: {caught} of {len(BREAKS)} caught")
    return 0 if all(as_meant.values()) else 1


def _play(name: str) -> bool:
    """Plays one run and says what came of it; whether that is as it has to be."""
    with TemporaryFile("w+") as output:
        code = subprocess.run(
            [sys.executable, "-m", "tests.chaos.selftest", name],
            stdout=output,
            stderr=output,
            check=False,
        ).returncode
        output.seek(0)
        lines = output.read().splitlines()
    broken = [line.split()[1] for line in lines if line.startswith("broken ")]
    if name == WHOLE:
        as_meant = code == 0 and not broken
    else:
        as_meant = code == 1 and not BREAKS[name].against.isdisjoint(broken)
    if not as_meant:
        say("\n".join(lines[-LAST_LINES:]))
    say(f"{name}: {', '.join(broken) or 'nothing'} broken")
    return as_meant


def play(name: str) -> int:
    """One run, broken in one way."""
    end_by_signal()
    if name in PHONES:
        PHONES[name].patch()
    plan = PLANS.get(name, SMALL)
    if name in SERVICE:
        path = os.pathsep.join([str(Path(__file__).parent / "broken"), str(ROOT)])
        environment = {"PYTHONPATH": path, "CHAOS_BREAK": name}
        plan = replace(plan, environment=environment)
    findings = run(plan)
    tell(findings)
    if name in BREAKS and not BREAKS[name].against.isdisjoint(findings.broken_names):
        shutil.rmtree(findings.ledgers)  # as it was meant to be: nobody has to look
    return 0 if findings.all_is_well else 1


if __name__ == "__main__":
    sys.exit(play(sys.argv[1]) if sys.argv[1:] else main())
