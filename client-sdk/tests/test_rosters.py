"""A program puts and reads the roster, and learns what became of a put."""

import json
from dataclasses import replace

import pytest
from fake_service.faults import drop_request, lose_reply, on_path, reply_with
from fake_service.phone import SERVER
from fake_service.service import problem

from rapport_client import (
    ChangeCounts,
    Client,
    CurrentRoster,
    OutcomeUnknown,
    PreconditionFailed,
    ProblemError,
    RemovalsUnconfirmed,
    Response,
    RosterChanges,
    TimedOut,
    UnexpectedReply,
    Unreachable,
)
from rapport_client._resources.roster import QUESTION_DELAYS, ROSTER_SECONDS

ROSTER = {
    "teams": [
        {"external_id": "south", "name": "Süd", "parent": "north"},
        {"external_id": "north", "name": "Nord", "parent": None},
    ],
    "people": [
        {"external_id": "p2", "team": "north", "supervises": ["south", "north"]},
        {"external_id": "p1", "team": "north"},
    ],
}
UNKNOWN_CHANGES = RosterChanges(teams=None, people=None)
GATEWAY_TIMEOUT = Response(504, {"content-type": "text/html"}, b"<html>504</html>")


def roster_of(people):
    return {
        "teams": [{"external_id": "north", "name": "Nord", "parent": None}],
        "people": [{"external_id": f"p-{n}", "team": "north"} for n in range(people)],
    }


def roster_requests(service):
    """The methods and paths of the requests about the roster."""
    return [
        (request.method, request.url.removeprefix(SERVER))
        for request in service.log
        if "/roster" in request.url
    ]


def on_put(fault):
    """Applies a fault to puts of the roster; questions go through."""

    def interfere(request, answer):
        return fault(request, answer) if request.method == "PUT" else answer()

    return interfere


def test_a_roster_is_put_and_its_changes_come_back(client, service):
    changes = client.roster.put(ROSTER)

    assert changes == RosterChanges(
        teams=ChangeCounts(2, 0, 0), people=ChangeCounts(2, 0, 0)
    )
    assert json.loads(service.log[-1].body) == ROSTER
    assert roster_requests(service) == [("PUT", "/v1/roster")]


def test_a_roster_is_read_as_it_can_be_put_again(client):
    client.roster.put(ROSTER)

    current = client.roster.get()

    assert isinstance(current, CurrentRoster)
    assert [team["external_id"] for team in current.roster["teams"]] == [
        "north",
        "south",
    ]
    assert current.roster["people"] == [
        {"external_id": "p1", "team": "north", "supervises": [], "away": False},
        {
            "external_id": "p2",
            "team": "north",
            "supervises": ["north", "south"],
            "away": False,
        },
    ]
    client.roster.put(current.roster, if_match=current.etag)


def test_a_proxy_that_weakens_the_etag_does_no_harm(client, service):
    client.roster.put(ROSTER)
    strong = client.roster.get().etag

    def weaken(_request, answer):
        reply = answer()
        return replace(reply, headers={**reply.headers, "etag": f"W/{strong}"})

    service.intercept = on_path("/v1/roster", weaken)

    assert client.roster.get().etag == strong


@pytest.mark.parametrize(
    "answer",
    [
        Response(200, {"content-type": "application/json"}, b'{"teams":[]}'),
        Response(200, {"content-type": "application/json"}, b'{"teams":7,"people":[]}'),
        Response(
            200, {"content-type": "application/json"}, b'{"teams":[],"people":[]}'
        ),
    ],
    ids=["no people", "a number of teams", "no ETag"],
)
def test_a_reply_that_is_no_roster_is_unexpected(client, service, answer):
    service.intercept = on_path("/v1/roster", reply_with(answer))

    with pytest.raises(UnexpectedReply):
        client.roster.get()


# Refusals.


def test_many_removals_are_refused_by_number_until_they_are_confirmed(client, service):
    client.roster.put(roster_of(40))

    with pytest.raises(RemovalsUnconfirmed) as refused:
        client.roster.put(roster_of(20))

    assert refused.value.removals == 20
    assert "20 people" in str(refused.value)
    client.roster.put(roster_of(20), confirm_removals=refused.value.removals)
    assert len(service.roster["people"]) == 20
    assert roster_requests(service)[-1] == ("PUT", "/v1/roster?confirm_removals=20")


