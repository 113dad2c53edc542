"""Invariant I6: bad items change nothing for their neighbours."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport_schemas.problems import Problem
from rapport_schemas.submissions import MAX_REQUEST_BYTES
from rapport_service.ballotbox.models import SpentBallot, Submission
from tests.api import problem_checks
from tests.ballotbox.poisoned_items import poisoned_items
from tests.support.admin import fields_of
from tests.support.ballots import kid_of
from tests.support.http_phone import (
    content,
    invalid_content,
    item,
    post_items,
    submit,
    unopenable_content,
    withdrawal,
)
from tests.support.rows import rows_of


@pytest.fixture
def kid(agency):
    return kid_of(agency, agency.announce(), "a")


def neighbours(ballot_factory, kid):
    """A batch with almost every kind of good item, and their results."""
    first, second, third = (ballot_factory.ballot(kid) for _ in range(3))
    frozen = content()
    return [
        (item(first, frozen), "accepted", None),
        (item(first, frozen), "duplicate", None),
        (item(first, content()), "final", "envelope_conflict"),
        (item(second, invalid_content()), "accepted", None),
        (item(third, unopenable_content()), "accepted", None),
        (withdrawal(third), "withdrawn", None),
    ]


def test_every_unreadable_or_forged_item_is_rejected_with_its_reason(
    agency, kid, ballot_factory
):
    bad = poisoned_items(ballot_factory, kid)

    results = submit(agency.service.http, *(raw for raw, _ in bad))

    assert results == [result for _, result in bad]
    assert rows_of(Submission, agency) == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_bad_items_at_any_index_change_nothing_for_their_neighbours(
    agency, kid, ballot_factory, data
):
    """dimagi/commcare-android#1807, #1823: one bad record blocked all the others."""
    bad = st.lists(st.sampled_from(poisoned_items(ballot_factory, kid)), max_size=3)
    good = neighbours(ballot_factory, kid)
    batch, at = [], []
    for neighbour, _, _ in good:
        batch += [raw for raw, _ in data.draw(bad)]
        at.append(len(batch))
        batch.append(neighbour)
    batch += [raw for raw, _ in data.draw(bad)]
    stored = len(rows_of(Submission, agency))

    results = submit(agency.service.http, *batch)

    neighbour_results = [
        (results[index]["status"], results[index]["reason"]) for index in at
    ]
    assert neighbour_results == [(status, reason) for _, status, reason in good]
    bad_statuses = {result["status"] for n, result in enumerate(results) if n not in at}
    assert bad_statuses <= {"rejected"}
    assert len(rows_of(Submission, agency)) == stored + 3


def test_the_largest_batch_fits_and_is_read(agency, kid, ballot_factory):
    good = item(ballot_factory.ballot(kid), content())

    results = submit(agency.service.http, *[good] * 500)

    statuses = [result["status"] for result in results]
    assert statuses == ["accepted", *["duplicate"] * 499]
    assert len(json.dumps([good] * 500)) < MAX_REQUEST_BYTES


def test_answers_of_an_old_phone_are_named_and_nothing_is_stored(
    agency, kid, ballot_factory
):
    """The phone keeps them: the whole request is refused."""
    ballot = ballot_factory.ballot(kid)
    old = {"op": "submit", "ballot": ballot, "content": '{"form":0}'}

    reply = post_items(agency.service.http, item(ballot, content()), old, None, old)

    assert problem_checks.read_problem(reply) is Problem.INVALID
    assert reply.get_json()["errors"] == [
        {
            "pointer": f"/items/{index}/content",
            "code": "unknown-field",
            "detail": "is called envelope now, and is sealed",
        }
        for index in (1, 3)
    ]
    assert rows_of(Submission, agency) == []


def test_an_envelope_without_items_is_refused_and_says_so(service):
    reply = post_items(service.http)

    assert problem_checks.read_problem(reply) is Problem.INVALID
    assert fields_of(reply) == ["items"]


def test_an_item_too_many_is_too_large_as_a_byte_too_many_is(service):
    reply = post_items(service.http, *[None] * 501)

    assert problem_checks.read_problem(reply) is Problem.TOO_LARGE
    assert reply.get_json()["limits"]["items"] == 500


def test_a_batch_may_mix_organizations_and_waves(service, ballot_factory):
    agencies = [service.agency({"a": 8}), service.agency({"a": 8})]
    sealed = [agency.announce() for agency in agencies]
    before = [
        ballot_factory.ballots(a, w, "a", 2)
        for a, w in zip(agencies, sealed, strict=True)
    ]
    for agency in agencies:
        service.clock.reset()
        agency.seal()
    taking = [agency.announce() for agency in agencies]
    after = [
        ballot_factory.ballots(a, w, "a", 2)
        for a, w in zip(agencies, taking, strict=True)
    ]
    ballots = [before[0][0], after[1][0], before[1][0], after[0][0], after[1][1]]

    results = submit(service.http, *(item(ballot, content()) for ballot in ballots))

    statuses = [result["status"] for result in results]
    assert statuses == ["final", "accepted", "final", "accepted", "accepted"]
    assert [len(rows_of(Submission, agency)) for agency in agencies] == [1, 2]
    assert [len(rows_of(SpentBallot, agency)) for agency in agencies] == [0, 0]
