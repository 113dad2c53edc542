"""What a run tells at its end: faults as a table, violations, one line of figures."""

from collections import Counter

from demo.wave_steps import print_progress
from tools.chaos.run import OTHER_KIND, REQUEST_KINDS, RunResult

MAX_SHOWN_VIOLATIONS = 5
"""Violations of one invariant that are spelled out."""


def print_report(findings: RunResult) -> None:
    """Prints it all; the figures come last."""
    _print_network_faults(findings.exchanges)
    _print_counts(
        "done to processes and disks, and by an attacker", findings.fault_counts
    )
    _print_counts("devices were used", findings.uses)
    _print_deaths("phones died at these of a session's writes", findings.deadly_writes)
    _print_deaths("workers and ticks died at these writes", findings.service_writes)
    print_progress("")
    _print_counts("what phones heard last", findings.final_statuses)
    for invariant, broken in findings.violations.items():
        kept = "kept" if invariant.is_exercised else "-"
        verdict = "broken" if broken else kept
        why = "" if invariant.is_exercised else ": nothing was rolled back in this run"
        print_progress(f"{verdict:6}  {invariant.name:4} {invariant.promise}{why}")
        for violation in broken[:MAX_SHOWN_VIOLATIONS]:
            print_progress(f"        seed {findings.plan.seed}: {violation}")
        if len(broken) > MAX_SHOWN_VIOLATIONS:
            print_progress(f"        and {len(broken) - MAX_SHOWN_VIOLATIONS} more")
    if not findings.is_passed:
        print_progress(f"ledgers and outboxes are in {findings.ledgers}")
    print_progress(str(findings))


def _print_network_faults(counts: Counter[tuple[str, str]]) -> None:
    kinds = [*REQUEST_KINDS.values(), OTHER_KIND]
    faults = Counter[str]()
    for (fault, _), times in counts.items():
        faults[fault] += times
    width = max(map(len, faults), default=0)
    print_progress(
        f"{'on the line':{width}}" + "".join(f"{kind:>10}" for kind in kinds)
    )
    for fault, _ in faults.most_common():
        row = "".join(f"{counts[fault, kind] or '':>10}" for kind in kinds)
        print_progress(f"{fault:{width}}{row}")
    print_progress("")


def _print_deaths(head: str, writes: set[int]) -> None:
    print_progress(f"{head}: {', '.join(map(str, sorted(writes))) or 'none'}")


def _print_counts(head: str, counts: Counter[str]) -> None:
    width = max(map(len, [head, *counts]))
    print_progress(f"{head:{width}}  times")
    for name, times in counts.most_common():
        print_progress(f"{name:{width}}  {times:5}")
    print_progress("")
