"""Problems of ``docs/field-problems.md``, by number, where the service answers.

Each test replays what users of another tool reported; its docstring names the thread.
"""

import json
from functools import partial

import pytest

from rapport_service.ballotbox.models import Submission
from rapport_service.encoding import base64url
from rapport_service.instrument.bank import instrument_by_digest
from rapport_service.registry.models import Charter
from tests.ballotbox.poisoned_items import poisoned_items
from tests.support.ballots import kid_of, stored_hash
from tests.support.concurrency import run_concurrently
from tests.support.http_phone import (
    content,
    item,
    post_items,
    submit,
    unopenable_content,
    withdrawal,
)
from tests.support.rows import rows_of
from tests.support.service import Agency
from tests.support.submissions import identical_contents

SETTLING_RESULTS = {"accepted", "duplicate", "withdrawn", "final"}


@pytest.fixture
def agency(service) -> Agency:
    return service.agency({"a": 8, "b": 8})


def item_results(agency, *batch):
    results = submit(agency.service.http, *batch)
    return [(result["status"], result["reason"]) for result in results]


def test_t1_content_that_changed_after_a_lost_reply_is_final(agency, ballot):
    """getodk/collect#4589: refused for ever, since the same id had other bytes."""
    item_results(agency, item(ballot, content()))  # the reply is lost
    changed = item(ballot, content())

    assert item_results(agency, changed) == [("final", "envelope_conflict")]
    assert item_results(agency, changed) == [("final", "envelope_conflict")]
    assert len(rows_of(Submission, agency)) == 1


def test_t2_a_batch_sent_many_times_at_once_is_stored_once(
    agency, wave, ballot_factory
):
    """kobotoolbox/kpi#5047, getodk/getodk#50: ten rows for one form."""
    batch = [item(b, content()) for b in ballot_factory.ballots(agency, wave, "a", 5)]

    results_by_sender = run_concurrently(
        agency.service, *[partial(item_results, agency, *batch)] * 6
    )

    for results in zip(*results_by_sender, strict=True):
        assert sorted(results) == [("accepted", None), *[("duplicate", None)] * 5]
    assert len(rows_of(Submission, agency)) == 5


def test_t3_one_of_two_contents_at_once_is_accepted_and_one_final(agency, ballot):
    """enketo/enketo#942: one draft in two tabs, two answers, one id."""
    frozen = [content(value=value) for value in (2, 5)]

    results_by_sender = run_concurrently(
        agency.service,
        *(partial(item_results, agency, item(ballot, each)) for each in frozen),
    )

    assert sorted(results_by_sender) == [
        [("accepted", None)],
        [("final", "envelope_conflict")],
    ]
    (row,) = rows_of(Submission, agency)
    assert base64url.encode(row.envelope) in {each.envelope(ballot) for each in frozen}


def test_t4_results_of_a_batch_agree_with_the_database(agency, wave, ballot_factory):
    """efgs-federation-gateway#269, mozilla-services/cliquet#629: reported as
    created although the batch was rolled back; a bad entity refused the whole batch.
    """
    kid = kid_of(agency, wave, "a")
    for index, (bad, _) in enumerate(poisoned_items(ballot_factory, kid)):
        good = [item(ballot_factory.ballot(kid), content()) for _ in range(3)]
        place = index % 4

        results = item_results(agency, *good[:place], bad, *good[place:])

        assert results.pop(place)[0] == "rejected"
        assert results == [("accepted", None)] * 3
        stored = {row.ballot_hash for row in rows_of(Submission, agency)}
        assert {stored_hash(each["ballot"]) for each in good} <= stored


def test_t6_item_faults_are_rejected_and_never_server_errors(
    agency, wave, ballot_factory
):
    """dimagi/commcare-hq#25609: a permanent fault as 500, retried without end."""
    faults = [
        raw for raw, _ in poisoned_items(ballot_factory, kid_of(agency, wave, "a"))
    ]

    replies = [post_items(agency.service.http, raw) for raw in faults]

    assert {reply.status_code for reply in replies} == {200}
    statuses = {r["status"] for reply in replies for r in reply.get_json()["results"]}
    assert statuses == {"rejected"}


def test_t7_a_too_large_request_is_refused_with_the_limit(agency, ballot):
    """medic/cht-core#6143: over the limit every time; the user can never recover."""
    much = [item(ballot, "x" * 4000)] * 300

    reply = post_items(agency.service.http, *much)

    assert reply.status_code == 413
    assert reply.get_json()["limits"]["bytes"] == 1024 * 1024
    half = post_items(agency.service.http, *much[:150])
    assert half.status_code == 200


