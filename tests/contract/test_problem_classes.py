"""Every problem of the service has an exception in the SDK, and the reverse."""

import pytest

from rapport_client.errors import PROBLEMS, ProblemError, UnknownProblem
from rapport_schemas.problems import Problem


def codes_without_class(classes):
    """Codes that a program could only tell apart by their text."""
    return {
        problem.kind.code
        for problem in Problem
        if classes.get(problem.kind.code, UnknownProblem) is UnknownProblem
    }


def test_every_code_has_a_class():
    assert codes_without_class(PROBLEMS) == set()


def test_planted_code_without_class_is_detected():
    assert codes_without_class({**PROBLEMS, "busy": UnknownProblem}) == {"busy"}


def test_no_class_is_for_a_code_that_is_gone():
    assert PROBLEMS.keys() == {problem.kind.code for problem in Problem}


@pytest.mark.parametrize("code", ["scope-missing", "client-revoked", "device-revoked"])
def test_permission_and_revocation_have_classes_of_their_own(code):
    alike = [other for other, error in PROBLEMS.items() if error is PROBLEMS[code]]

    assert alike == [code]
    assert PROBLEMS[code] is not ProblemError
