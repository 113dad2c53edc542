"""What a run tells at its end: faults as a table, violations, one line of figures."""

from collections import Counter

from demo.playing import say
from tests.chaos.run import KINDS, OTHER, Findings

SHOWN = 5
"""Violations of one invariant that are spelled out."""


def tell(findings: Findings) -> None:
    """Prints it all; the figures come last."""
    _crossed(findings.crossed)
    _counts("done to processes and disks, and by an attacker", findings.harm)
    _counts("devices were used", findings.uses)
    _deaths("phones died at these of a session's writes", findings.deadly_writes)
    _deaths("workers and ticks died at these writes", findings.service_writes)
    say("")
    _counts("what phones heard last", findings.fates)
    for invariant, broken in findings.violations.items():
        kept = "kept" if invariant.asked else "-"
        verdict = "broken" if broken else kept
        why = "" if invariant.asked else ": nothing was rolled back in this run"
        say(f"{verdict:6}  {invariant.name:4} {invariant.promise}{why}")
        for violation in broken[:SHOWN]:
            say(f"        seed {findings.plan.seed}: {violation}")
        if len(broken) > SHOWN:
            say(f"        and {len(broken) - SHOWN} more")
    if not findings.all_is_well:
        say(f"ledgers and outboxes are in {findings.ledgers}")
    say(str(findings))


def _crossed(counts: Counter[tuple[str, str]]) -> None:
    kinds = [*KINDS.values(), OTHER]
    faults = Counter[str]()
    for (fault, _), times in counts.items():
        faults[fault] += times
    width = max(map(len, faults), default=0)
    say(f"{'on the line':{width}}" + "".join(f"{kind:>10}" for kind in kinds))
    for fault, _ in faults.most_common():
        row = "".join(f"{counts[fault, kind] or '':>10}" for kind in kinds)
        say(f"{fault:{width}}{row}")
    say("")


def _deaths(head: str, writes: set[int]) -> None:
    say(f"{head}: {', '.join(map(str, sorted(writes))) or 'none'}")


def _counts(head: str, counts: Counter[str]) -> None:
    width = max(map(len, [head, *counts]))
    say(f"{head:{width}}  times")
    for name, times in counts.most_common():
        say(f"{name:{width}}  {times:5}")
    say("")
