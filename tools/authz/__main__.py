"""``make authz``: every operation, by every kind of caller, against the table."""

import sys

from tools.authz.comparison import compare, list_unasked_views
from tools.authz.scenario import start_scenario
from tools.authz.table import load_table


def main() -> int:
    """Compares everything; prints the differences, and how many are as declared."""
    with start_scenario() as scenario:
        table = load_table([*scenario.callers], scenario.foreign)
        unasked = list_unasked_views(scenario, table)
        combinations = list(table.combinations())
        differences = list(compare(scenario, combinations))
    for view in unasked:
        print(f"no row for {view}")
    for difference in differences:
        print(difference)
    as_declared = len(combinations) - len(differences)
    print(f"authz: {len(combinations)} combinations, {as_declared} as declared")
    return int(bool(differences or unasked))


if __name__ == "__main__":
    sys.exit(main())
