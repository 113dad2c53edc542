"""``make contract``: comparison of the document, the examples and the tests.

Three readers take the examples: the service, which must still answer so; the published
schemas; the SDK. Which problems the tests produced is counted while they run, by the
client that checks every response.
"""

import sys

import pytest

from tools.openapi import document
from tools.openapi.conformance import produced_problems
from tools.openapi.examples import load_examples
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
    if document.DOCUMENT_PATH.read_text(encoding="utf-8") != document.render_document():
        differences.append("the document is stale: run `make openapi`")
    failures = Failures()
    outcome = pytest.main(
        ["-q", "--no-header", "-k", "not postgresql", *TESTS], plugins=[failures]
    )
    differences += [f"failed: {name}" for name in dict.fromkeys(failures.names)]
    if outcome != pytest.ExitCode.OK and not failures.names:
        differences.append(f"the tests did not run: {pytest.ExitCode(outcome).name}")
    documented = list_documented_problems()
    differences += list_coverage_gaps(documented, produced_problems)
    for difference in differences:
        print(difference)
    operations = len(list(document.list_operations(document.create_routes_app())))
    print(
        f"contract: {operations} operations, {len(load_examples())} examples, "
        f"{len(documented | {(None, code) for code in COMMON_CODES})} problems, "
        f"{len(differences)} differences"
    )
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
