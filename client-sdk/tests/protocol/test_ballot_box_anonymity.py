"""Requests at the ballot-box door, and the data that they must not hold."""

import pytest
from fake_service.faults import on_path, reply_with
from fake_service.phone import answer_first_pulse
from fake_service.service import CODE, problem, read_request

from rapport_client._protocol import base64url

BALLOT_BOX_PATHS = ("/v1/waves", "/v1/keys", "/v1/instruments", "/v1/submissions")
POLL_BOOK_PATHS = ("/v1/enrolments", "/v1/token", "/v1/sync", "/v1/ballots")


@pytest.fixture
def requests_by_door(new_phone, service):
    """Every request of two people from enrolment to the end, by door."""
    service.codes["acme-0000-0000-0000"] = None
    (wave,) = service.waves.values()
    for name, code in (("a.db", CODE), ("b.db", "acme-0000-0000-0000")):
        wave.signed.clear()
        phone = new_phone(name)
        phone.enrol(code)
        phone.sync()
        answer_first_pulse(phone)
        phone.sync()
    return {
        "box": [
            request for request in service.log if is_path_in(request, BALLOT_BOX_PATHS)
        ],
        "book": [
            request for request in service.log if is_path_in(request, POLL_BOOK_PATHS)
        ],
    }


def is_path_in(request, paths):
    return request.url.removeprefix("https://rapport.test").startswith(paths)


def test_every_request_is_of_one_door(requests_by_door, service):
    assert len(requests_by_door["box"]) == 8
    assert len(requests_by_door["box"]) + len(requests_by_door["book"]) == len(
        service.log
    )


def test_ballot_box_requests_have_fresh_connections_and_others_share_one(
    requests_by_door,
):
    assert all(request.fresh for request in requests_by_door["box"])
    assert not any(request.fresh for request in requests_by_door["book"])


def test_ballot_box_headers_are_the_same_for_everybody(requests_by_door):
    constant = {
        "User-Agent": "rapport-client",
        "Accept": "application/json, application/problem+json",
        "Accept-Encoding": "gzip",
    }
    for request in requests_by_door["box"]:
        expected = dict(constant)
        if request.method == "POST":
            expected["Content-Type"] = "application/json"
            expected["Content-Encoding"] = "gzip"
        assert dict(request.headers) == expected


def test_a_submission_holds_these_members_and_no_other(requests_by_door, service):
    for request in requests_by_door["box"]:
        if request.method != "POST":
            assert request.body == b""
            continue
        document = read_request(request)
        (item,) = document["items"]
        assert document.keys() == {"protocol", "batch", "items"}
        assert item.keys() == {"op", "ballot", "envelope"}
        assert len(base64url.decode(item["envelope"])) == 337
        assert service.open_item(item).keys() == {"form", "answers", "context"}


def test_no_two_submissions_share_a_batch(requests_by_door):
    batches = [
        read_request(request)["batch"]
        for request in requests_by_door["box"]
        if request.body
    ]

    assert len(set(batches)) == len(batches) == 2
    assert {len(batch) for batch in batches} == {22}


def test_nothing_that_the_poll_book_saw_is_seen_by_the_ballot_box(requests_by_door):
    seen = " ".join(
        request.body.decode() + str(request.headers)
        for request in requests_by_door["book"]
    )
    submitted = {
        word
        for request in requests_by_door["box"]
        if request.body
        for item in read_request(request)["items"]
        for word in (
            *item["ballot"].split(".")[1:],
            item["envelope"],
        )
    }

    assert len(submitted) == 6
    assert not any(word in seen for word in submitted)


def test_documents_are_fetched_by_wave_and_never_by_the_listed_digest(
    requests_by_door, service
):
    (wave,) = service.waves.values()

    assert all(wave.digest not in request.url for request in requests_by_door["box"])


def test_a_request_does_not_print_its_secrets(requests_by_door):
    for request in (*requests_by_door["box"], *requests_by_door["book"]):
        assert "Bearer" not in repr(request)
        assert "refresh_token" not in repr(request)


def test_door_that_refuses_credentials_is_distinguished_from_a_tagging_one(
    new_phone, service
):
    """The fake service refuses credentials, so every test proves that none are sent."""
    service.intercept = on_path(
        "/v1/waves", reply_with(problem(400, "credentials-not-wanted"))
    )
    phone = new_phone()
    phone.enrol(CODE)

    report = phone.sync()

    assert report.notices == ()
    assert "credentials-not-wanted" in report.problem
