"""What a run tells at its end: faults as a table, violations, one line of figures."""

from collections import Counter

from demo.playing import say
from tests.chaos.run import Findings

SHOWN = 5
"""Violations of one invariant that are spelled out."""


def tell(findings: Findings) -> None:
    """Prints it all; the figures come last."""
    _table("fault", findings.faults)
    _table("what phones heard last", findings.fates)
    for invariant, broken in findings.violations.items():
        verdict = "broken" if broken else "kept"
        say(f"{verdict:6}  {invariant.name:4} {invariant.promise}")
        for violation in broken[:SHOWN]:
            say(f"        seed {findings.plan.seed}: {violation}")
        if len(broken) > SHOWN:
            say(f"        and {len(broken) - SHOWN} more")
    say(str(findings))


def _table(head: str, counts: Counter[str]) -> None:
    width = max(len(head), *map(len, counts), 0) if counts else len(head)
    say(f"{head:{width}}  times")
    for name, times in counts.most_common():
        say(f"{name:{width}}  {times:5}")
    say("")
