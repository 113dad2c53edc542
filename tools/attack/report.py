"""Report of a run: what was learned, which residual covers it, and what leaks."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from tools.attack.findings import Finding
from tools.attack.residuals import RESIDUALS, find_residual
from tools.attack.run import RunResult

MAX_SEEDS_SHOWN = 3


def find_leaks(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that no residual covers, each sentence once."""
    leaks: dict[tuple[str, ...], Finding] = {}
    for each in findings:
        if find_residual(each) is None:
            key = (each.attack, each.kind, each.moment, each.engine, each.sentence)
            leaks.setdefault(key, each)
    return list(leaks.values())


def print_report(result: RunResult) -> bool:
    """Print the report; return whether nothing leaks."""
    print("Known residuals that attacks came upon:")
    covered = Counter(find_residual(each) for each in result.ledger.findings)
    for number, residual in RESIDUALS.items():
        if covered[number]:
            print(f"  {number:4} {covered[number]:5}  {residual.title}")
    leaks = find_leaks(result.ledger.findings)
    by_attack: dict[tuple[str, ...], list[Finding]] = defaultdict(list)
    for leak in leaks:
        sentence = re.sub(r"\d+", "n", leak.sentence)
        by_attack[leak.attack, leak.kind, leak.moment, sentence].append(leak)
    for (attack, kind, moment, _), same in by_attack.items():
        print(f"leak {attack} ({kind}; {moment}): {same[0].sentence}")
        for leak in same[:MAX_SEEDS_SHOWN]:
            seed = "" if leak.seed == "all seeds" else f" SEED={leak.seed}"
            print(f"     repeat it: make attack ENGINE={leak.engine}{seed}")
    print(f"{result.seconds:.0f} s")
    ledger = result.ledger
    print(
        f"attack: {len(ledger.roles)} roles, {len(ledger.attacks)} attacks,"
        f" {result.agencies} agencies, leaks {len(by_attack)}"
    )
    return not by_attack
