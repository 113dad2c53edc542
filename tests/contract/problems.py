"""Which problems are documented, and whether tests have produced them all."""

from rapport_schemas.problems import Problem
from tests.contract import document
from tests.contract.published import NOWHERE

ANYWHERE = {problem.kind.code for problem in document.EVERYWHERE}
"""Documented for every operation; one that produces it will do."""

Produced = tuple[str | None, str]
"""An operation, or None for an address without one, and a problem's code."""


def documented() -> set[Produced]:
    """Every problem of every operation, and those outside: operation, code."""
    told: set[Produced] = {(None, code) for code in NOWHERE}
    for rule, view, operation in document.operations(document.app()):
        told |= {
            (view.__name__, problem.kind.code)
            for problem in document.problems(rule, operation)
        }
    return told


def unproduced(told: set[Produced], seen: set[Produced]) -> list[str]:
    """What is documented and not seen, and what nothing documents."""
    codes = {code for _, code in told} | ANYWHERE
    return [
        *(
            f"no test makes {operation or 'an unknown address'} answer {code}"
            for operation, code in sorted(told - seen, key=str)
        ),
        *(
            f"no test produces {code}"
            for code in sorted(ANYWHERE - {code for _, code in seen})
        ),
        *(
            f"{problem.kind.code} is documented nowhere"
            for problem in Problem
            if problem.kind.code not in codes
        ),
    ]
