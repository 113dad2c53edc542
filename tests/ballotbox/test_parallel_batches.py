"""Invariants I8 (parallel batches: one is accepted) and I7 (one content wins)."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from rapport_service.ballotbox.models import Conflict, StoredStatus, Submission
from rapport_service.blindsign.ballot import parse
from rapport_service.core.db import db
from tests.support.ballots import digest_of, hash_of, kid_of, stored_hash
from tests.support.concurrency import run_concurrently
from tests.support.http_phone import content, item, post_items, submit
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


def test_one_of_different_contents_at_once_wins_and_the_others_are_held(
    service, agency, ballots
):
    batches = [[item(ballot, content()) for ballot in ballots] for _ in range(SENDERS)]

    results_by_ballot = send_concurrently(
        service, [shuffled(batch) for batch in batches]
    )

    expected = {("accepted", None): 1, ("held", "content_conflict"): SENDERS - 1}
    assert results_by_ballot == {hash_of(ballot): expected for ballot in ballots}
    assert len(rows_of(Submission, agency)) == ITEMS
    kept = Counter(row.ballot_hash for row in rows_of(Conflict, agency))
    assert kept == {stored_hash(ballot): 2 for ballot in ballots}


def test_other_contents_at_once_of_counted_ballots_find_two_places_each(
    service, agency, ballots
):
    submit(service.http, *(item(ballot, content()) for ballot in ballots))
    agency.seal()
    batches = [[item(ballot, content()) for ballot in ballots] for _ in range(SENDERS)]

    results_by_ballot = send_concurrently(
        service, [shuffled(batch) for batch in batches]
    )

    held = {("held", "content_conflict"): SENDERS}
    assert results_by_ballot == {hash_of(ballot): held for ballot in ballots}
    kept = Counter(row.ballot_hash for row in rows_of(Conflict, agency))
    assert kept == {stored_hash(ballot): 2 for ballot in ballots}


def test_the_same_conflicts_at_once_in_any_order_are_held_once(
    service, agency, ballots
):
    submit(service.http, *(item(ballot, content()) for ballot in ballots))
    batch = [item(ballot, content()) for ballot in ballots]

    results_by_ballot = send_concurrently(
        service, [shuffled(batch) for _ in range(SENDERS)]
    )

    held = {("held", "content_conflict"): SENDERS}
    assert results_by_ballot == {hash_of(ballot): held for ballot in ballots}
    assert len(rows_of(Conflict, agency)) == ITEMS


@pytest.mark.postgresql  # SQLite has one writer at a time
@pytest.mark.parametrize("table", [Submission, Conflict])
def test_two_batches_never_hold_what_the_other_waits_for(
    service, agency, ballots, table
):
    first, middle, last = ballots[:3]
    frozen = content()
    if table is Conflict:
        submit(service.http, *(item(ballot, content()) for ballot in ballots[:3]))
    there = [item(first, frozen), item(middle, frozen), item(last, frozen)]
    back = there[::-1]

    with Session(db.engine) as third, ThreadPoolExecutor(2) as pool:
        third.execute(insert(table), row(table, agency, middle, frozen))
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
    assert len(rows_of(table, agency)) == 3


def row(table, agency, ballot, frozen):
    """The row of content that is held."""
    parsed = parse(ballot)
    common = {
        "organization_id": agency.id,
        "kid": parsed.kid,
        "ballot_hash": parsed.hash,
        "digest": digest_of(frozen),
        "content": frozen.encode(),
    }
    own = {"slot": 1} if table is Conflict else {"status": StoredStatus.HELD}
    return common | own


def count_waiting_transactions(session):
    """The number of transactions that wait for another to end."""
    return session.scalar(
        text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype <> 'tuple'")
    )