def test_a_roster_that_changed_since_it_was_read_is_not_replaced(client, service):
    client.roster.put(ROSTER)
    etag = client.roster.get().etag
    client.roster.put(roster_of(3))

    with pytest.raises(PreconditionFailed):
        client.roster.put(ROSTER, if_match=etag)

    assert service.roster == roster_of(3)


# Lost replies.


def test_the_service_is_given_the_time_that_it_may_take(client, service):
    client.roster.put(ROSTER)

    assert service.log[-1].read_seconds == ROSTER_SECONDS
    assert sum(QUESTION_DELAYS) == ROSTER_SECONDS


@pytest.mark.parametrize(
    "fault",
    [lose_reply, lambda _, answer: answer() and GATEWAY_TIMEOUT],
    ids=["a broken connection", "a proxy that gave up"],
)
def test_a_put_whose_reply_is_lost_is_known_to_be_made(client, service, fault):
    service.intercept = on_put(fault)

    assert client.roster.put(ROSTER) == UNKNOWN_CHANGES

    assert roster_requests(service) == [("PUT", "/v1/roster"), ("GET", "/v1/roster")]
    assert service.roster == ROSTER


def test_a_put_that_takes_longer_than_its_connection_is_awaited(client, service):
    late = []

    def cut_off(request, answer):
        if request.method == "PUT":
            late.append(answer)
            raise TimedOut("cut off")
        if len(roster_requests(service)) == 4:  # the put and three questions
            late.pop()()
        return answer()

    service.intercept = on_path("/v1/roster", cut_off)

    assert client.roster.put(ROSTER) == UNKNOWN_CHANGES

    delays = [request.delay for request in service.log if request.method == "GET"]
    assert delays == list(QUESTION_DELAYS[:3])


def test_a_put_that_never_arrives_has_an_unknown_outcome(client, service):
    service.intercept = on_put(drop_request)

    with pytest.raises(OutcomeUnknown, match="does not have this roster"):
        client.roster.put(ROSTER)

    assert len(roster_requests(service)) == 1 + len(QUESTION_DELAYS)


def test_questions_that_are_lost_too_are_asked_again(client, service):
    def bad_line(request, answer):
        if len(roster_requests(service)) < 4:
            return lose_reply(request, answer)
        return answer()

    service.intercept = on_path("/v1/roster", bad_line)

    assert client.roster.put(ROSTER) == UNKNOWN_CHANGES


def test_a_busy_service_is_asked_again(client, service):
    def busy(request, answer):
        if request.method == "PUT":
            return lose_reply(request, answer)
        is_first = len(roster_requests(service)) == 2
        return problem(503, "busy") if is_first else answer()

    service.intercept = on_path("/v1/roster", busy)

    assert client.roster.put(ROSTER) == UNKNOWN_CHANGES


def test_a_token_that_ends_during_the_questions_is_renewed(client, service):
    def lose_token(request, answer):
        if request.method == "PUT" and not service.roster["people"]:
            answer()
            service.valid_access_tokens.clear()
            raise TimedOut("lost")
        return answer()

    client.teams.list()
    service.intercept = on_path("/v1/roster", lose_token)

    client.roster.put(ROSTER)

    assert service.paths().count("/v1/token") == 2
    assert service.roster == ROSTER


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (problem(500, "internal"), ProblemError),
        (problem(503, "busy"), ProblemError),
        (Response(413, {"content-type": "text/html"}, b"too large"), UnexpectedReply),
        (Response(302, {"location": "/login"}, b""), UnexpectedReply),
    ],
    ids=["a failure", "a busy service", "a proxy that refuses", "a login page"],
)
def test_a_reply_that_says_no_is_not_questioned(client, service, reply, error):
    service.intercept = on_put(reply_with(reply))

    with pytest.raises(error):
        client.roster.put(ROSTER)

    assert roster_requests(service) == [("PUT", "/v1/roster")]


def test_a_service_that_cannot_be_reached_got_nothing():
    with (
        Client("http://127.0.0.1:1", "acme-client", "s3cret") as client,
        pytest.raises(Unreachable),
    ):
        client.roster.put(ROSTER)
