"""What crosses the ballot-box door, and what must not."""

import json

import pytest
from peer.faults import at, instead
from peer.phone import answer
from peer.service import CODE, envelope_of, problem

BOX = ("/v1/waves", "/v1/keys", "/v1/instruments", "/v1/submissions")
BOOK = ("/v1/enrolments", "/v1/token", "/v1/sync", "/v1/ballots")


@pytest.fixture
def life(new_phone, peer):
    """Every request of two people's lives, by door."""
    peer.codes["acme-0000-0000-0000"] = None
    (wave,) = peer.waves.values()
    for name, code in (("a.db", CODE), ("b.db", "acme-0000-0000-0000")):
        wave.signed.clear()
        phone = new_phone(name)
        phone.enrol(code)
        phone.sync()
        answer(phone)
        phone.sync()
    return {
        "box": [request for request in peer.log if path_in(request, BOX)],
        "book": [request for request in peer.log if path_in(request, BOOK)],
    }


def path_in(request, paths):
    return request.url.removeprefix("https://rapport.test").startswith(paths)


def test_every_request_is_of_one_door(life, peer):
    assert len(life["box"]) == 8
    assert len(life["box"]) + len(life["book"]) == len(peer.log)


def test_ballot_box_requests_have_fresh_connections_and_others_share_one(life):
    assert all(request.fresh for request in life["box"])
    assert not any(request.fresh for request in life["book"])


def test_ballot_box_headers_are_the_same_for_everybody(life):
    constant = {
        "User-Agent": "rapport-client",
        "Accept": "application/json, application/problem+json",
        "Accept-Encoding": "gzip",
    }
    for request in life["box"]:
        expected = dict(constant)
        if request.method == "POST":
            expected["Content-Type"] = "application/json"
            expected["Content-Encoding"] = "gzip"
        assert dict(request.headers) == expected


def test_a_submission_holds_these_members_and_no_other(life):
    for request in life["box"]:
        if request.method != "POST":
            assert request.body == b""
            continue
        envelope = envelope_of(request)
        (item,) = envelope["items"]
        assert envelope.keys() == {"protocol", "batch", "items"}
        assert item.keys() == {"op", "ballot", "content"}
        assert json.loads(item["content"]).keys() == {
            "form",
            "answers",
            "context",
            "nonce",
        }


def test_no_two_submissions_share_a_batch(life):
    batches = [envelope_of(request)["batch"] for request in life["box"] if request.body]

    assert len(set(batches)) == len(batches) == 2
    assert {len(batch) for batch in batches} == {22}


def test_nothing_that_the_poll_book_saw_is_seen_by_the_ballot_box(life):
    seen = " ".join(
        request.body.decode() + str(request.headers) for request in life["book"]
    )
    told = {
        word
        for request in life["box"]
        if request.body
        for item in envelope_of(request)["items"]
        for word in (
            *item["ballot"].split(".")[1:],
            json.loads(item["content"])["nonce"],
        )
    }

    assert len(told) == 6
    assert not any(word in seen for word in told)


def test_documents_are_asked_for_by_wave_and_never_by_the_digest_that_was_told(
    life, peer
):
    (wave,) = peer.waves.values()

    assert all(wave.digest not in request.url for request in life["box"])


def test_a_request_does_not_print_its_secrets(life):
    for request in (*life["box"], *life["book"]):
        assert "Bearer" not in repr(request)
        assert "refresh_token" not in repr(request)


def test_a_door_that_refuses_credentials_is_told_from_a_tagging_one(new_phone, peer):
    """The peer refuses credentials, so all tests prove that none are sent here."""
    peer.interfere = at("/v1/waves", instead(problem(400, "credentials-not-wanted")))
    phone = new_phone()
    phone.enrol(CODE)

    report = phone.sync()

    assert report.notices == ()
    assert "credentials-not-wanted" in report.problem
