"""Invariants I8 (parallel batches: one is accepted) and I7 (one envelope wins)."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from rapport_service.ballotbox.models import SpentBallot, StoredStatus, Submission
from rapport_service.blindsign.ballot import parse
from rapport_service.core.db import db
from rapport_service.encoding import base64url
from tests.support.ballots import envelope_digest, hash_of, kid_of
from tests.support.concurrency import run_concurrently
from tests.support.http_phone import content, item, post_items, submit, withdrawal
from tests.support.rows import rows_of

SENDERS = 5
ITEMS = 24


@pytest.fixture
def ballots(agency, ballot_factory):
    kid = kid_of(agency, agency.announce(), "a")
    return [ballot_factory.ballot(kid) for _ in range(ITEMS)]


def send_concurrently(service, batches):
    """Sends each batch from a thread of its own; counts the results of each ballot."""
    replies = run_concurrently(
        service, *(partial(post_items, service.http, *batch) for batch in batches)
    )
    assert {reply.status_code for reply in replies} == {200}
    results_by_ballot = {}
    for reply in replies:
        for result in reply.get_json()["results"]:
            results_by_ballot.setdefault(result["hash"], []).append(
                (result["status"], result["reason"])
            )
    return {ballot: Counter(results) for ballot, results in results_by_ballot.items()}


def shuffled(batch):
    return random.sample(batch, len(batch))


def test_identical_batches_at_once_are_accepted_exactly_once(service, agency, ballots):
    batch = [item(ballot, content()) for ballot in ballots]

    results_by_ballot = send_concurrently(service, [batch] * SENDERS)

    once = {("accepted", None): 1, ("duplicate", None): SENDERS - 1}
    assert results_by_ballot == {hash_of(ballot): once for ballot in ballots}
    assert len(rows_of(Submission, agency)) == ITEMS


def test_the_same_items_in_another_order_never_deadlock(service, agency, ballots):
    batch = [item(ballot, content()) for ballot in ballots]

    results_by_ballot = send_concurrently(
        service, [shuffled(batch) for _ in range(SENDERS)]
    )

    once = {("accepted", None): 1, ("duplicate", None): SENDERS - 1}
    assert results_by_ballot == {hash_of(ballot): once for ballot in ballots}
    assert len(rows_of(Submission, agency)) == ITEMS


def test_one_of_different_envelopes_at_once_wins_and_the_others_are_final(
    service, agency, ballots
):
    batches = [[item(ballot, content()) for ballot in ballots] for _ in range(SENDERS)]

    results_by_ballot = send_concurrently(
        service, [shuffled(batch) for batch in batches]
    )

    expected = {("accepted", None): 1, ("final", "envelope_conflict"): SENDERS - 1}
    assert results_by_ballot == {hash_of(ballot): expected for ballot in ballots}
    assert len(rows_of(Submission, agency)) == ITEMS


def test_other_envelopes_at_once_of_spent_ballots_change_nothing(
    service, agency, ballots
):
    submit(service.http, *(item(ballot, content()) for ballot in ballots))
    agency.seal()
    batches = [[item(ballot, content()) for ballot in ballots] for _ in range(SENDERS)]

    results_by_ballot = send_concurrently(
        service, [shuffled(batch) for batch in batches]
    )

    final = {("final", "envelope_conflict"): SENDERS}
    assert results_by_ballot == {hash_of(ballot): final for ballot in ballots}
    assert rows_of(Submission, agency) == []
    assert len(rows_of(SpentBallot, agency)) == ITEMS


@pytest.mark.postgresql  # SQLite has one writer at a time
def test_two_batches_never_hold_what_the_other_waits_for(service, agency, ballots):
    first, middle, last = ballots[:3]
    frozen = content()
    there = [item(first, frozen), item(middle, frozen), item(last, frozen)]
    back = there[::-1]

    with Session(db.engine) as third, ThreadPoolExecutor(2) as pool:
        third.execute(insert(Submission), row(agency, middle, frozen))
        sent = [
            pool.submit(post_items, service.http, *batch) for batch in (there, back)
        ]
        while (
            count_waiting_transactions(third) < 2
        ):  # both have begun to insert, neither can end
            assert not any(reply.done() for reply in sent)
        third.rollback()
        replies = [reply.result() for reply in sent]

    assert [reply.status_code for reply in replies] == [200, 200]
    assert len(rows_of(Submission, agency)) == 3


@pytest.mark.postgresql  # SQLite has one writer at a time
def test_two_batches_of_withdrawals_never_hold_what_the_other_waits_for(
    service, ballots
):
    submit(service.http, *(item(ballot, content()) for ballot in ballots))
    there = [withdrawal(ballot) for ballot in ballots]

    results_by_ballot = send_concurrently(service, [there, there[::-1]] * 2)

    withdrawn = {("withdrawn", None): 4}
    assert results_by_ballot == {hash_of(ballot): withdrawn for ballot in ballots}


def row(agency, ballot, frozen):
    """The row of an envelope."""
    parsed = parse(ballot)
    sealed = frozen.envelope(ballot)
    return {
        "organization_id": agency.id,
        "kid": parsed.kid,
        "ballot_hash": parsed.hash,
        "digest": envelope_digest(sealed),
        "envelope": base64url.decode(sealed),
        "status": StoredStatus.ACCEPTED,
    }


def count_waiting_transactions(session):
    """The number of transactions that wait for another to end."""
    return session.scalar(
        text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype <> 'tuple'")
    )
