"""``make contract``: comparison of the document, the examples and the tests.

Three readers take the examples: the service, which must still answer so; the published
schemas; the SDK. Which problems the tests produced is counted while they run, by the
client that checks every response. Properties are counted with parameters and headers:
all that needs a description.
"""

import json
import sys
from collections.abc import Sequence

import pytest

from tools.openapi import document
from tools.openapi.conformance import produced_problems
from tools.openapi.descriptions import (
    Node,
    list_described,
    list_operation_nodes,
    list_unbounded_numbers,
    list_undescribed,
    list_unformatted,
)
from tools.openapi.example_files import load_examples
from tools.openapi.linked_examples import list_missing_examples
from tools.openapi.problem_coverage import (
    COMMON_CODES,
    list_coverage_gaps,
    list_documented_problems,
)

TESTS = (
    "tests/api",
    "tests/contract",
    "client-sdk/tests/protocol/test_golden_examples.py",
)


class Failures:
    """Pytest plugin that keeps the names of failed tests."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called by pytest for each phase of a test."""
        if report.failed:
            self.names.append(report.nodeid)


def main() -> int:
    """Compares everything; prints the differences, and a count of each last."""
    differences = []
    shipped = document.DOCUMENT_PATH.read_text(encoding="utf-8")
    if shipped != document.render_document():
        differences.append("the document is stale: run `make openapi`")
    failures = Failures()
    outcome = pytest.main(
        ["-q", "--no-header", "-k", "not postgresql", *TESTS], plugins=[failures]
    )
    differences += [f"failed: {name}" for name in dict.fromkeys(failures.names)]
    if outcome != pytest.ExitCode.OK and not failures.names:
        differences.append(f"the tests did not run: {pytest.ExitCode(outcome).name}")
    differences += list_coverage_gaps(list_documented_problems(), produced_problems)
    differences += document.list_stale_descriptions()
    return print_report(json.loads(shipped), differences)


def print_report(published: Node, differences: Sequence[str]) -> int:
    """Prints what a document lacks, the differences, and a count of each last.

    Args:
        published: the document.
        differences: those found elsewhere.

    Returns:
        The exit status: 0 where there is nothing to mend.
    """
    undescribed = list_undescribed(published)
    differences = [
        *differences,
        *list_unbounded_numbers(published),
        *list_unformatted(published),
        *list_missing_examples(published),
    ]
    for line in (*undescribed, *differences):
        print(line)
    problems = list_documented_problems() | {(None, code) for code in COMMON_CODES}
    print(
        f"contract: {len(list(list_operation_nodes(published)))} operations, "
        f"{len(load_examples())} examples, {len(problems)} problems, "
        f"{len(list(list_described(published)))} properties, "
        f"{len(undescribed)} undescribed, {len(differences)} differences"
    )
    return 1 if undescribed or differences else 0


if __name__ == "__main__":
    sys.exit(main())
