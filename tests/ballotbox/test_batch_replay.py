"""Invariants I4 (a replay changes nothing) and I5 (nor does another cut)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect

from rapport_service.ballotbox.models import Answer, SpentBallot, Submission
from rapport_service.blindsign.ballot import parse
from rapport_service.encoding import base64url
from tests.ballotbox.poisoned_items import poisoned_items
from tests.support.ballots import kid_of
from tests.support.http_phone import (
    content,
    invalid_content,
    item,
    submit,
    unopenable_content,
    withdrawal,
)
from tests.support.rows import rows_of

LAWS = settings(
    max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PEOPLE = 4


@pytest.fixture
def kid(agency):
    return kid_of(agency, agency.announce(), "a")


def dump(agency):
    """Everything behind the ballot-box door, value by value."""
    return [
        (
            table.__tablename__,
            *(getattr(row, column.key) for column in inspect(table).columns),
        )
        for table in (Submission, Answer, SpentBallot)
        for row in rows_of(table, agency)
    ]


def deliver(agency, *batch):
    results = submit(agency.service.http, *batch)
    return [(result["status"], result["reason"]) for result in results]


@LAWS
@given(
    batches=st.lists(st.lists(st.integers(0, PEOPLE - 1), min_size=1, max_size=6)),
    rest=st.permutations(range(PEOPLE)),
)
def test_however_answers_are_cut_into_batches_the_same_rows_are_stored(
    agency, kid, ballot_factory, batches, rest
):
    frozen = {ballot_factory.ballot(kid): content(form) for form in range(PEOPLE)}
    ballots = list(frozen)
    results_by_ballot = {ballot: [] for ballot in ballots}

    for batch in [*batches, rest]:
        sent = [ballots[person] for person in batch]
        results = deliver(agency, *(item(ballot, frozen[ballot]) for ballot in sent))
        for ballot, result in zip(sent, results, strict=True):
            results_by_ballot[ballot].append(result)

    for ballot_results in results_by_ballot.values():
        assert ballot_results == [
            ("accepted", None),
            *[("duplicate", None)] * (len(ballot_results) - 1),
        ]
    hashes = {parse(ballot).hash: ballot for ballot in ballots}
    stored = {
        hashes[row.ballot_hash]: base64url.encode(row.envelope)
        for row in rows_of(Submission, agency)
        if row.ballot_hash in hashes
    }
    assert stored == {ballot: frozen[ballot].envelope(ballot) for ballot in ballots}


@pytest.fixture(params=["taking", "sealed"])
def any_kid(request, agency, kid):
    """The key of a wave that still takes answers, and of one that is sealed."""
    if request.param == "sealed":
        agency.seal()
    return kid


@LAWS
@given(data=st.data())
def test_the_same_batch_again_changes_no_row_and_gets_the_same_results(
    agency, any_kid, ballot_factory, data
):
    ballots = [ballot_factory.ballot(any_kid) for _ in range(PEOPLE)]
    contents = [content(), content(), invalid_content(), unopenable_content()]
    good = st.builds(item, st.sampled_from(ballots), st.sampled_from(contents))
    good |= st.sampled_from([withdrawal(ballot) for ballot in ballots])
    bad = st.sampled_from([raw for raw, _ in poisoned_items(ballot_factory, any_kid)])
    batch = data.draw(st.lists(good | bad, min_size=1, max_size=12))
    first = deliver(agency, *batch)
    before = dump(agency)

    second, third = deliver(agency, *batch), deliver(agency, *batch)

    assert dump(agency) == before
    withdrawn = {
        sent["ballot"]
        for sent, result in zip(batch, first, strict=True)
        if result == ("withdrawn", None)
    }
    replayed = [
        _present_result(sent, result, withdrawn)
        for sent, result in zip(batch, first, strict=True)
    ]
    assert second == third == replayed


def _present_result(sent, result, withdrawn):
    """The result of an item of a batch that was taken before."""
    if result[0] == "rejected":
        return result
    if sent["ballot"] in withdrawn:
        return ("withdrawn", None)
    return ("duplicate", None) if result == ("accepted", None) else result


def test_first_of_two_envelopes_in_one_batch_wins_in_any_order_of_digests(
    agency, kid, ballot_factory
):
    low, high = content(value=1), content(value=5)

    results = [
        deliver(agency, item(ballot, first), item(ballot, second), item(ballot, first))
        for first, second in [(low, high), (high, low)]
        for ballot in [ballot_factory.ballot(kid)]
    ]

    expected = [("accepted", None), ("final", "envelope_conflict"), ("duplicate", None)]
    assert results == [expected, expected]
