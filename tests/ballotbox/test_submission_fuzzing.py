import json
import string

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rapport_schemas.enums import SubmissionReason, SubmissionStatus
from tests.support.admin import fields_of
from tests.support.ballots import digest_of, kid_of
from tests.support.http_phone import content, item, post_items

LAWS = settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
REFUSALS = {400, 413, 415, 422}
STATUSES = {status.value for status in SubmissionStatus}
REASONS = {None, *(reason.value for reason in SubmissionReason)}

TEXT = st.text() | st.text(st.characters(categories=["Cs", "Cc", "L"]))
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.fixture
def kid(service):
    agency = service.agency({"a": 8})
    return kid_of(agency, agency.announce(), "a")


def near_misses(ballot_factory, kid):
    """Items that are almost right: a good member here, anything there."""
    good = ballot_factory.ballot(kid)
    cut = st.integers(0, len(good)).map(lambda n: good[:n])
    swapped = st.tuples(
        st.integers(0, len(good) - 1), st.sampled_from(string.printable)
    ).map(lambda change: good[: change[0]] + change[1] + good[change[0] + 1 :])
    nearly = st.fixed_dictionaries(
        {},
        optional={
            "op": st.sampled_from(["submit", "withdraw"]) | JSON,
            "ballot": st.just(good) | cut | swapped | JSON,
            "content": st.just(content()) | contents() | JSON,
            "at": JSON,
        },
    )
    return nearly | JSON


def contents():
    """Frozen texts that are almost right."""
    right = json.loads(content())
    members = {name: st.just(value) | JSON for name, value in right.items()}
    members["answers"] |= st.dictionaries(
        st.sampled_from(list(right["answers"])) | TEXT, JSON
    )
    return st.fixed_dictionaries({}, optional=members).map(json.dumps) | TEXT


def understood(reply, items):
    """Checks a reply of 200: one closed result an item."""
    results = reply.get_json()["results"]
    assert len(results) == items
    assert {result["status"] for result in results} <= STATUSES
    assert {result["reason"] for result in results} <= REASONS
    return results


@LAWS
@given(data=st.data())
def test_any_items_get_one_result_each(service, kid, ballot_factory, data):
    items = data.draw(
        st.lists(near_misses(ballot_factory, kid), min_size=1, max_size=5)
    )
    body = json.dumps({"protocol": 1, "batch": "b", "items": items})

    reply = service.http.post(
        "/v1/submissions", data=body, content_type="application/json"
    )

    if reply.status_code == 200:
        understood(reply, len(items))
    else:
        assert reply.status_code in REFUSALS
        assert reply.get_json()["retry"] == "after_fix"


@LAWS
@given(frozen=contents())
@example('{"form":NaN}')
@example('{"form":1e999,"answers":{},"context":null,"nonce":""}')
@example("\x00")
def test_content_under_a_good_ballot_is_taken_or_too_large(
    service, kid, ballot_factory, frozen
):
    reply = post_items(service.http, item(ballot_factory.ballot(kid), frozen))

    assert reply.status_code == 200
    (result,) = understood(reply, 1)
    try:
        large = len(frozen.encode()) > 4096
    except UnicodeEncodeError:
        assert result["reason"] == "undecodable"
        return
    assert (result["reason"] == "too_large") == large
    if not large:
        assert result["status"] in {"accepted", "held"}
        assert result["digest"] == digest_of(frozen)


@LAWS
@given(body=st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
@example(b"")
@example(b"\xff\xfe")
@example(b"[" * 100_000)
@example(b"1" * 10_000)
@example(b'{"protocol":1,"protocol":1,"batch":"b","items":[{}]}')
@example(b'{"protocol":1,"batch":"b","items":[NaN]}')
def test_no_body_makes_the_service_fail(service, body):
    reply = service.http.post(
        "/v1/submissions", data=body, content_type="application/json"
    )

    assert reply.status_code in REFUSALS
    assert reply.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "change",
    [
        {"protocol": 2},
        {"protocol": True},
        {"protocol": "1"},
        {"protocol": 10**30},
        {"batch": ""},
        {"batch": "b" * 65},
        {"batch": 7},
        {"batch": None},
        {"items": None},
        {"items": {}},
        {"items": "submit"},
        {"device": "mine"},
    ],
    ids=str,
)
def test_a_wrong_envelope_is_refused_and_the_field_is_named(service, change):
    envelope = {"protocol": 1, "batch": "b", "items": [None]} | change

    reply = service.http.post("/v1/submissions", json=envelope)

    assert reply.status_code in REFUSALS
    assert fields_of(reply) == list(change)
