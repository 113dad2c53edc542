"""Which problems are documented, and whether tests have produced them all."""

from rapport_schemas.problems import Problem
from tools.openapi import document
from tools.openapi.conformance import NO_OPERATION_CODES

COMMON_CODES = {problem.kind.code for problem in document.COMMON_PROBLEMS}
"""Documented for every operation; one that produces it will do."""

ProblemKey = tuple[str | None, str]
"""An operation, or None for an address without one, and a problem's code."""


def list_documented_problems() -> set[ProblemKey]:
    """Every problem of every operation, and those outside: operation, code."""
    told: set[ProblemKey] = {(None, code) for code in NO_OPERATION_CODES}
    for rule, view, operation in document.list_operations(document.create_routes_app()):
        told |= {
            (view.__name__, problem.kind.code)
            for problem in document.list_operation_problems(rule, operation)
        }
    return told


def list_coverage_gaps(told: set[ProblemKey], seen: set[ProblemKey]) -> list[str]:
    """What is documented and not seen, and what nothing documents."""
    codes = {code for _, code in told} | COMMON_CODES
    return [
        *(
            f"no test makes {operation or 'an unknown address'} answer {code}"
            for operation, code in sorted(told - seen, key=str)
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
