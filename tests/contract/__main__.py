"""``make contract``: the document, the examples and the tests, held against each other.

Three readers take the examples: the service, which must still answer so; the published
schemas; the SDK. Which problems the tests produced is counted while they run, by the
client that checks every response.
"""

import sys

import pytest

from tests.contract import document
from tests.contract.examples import frozen
from tests.contract.problems import ANYWHERE, documented, unproduced
from tests.contract.published import seen

TESTS = (
    "tests/api",
    "tests/contract",
    "client-sdk/tests/test_the_examples_are_understood.py",
)


class Failures:
    """Notes which tests fail."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called by pytest for each phase of a test."""
        if report.failed:
            self.names.append(report.nodeid)


def main() -> int:
    """Compares everything; says what differs, and counts."""
    differences = []
    if document.COMMITTED.read_text(encoding="utf-8") != document.text():
        differences.append("the document is stale: run `make openapi`")
    failures = Failures()
    outcome = pytest.main(
        ["-q", "--no-header", "-k", "not postgresql", *TESTS], plugins=[failures]
    )
    differences += [f"failed: {name}" for name in dict.fromkeys(failures.names)]
    if outcome != pytest.ExitCode.OK and not failures.names:
        differences.append(f"the tests did not run: {pytest.ExitCode(outcome).name}")
    told = documented()
    differences += unproduced(told, seen)
    for difference in differences:
        print(difference)
    operations = len(list(document.operations(document.app())))
    print(
        f"contract: {operations} operations, {len(frozen())} examples, "
        f"{len(told | {(None, code) for code in ANYWHERE})} problems, "
        f"{len(differences)} differences"
    )
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
