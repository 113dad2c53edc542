"""Report of a run: what was learned, which residual covers it, and what leaks."""

import re
from collections import Counter, defaultdict

from tools.attack.findings import Finding
from tools.attack.residuals import RESIDUALS, find_leaks, find_residual
from tools.attack.run import RunResult

MAX_SEEDS_SHOWN = 3


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
