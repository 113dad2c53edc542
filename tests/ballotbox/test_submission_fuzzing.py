import base64
import json
import string

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rapport_schemas.enums import SubmissionReason, SubmissionStatus
from rapport_service.encoding import base64url
from tests.support.admin import fields_of
from tests.support.ballots import envelope_digest, kid_of
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
    sealed = content().envelope(good)
    cut = st.integers(0, len(good)).map(lambda n: good[:n])
    swapped = st.tuples(
        st.integers(0, len(good) - 1), st.sampled_from(string.printable)
    ).map(lambda change: good[: change[0]] + change[1] + good[change[0] + 1 :])
    nearly = st.fixed_dictionaries(
        {},
        optional={
            "op": st.sampled_from(["submit", "withdraw"]) | JSON,
            "ballot": st.just(good) | cut | swapped | JSON,
            "envelope": st.just(sealed) | envelopes() | JSON,
            "at": JSON,
        },
    )
    return nearly | JSON


def envelopes():
    """Texts that are almost envelopes."""
    lengths = st.just(337) | st.integers(330, 345)
    data = lengths.flatmap(lambda n: st.binary(min_size=n, max_size=n))
    return data.map(base64url.encode) | data.map(
        lambda raw: base64.b64encode(raw).decode()
    )


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
@given(sealed=envelopes() | TEXT)
@example("A" * 450)
@example("A" * 449 + "B")
@example("\ud800" * 450)
@example("\x00")
def test_any_337_bytes_under_a_good_ballot_are_taken_and_nothing_else(
    service, kid, ballot_factory, sealed
):
    reply = post_items(service.http, item(ballot_factory.ballot(kid), sealed))

    assert reply.status_code == 200
    (result,) = understood(reply, 1)
    if is_envelope(sealed):
        assert result["status"] == "accepted"
        assert result["digest"] == envelope_digest(sealed)
    else:
        assert result["reason"] == "undecodable"
        assert result["digest"] is None


def is_envelope(text):
    try:
        return len(base64url.decode(text)) == 337
    except base64url.NotBase64Error:
        return False


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
def test_a_wrong_request_is_refused_and_the_field_is_named(service, change):
    request = {"protocol": 1, "batch": "b", "items": [None]} | change

    reply = service.http.post("/v1/submissions", json=request)

    assert reply.status_code in REFUSALS
    assert fields_of(reply) == list(change)
