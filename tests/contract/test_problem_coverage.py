"""The gaps that `make contract` reports when a test is missing."""

from tools.openapi.problem_coverage import (
    COMMON_CODES,
    list_coverage_gaps,
    list_documented_problems,
)

ALL_PROBLEMS = list_documented_problems() | {("sync", code) for code in COMMON_CODES}


def test_full_coverage_reports_no_gap():
    assert list_coverage_gaps(list_documented_problems(), ALL_PROBLEMS) == []


def test_a_problem_that_no_test_makes_an_operation_answer_is_named():
    seen = ALL_PROBLEMS - {("draw_ballots", "device-revoked")}

    assert list_coverage_gaps(list_documented_problems(), seen) == [
        "no test makes draw_ballots answer device-revoked"
    ]


def test_a_problem_that_any_operation_may_answer_is_wanted_of_one():
    seen = {(name, code) for name, code in ALL_PROBLEMS if code != "busy"}

    assert list_coverage_gaps(list_documented_problems(), seen) == [
        "no test produces busy"
    ]


def test_a_problem_that_nothing_documents_is_named():
    documented = {
        (name, code)
        for name, code in list_documented_problems()
        if code != "code-expired"
    }

    assert list_coverage_gaps(documented, ALL_PROBLEMS) == [
        "code-expired is documented nowhere"
    ]