def test_t8_a_person_who_moved_answers_in_the_team_of_the_ballot(agency, wave):
    """medic/cht-core#5701, #8186: moved in the hierarchy, edits never synced."""
    ballot = agency.phone("a-1").draw(wave)
    kid = kid_of(agency, wave, "a")
    agency.put({"a": 0, "b": 9}, {}, {})  # a-1 is no longer in the roster at all

    result = item_results(agency, item(ballot, content()))

    assert result == [("accepted", None)]
    (row,) = rows_of(Submission, agency)
    assert row.kid == kid


def test_t10_no_clock_of_a_phone_reaches_the_ballot_box(agency, wave, ballot_factory):
    """medic/cht-core#4957, akvo/akvo-flow#266: dates of 1970, or five years off."""
    dates = ["Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 2077 23:59:59 GMT", "soon"]
    for date, ballot in zip(
        dates, ballot_factory.ballots(agency, wave, "a", 3), strict=True
    ):
        body = {"protocol": 1, "batch": "b", "items": [item(ballot, content())]}

        reply = agency.service.http.post(
            "/v1/submissions", json=body, headers={"Date": date}
        )

        assert reply.get_json()["results"][0]["status"] == "accepted"


def test_t11_answer_to_any_version_is_taken_until_the_seal(
    agency, wave, ballot_factory, ballot
):
    """getodk/central#80, getodk/collect#5947: an unknown version refused, a draft
    trapped on a broken one.
    """
    (other,) = ballot_factory.ballots(agency, wave, "a", 1)
    issued = instrument_by_digest(
        json.loads(rows_of(Charter, agency)[0].document)["instrument_digest"]
    )
    agency.tick(days=2)
    agency.tick(days=7)

    results = item_results(
        agency,
        item(ballot, content(form=len(issued.forms) - 1)),
        item(other, content(form=4711)),  # the seal does not count it
    )

    assert results == [("accepted", None)] * 2


def test_t12_a_withdrawal_before_its_answer_has_the_same_result(
    agency, wave, ballot_factory
):
    """getodk/central#669, #705, #808: the second edit before the first, then stuck."""
    right, wrong = ballot_factory.ballots(agency, wave, "a", 2)
    frozen = content()

    item_results(agency, item(right, frozen), withdrawal(right))
    item_results(agency, withdrawal(wrong), item(wrong, frozen))

    assert (
        item_results(agency, item(right, frozen), item(wrong, frozen))
        == [("withdrawn", None)] * 2
    )
    rows = rows_of(Submission, agency)
    assert [(row.status, row.envelope) for row in rows] == [("withdrawn", None)] * 2


@pytest.mark.parametrize("sealed", [False, True], ids=["taking", "sealed"])
def test_t13_settled_items_sent_again_change_nothing(
    agency, wave, ballot_factory, sealed
):
    """getodk/central#794, #802: resending what was edited or deleted misleads."""
    counted, withdrawn = ballot_factory.ballots(agency, wave, "a", 2)
    frozen = content()
    item_results(
        agency, item(counted, frozen), item(withdrawn, frozen), withdrawal(withdrawn)
    )
    if sealed:
        agency.seal()

    for _ in range(3):
        results = item_results(agency, item(counted, frozen), item(withdrawn, frozen))
        assert results == [("duplicate", None), ("withdrawn", None)]


def test_t15_an_answer_needs_no_login(agency, wave):
    """Jan-IngenHousz-Institute/open-jii#1082, enketo/enketo#1127: logged out in the
    desert, and the next user inherits the queue.
    """
    phone = agency.phone("a-1")
    ballot = phone.draw(wave)
    agency.phone("a-1").http.post("/v1/token", data={})  # no token, no session
    agency.enrol_with_code(
        agency.code("a-1")
    )  # another phone takes over: this one is revoked
    agency.service.clock.advance(days=3)

    assert item_results(agency, item(ballot, content())) == [("accepted", None)]


def test_every_result_of_a_good_ballot_settles_the_item(agency, wave, ballot_factory):
    ballots = ballot_factory.ballots(agency, wave, "a", 6)
    contents = [*identical_contents(3), content(value=9), *[unopenable_content()] * 2]

    statuses = {
        status for status, _ in item_results(agency, *map(item, ballots, contents))
    }

    assert statuses <= SETTLING_RESULTS
