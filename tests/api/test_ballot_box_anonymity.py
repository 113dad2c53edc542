import pytest

from rapport_schemas.problems import Problem
from tests.api import problem_checks
from tests.api.routes import ROUTES, token
from tests.support.http_phone import content, item, post_items

DOOR = [route for route in ROUTES if route.is_ballot_box]
BY_NAME = {"argvalues": DOOR, "ids": str}

TELLING = {"set-cookie", "www-authenticate", "refresh", "link", "etag-weak"}
"""Headers that would remember, ask for, or depend on a caller."""


def call(service, route, **kwargs):
    return service.http.open(route.path, method=route.method, **route.body, **kwargs)


def test_the_door_has_these_routes_and_no_other():
    assert {str(route) for route in DOOR} == {
        "GET ballot_box.get_charter",
        "GET ballot_box.get_instrument",
        "GET ballot_box.get_ballot_key",
        "POST ballot_box.create_submissions",
        "POST ballot_box.check_envelope",
    }


@pytest.mark.parametrize("route", **BY_NAME)
@pytest.mark.parametrize(
    "credentials",
    [
        {"Authorization": "Bearer something"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": ""},
        {"Cookie": "session=1"},
        {"Cookie": ""},
        {"Authorization": "Bearer something", "Cookie": "session=1"},
    ],
)
def test_request_with_credentials_is_refused_unread(service, route, credentials):
    reply = call(service, route, headers=credentials)

    assert problem_checks.read_problem(reply) is Problem.CREDENTIALS_NOT_WANTED


@pytest.mark.parametrize("route", **BY_NAME)
def test_a_good_token_is_not_wanted_either(service, route):
    reply = call(service, route, headers=token({"member"}))

    assert problem_checks.read_problem(reply) is Problem.CREDENTIALS_NOT_WANTED


def test_a_submission_with_credentials_stores_nothing(service):
    agency = service.agency({"a": 8})
    ballot = agency.phone("a-1").draw(agency.announce())
    sent = item(ballot, content())

    refused = service.http.post(
        "/v1/submissions",
        json={"protocol": 1, "batch": "b", "items": [sent]},
        headers=agency.phone("a-1").authorization,
    )
    reply = post_items(service.http, sent)

    assert problem_checks.read_problem(refused) is Problem.CREDENTIALS_NOT_WANTED
    assert reply.get_json()["results"][0]["status"] == "accepted"


def replies(service):
    """A good and a bad reply of each of the door's routes."""
    agency = service.agency({"a": 8})
    wave = agency.announce()
    phone = agency.phone("a-1")
    kid = phone.kid(wave)
    good = [
        service.http.get(f"/v1/waves/{wave}/charter"),
        service.http.get(f"/v1/keys/{kid}"),
        service.http.get(f"/v1/instruments/{phone.charter(wave)['instrument_digest']}"),
        post_items(service.http, item(phone.draw(wave), content())),
    ]
    bad = [call(service, route) for route in DOOR]
    return good, bad


def test_no_reply_depends_on_its_caller(service):
    good, bad = replies(service)

    assert {reply.status_code for reply in good} == {200}
    for reply in (*good, *bad):
        assert {name.lower() for name, _ in reply.headers} & TELLING == set()
        assert set(reply.vary) <= {"Accept-Encoding"}  # bytes, not people


def test_documents_may_be_cached_for_ever_and_answers_never(service):
    (charter, key, instrument, submission), _ = replies(service)

    for document in (charter, key, instrument):
        assert "immutable" in document.headers["Cache-Control"]
        assert "public" in document.headers["Cache-Control"]
        assert document.headers["ETag"]
    assert submission.headers["Cache-Control"] == "no-store"
    assert "ETag" not in submission.headers


def test_document_that_a_caller_holds_is_not_sent_again(service):
    (charter, *_), _ = replies(service)

    again = service.http.get(
        charter.request.path, headers={"If-None-Match": charter.headers["ETag"]}
    )

    assert again.status_code == 304
    assert again.data == b""


def test_reply_is_the_same_for_every_caller(service):
    (charter, *_), _ = replies(service)

    seen = {
        service.app.test_client(use_cookies=False)
        .get(
            charter.request.path,
            environ_overrides={"REMOTE_ADDR": address},
            headers={"User-Agent": agent, "Accept-Language": language},
        )
        .data
        for address, agent, language in [
            ("203.0.113.1", "one", "en"),
            ("203.0.113.2", "another", "es"),
        ]
    }

    assert seen == {charter.data}


def test_no_cookie_is_set_at_any_other_door_either(service):
    for route in ROUTES:
        reply = call(service, route)

        assert "Set-Cookie" not in reply.headers, route
        assert set(reply.vary) <= {"Accept", "Accept-Encoding", "Accept-Language"}, (
            route
        )
