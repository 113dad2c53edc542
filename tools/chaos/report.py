"""Report of a run: tables of faults, violations, and a last line of figures."""

from collections import Counter

from demo.wave_steps import print_progress
from tools.chaos.run import OTHER_KIND, REQUEST_KINDS, RunResult

MAX_SHOWN_VIOLATIONS = 5
"""Violations of one invariant that are printed."""


def print_report(result: RunResult) -> None:
    """Prints the report; the figures come last."""
    _print_network_faults(result.exchanges)
    _print_counts("faults of processes and disks, and attacks", result.fault_counts)
    _print_counts("sessions in bad circumstances", result.uses)
    _print_deaths("writes at which phones were killed", result.deadly_writes)
    _print_deaths(
        "writes at which workers and ticks were killed", result.service_writes
    )
    print_progress("")
    _print_counts("last status on the phones", result.final_statuses)
    for invariant, broken in result.violations.items():
        kept = "kept" if invariant.lacking is None else "-"
        verdict = "broken" if broken else kept
        why = "" if invariant.lacking is None else f": {invariant.lacking}"
        print_progress(f"{verdict:6}  {invariant.name:4} {invariant.promise}{why}")
        for violation in broken[:MAX_SHOWN_VIOLATIONS]:
            print_progress(f"        seed {result.plan.seed}: {violation}")
        if len(broken) > MAX_SHOWN_VIOLATIONS:
            print_progress(f"        and {len(broken) - MAX_SHOWN_VIOLATIONS} more")
    if not result.is_passed:
        print_progress(f"ledgers and outboxes are in {result.ledgers}")
    print_progress(str(result))


def _print_network_faults(counts: Counter[tuple[str, str]]) -> None:
    kinds = [*REQUEST_KINDS.values(), OTHER_KIND]
    faults = Counter[str]()
    for (fault, _), times in counts.items():
        faults[fault] += times
    width = max(map(len, faults), default=0)
    print_progress(
        f"{'network faults':{width}}" + "".join(f"{kind:>10}" for kind in kinds)
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
