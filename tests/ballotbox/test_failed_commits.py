"""Invariants I3 (no result without its row) and I9 (a lost reply costs nothing)."""

import pytest
from sqlalchemy.exc import OperationalError

from rapport_service.ballotbox.models import Submission
from tests.support.ballots import kid_of
from tests.support.concurrency import failing_commits
from tests.support.http_phone import content, item, post_items, submit
from tests.support.rows import rows_of


@pytest.mark.parametrize(
    ("failure", "status"),
    [(OperationalError("COMMIT", {}, Exception()), 503), (RuntimeError(), 500)],
    ids=["database", "anything"],
)
def test_no_item_is_accepted_when_the_commit_fails(
    service, ballot_factory, failure, status
):
    agency = service.agency({"a": 8})
    ballot = ballot_factory.ballot(kid_of(agency, agency.announce(), "a"))
    frozen = content()

    with failing_commits(failure) as tried:
        reply = post_items(service.http, item(ballot, frozen))

    assert tried
    assert reply.status_code == status
    assert reply.get_json()["retry"] == "later"
    assert "results" not in reply.get_json()
    assert rows_of(Submission, agency) == []
    (again,) = submit(service.http, item(ballot, frozen))
    assert again["status"] == "accepted"


def test_a_lost_reply_costs_a_duplicate_and_nothing_else(service, ballot_factory):
    agency = service.agency({"a": 8})
    ballot = ballot_factory.ballot(kid_of(agency, agency.announce(), "a"))
    frozen = content()
    post_items(service.http, item(ballot, frozen))  # and the reply is lost

    (again,) = submit(service.http, item(ballot, frozen))

    assert again["status"] == "duplicate"
    assert len(rows_of(Submission, agency)) == 1
