"""Coverage of problems: those documented, and those that tests have produced."""

from rapport_schemas.problems import Problem
from tools.openapi import document
from tools.openapi.conformance import NO_OPERATION_CODES

COMMON_CODES = {problem.kind.code for problem in document.COMMON_PROBLEMS}
"""Documented for every operation; a test of one of them is enough."""

ProblemKey = tuple[str | None, str]
"""An operation, or None for an address without one, and a problem's code."""


def list_documented_problems() -> set[ProblemKey]:
    """Every problem of every operation, and those outside: operation, code."""
    documented: set[ProblemKey] = {(None, code) for code in NO_OPERATION_CODES}
    for rule, view, operation in document.list_operations(document.create_routes_app()):
        documented |= {
            (view.__name__, problem.kind.code)
            for problem in document.list_operation_problems(rule, operation)
        }
    return documented


def list_coverage_gaps(documented: set[ProblemKey], seen: set[ProblemKey]) -> list[str]:
    """Problems that are documented and not seen, and those that nothing documents."""
    codes = {code for _, code in documented} | COMMON_CODES
    return [
        *(
            f"no test makes {operation or 'an unknown address'} answer {code}"
            for operation, code in sorted(documented - seen, key=str)
        ),
        *(
            f"no test produces {code}"
            for code in sorted(COMMON_CODES - {code for _, code in seen})
        ),
        *(
            f"{problem.kind.code} is documented nowhere"
            for problem in Problem
            if problem.kind.code not in codes
        ),
    ]
