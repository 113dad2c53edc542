"""What `make contract` says when a test is missing."""

from tests.contract.problems import ANYWHERE, documented, unproduced

EVERYTHING = documented() | {("get_sync", code) for code in ANYWHERE}


def test_where_everything_was_seen_nothing_is_said():
    assert unproduced(documented(), EVERYTHING) == []


def test_a_problem_that_no_test_makes_an_operation_answer_is_named():
    seen = EVERYTHING - {("post_ballots", "device-revoked")}

    assert unproduced(documented(), seen) == [
        "no test makes post_ballots answer device-revoked"
    ]


def test_a_problem_that_any_operation_may_answer_is_wanted_of_one():
    seen = {(name, code) for name, code in EVERYTHING if code != "busy"}

    assert unproduced(documented(), seen) == ["no test produces busy"]


def test_a_problem_that_nothing_documents_is_named():
    told = {(name, code) for name, code in documented() if code != "code-expired"}

    assert unproduced(told, EVERYTHING) == ["code-expired is documented nowhere"]
