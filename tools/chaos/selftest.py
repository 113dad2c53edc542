"""``make chaos-selftest``: does chaos detect a service or an SDK that is broken?

Each mutation gets a small run in a process of its own, and one run has none. A
mutation is caught if one of its target invariants is broken: others may be broken by
chance. Exit status 0 if every mutation was caught and the run without one passed.
"""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile

from demo.server import end_by_signal
from demo.wave_steps import print_progress
from tools.chaos.mutations import SDK_MUTATIONS, SERVICE_MUTATIONS
from tools.chaos.network_faults import NO_FAULTS, Fault, FaultRates
from tools.chaos.report import print_report
from tools.chaos.run import RunPlan, run_plan
from tools.chaos.server import Postgres, SQLite

UNMUTATED = "no mutation"
MUTATIONS = {**SERVICE_MUTATIONS, **SDK_MUTATIONS}

MAX_PARALLEL_RUNS = 2
"""Runs at the same time."""

MAX_SHOWN_LINES = 40
"""Last lines of the output of a run that ended otherwise than expected."""

DEVICES = 16
SMALL_PLAN = RunPlan("1", SQLite.name, DEVICES, 1)
CALM_PLAN = replace(
    SMALL_PLAN, devices=2 * DEVICES, fault_rates=FaultRates(0.1, 0.1), deadly=False
)
"""Plan for mutations that need many answers rather than many faults."""

QUIET_PLAN = replace(SMALL_PLAN, fault_rates=NO_FAULTS, deadly=False)
"""Plan for mutations that need none of these faults."""

FALSE_REPLY_FAULTS = (Fault.PORTAL, Fault.FOREIGN, Fault.CACHED)
MIXED_RESULT_FAULTS = (Fault.PERMUTED, Fault.OTHER_ECHO, Fault.LOST_REPLY)

PLANS = {
    # On SQLite it would keep every other writer waiting.
    "result before commit": replace(SMALL_PLAN, engine=Postgres.name),
    # On SQLite one writer at a time would hide it.
    "seal without the lock": replace(CALM_PLAN, engine=Postgres.name),
    # Accepted answers have to be withdrawn, not waiting ones.
    "withdrawal forgotten": CALM_PLAN,
    "settled on any 200": replace(
        SMALL_PLAN, fault_rates=FaultRates(0.1, 0.7, FALSE_REPLY_FAULTS)
    ),
    "echoes not compared": replace(
        SMALL_PLAN, fault_rates=FaultRates(0.1, 0.7, MIXED_RESULT_FAULTS)
    ),
    "in-flight items forgotten": replace(
        SMALL_PLAN, fault_rates=FaultRates(0.1, 0.7, (Fault.SLOW_REPLY,))
    ),
    # Something must have been acknowledged between the snapshot and its restore.
    "new epoch ignored": replace(CALM_PLAN, waves=2),
    "release not kept": replace(QUIET_PLAN, waves=2),
    "origin forgotten": QUIET_PLAN,
    "any date believed": replace(
        QUIET_PLAN, fault_rates=FaultRates(0.7, 0.0, (Fault.WRONG_DATE,))
    ),
    "clock leap followed": QUIET_PLAN,
    "any roster put": QUIET_PLAN,
    "right kept with the token": QUIET_PLAN,
    "any successor taken": QUIET_PLAN,
    "next token alone taken": QUIET_PLAN,
}
"""Plans with faults that are aimed at their mutation."""

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Plays every run; returns the exit status."""
    end_by_signal()
    names = [UNMUTATED, *MUTATIONS]
    with ThreadPoolExecutor(MAX_PARALLEL_RUNS) as threads:
        as_meant = dict(zip(names, threads.map(_play, names), strict=True))
    caught = sum(as_meant[name] for name in MUTATIONS)
    print_progress(f"chaos-selftest: {caught} of {len(MUTATIONS)} caught")
    return 0 if all(as_meant.values()) else 1


def _play(name: str) -> bool:
    """Plays one run and prints its outcome; returns whether it is the expected one."""
    with TemporaryFile("w+") as output:
        code = subprocess.run(
            [sys.executable, "-m", "tools.chaos.selftest", name],
            stdout=output,
            stderr=output,
            check=False,
        ).returncode
        output.seek(0)
        lines = output.read().splitlines()
    broken = [line.split()[1] for line in lines if line.startswith("broken ")]
    if name == UNMUTATED:
        as_meant = code == 0 and not broken
    else:
        as_meant = code == 1 and not MUTATIONS[name].target_invariants.isdisjoint(
            broken
        )
    if not as_meant:
        print_progress("\n".join(lines[-MAX_SHOWN_LINES:]))
    print_progress(f"{name}: {', '.join(broken) or 'nothing'} broken")
    return as_meant


def play_mutation(name: str) -> int:
    """Plays a run with one mutation, in this process."""
    end_by_signal()
    if name in SDK_MUTATIONS:
        SDK_MUTATIONS[name].apply()
    plan = PLANS.get(name, SMALL_PLAN)
    if name in SERVICE_MUTATIONS:
        path = os.pathsep.join(
            [str(Path(__file__).parent / "mutated_service"), str(ROOT)]
        )
        environment = {"PYTHONPATH": path, "CHAOS_MUTATION": name}
        plan = replace(plan, service_env=environment)
    result = run_plan(plan)
    print_report(result)
    if name in MUTATIONS and not MUTATIONS[name].target_invariants.isdisjoint(
        result.broken_names
    ):
        shutil.rmtree(result.ledgers)  # as expected: no need to keep it
    return 0 if result.is_passed else 1


if __name__ == "__main__":
    sys.exit(play_mutation(sys.argv[1]) if sys.argv[1:] else main())
