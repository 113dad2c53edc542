"""``make attack-selftest``: do attacks notice a service or an SDK that is weakened?

Each mutation gets a small run, and one run has none. A mutation is caught if an attack
that it opens the door to leaks. Exit status 0 if every mutation was caught and the run
without one leaked nothing.
"""

import sys
from argparse import ArgumentParser
from dataclasses import replace

from tools.attack.deployment import ENGINES
from tools.attack.mutations import MUTATIONS
from tools.attack.residuals import find_leaks
from tools.attack.run import RunPlan, run

UNMUTATED = ""
SMALL = RunPlan((1,), ("sqlite",), waves=1, units=(1, 2), has_readers=False)
READ = replace(SMALL, has_readers=True, shape="small teams")
ORDERS = replace(SMALL, seeds=(1, 2, 3))

PLANS = {
    UNMUTATED: RunPlan((1,), ENGINES, waves=2, units=(1, 2)),
    "key in spent ballots": ORDERS,
    "one sealing key for two waves": replace(SMALL, waves=2),
    "rows in order of arrival": ORDERS,
    "planner without loop": READ,
    "overall without its own count": replace(READ, shape="silent root"),
    "live counts": READ,
    "overlapping waves": READ,
    "interval around the hidden score": READ,
    "form by rank": ORDERS,
    "no rewrite": replace(ORDERS, engines=("postgresql",)),
}
"""Plans of runs that need more than one small agency without readers."""


def main() -> int:
    """Plays every run; returns the exit status."""
    parser = ArgumentParser(prog="make attack-selftest", description=__doc__)
    parser.add_argument("names", nargs="*", help="mutations; all by default")
    names = parser.parse_args().names or [UNMUTATED, *MUTATIONS]
    results = {name: _play(name) for name in names}
    mutated = [name for name in names if name]
    caught = sum(results[name] for name in mutated)
    print(f"attack-selftest: {caught} of {len(mutated)} caught")
    return 0 if all(results.values()) else 1


def _play(name: str) -> bool:
    """Plays one run and prints its outcome; returns whether it is the expected one."""
    try:
        result = run(PLANS.get(name, SMALL).mutated(name))
    except Exception as error:  # noqa: BLE001 - a run that fails has noticed nothing
        print(f"{name or 'no mutation'}: NOT as expected: {error!r}", flush=True)
        return False
    leaks = find_leaks(result.ledger.findings)
    attacks = sorted({leak.attack for leak in leaks})
    if name == UNMUTATED:
        as_meant = not leaks
    else:
        as_meant = any(each.startswith(MUTATIONS[name].attacks) for each in attacks)
    outcome = "as expected" if as_meant else "NOT as expected"
    shown = "; ".join(attacks[:4]) or "nothing"
    print(f"{name or 'no mutation'}: {outcome}: {shown}", flush=True)
    return as_meant


if __name__ == "__main__":
    sys.exit(main())
