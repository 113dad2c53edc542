"""A kiosk: many people in one process, whose answers go out together."""

import gzip
import math

import pytest
from peer.faults import at, clear, drop_request, edited, lose_reply
from peer.sent import SUBMISSIONS, requests
from peer.service import envelope_of, problem

from rapport_client import FieldDevice, Response, TimedOut


def waiting(gateway):
    return sum(gateway.person(name).status().queued for name in gateway.people())


def test_a_gateway_knows_its_people(gateway, crowd):
    names = crowd(3, answering=False)

    assert gateway.people() == sorted(names)
    assert isinstance(gateway.person(names[0]), FieldDevice)
    assert gateway.person(names[0]).enrolled


def test_answers_of_many_go_out_in_one_request_on_a_fresh_connection(
    gateway, crowd, peer
):
    crowd(8)

    report = gateway.sync()

    assert str(report) == "accepted=8 waiting=0 dead=0"
    assert peer.batches == [8]
    (request,) = requests(peer)
    assert request.fresh
    assert "Authorization" not in request.headers


def test_the_order_in_a_request_is_chances(gateway, crowd, peer, monkeypatch):
    crowd(8)
    shuffled = []
    dice = gateway._syncing.sender._dice
    monkeypatch.setattr(
        dice, "shuffle", lambda cut: (cut.reverse(), shuffled.append(len(cut)))
    )

    gateway.sync()

    assert type(dice).__name__ == "SystemRandom"
    assert shuffled == [8]
    items = envelope_of(requests(peer)[0])["items"]
    order = [item["ballot"] for item in items]
    given = [
        gateway.person(name)._draws.ballots()[0].ballot for name in gateway.people()
    ]
    assert order == given[::-1]


def test_cuts_grow_from_ten_to_the_limit(gateway, crowd, peer):
    peer.limits["items"] = 15
    crowd(40)

    gateway.sync()

    assert peer.batches == [10, 15, 15]


def test_cuts_are_packed_by_bytes_too(gateway, crowd, peer):
    peer.limits["bytes"] = 3000
    crowd(12)

    gateway.sync()

    assert peer.batches == [4, 4, 4]
    for request in requests(peer):
        body = gzip.decompress(request.body)
        assert 3000 * 4 / 5 < len(body) <= 3000  # a fifth would have been too much


def test_a_lower_limit_that_nobody_published_is_found(gateway, crowd, peer):
    """T7: every larger request is refused, for ever; a smaller one is not."""
    crowd(30)
    peer.interfere = at(SUBMISSIONS, at_most(4))

    report = gateway.sync()

    assert str(report) == "accepted=30 waiting=0 dead=0"
    assert max(peer.batches) <= 4
    assert len(requests(peer)) <= math.ceil(30 / 4) + 8


def at_most(capacity):
    def fault(request, reply):
        if len(envelope_of(request)["items"]) > capacity:
            return Response(413, {"content-type": "text/html"}, b"Too large")
        return reply()

    return fault


@pytest.mark.parametrize(
    "permute",
    [
        lambda results: results.reverse(),
        lambda results: results.append(results.pop(0)),
        lambda results: results.pop(),
        lambda results: results.append(results[0]),
        lambda results: results.__setitem__(0, results[1]),
        lambda results: results[2].update(digest="d" * 43),
        lambda results: results[4].update(hash=None),
    ],
)
def test_a_permuted_list_of_results_releases_nothing(gateway, crowd, peer, permute):
    crowd(5)
    peer.interfere = at(SUBMISSIONS, edited(lambda reply: permute(reply["results"])))

    report = gateway.sync()

    assert report.accepted == 0
    assert waiting(gateway) == 5
    peer.interfere = clear
    assert gateway.sync().accepted == 5


def test_results_are_noted_in_one_transaction(gateway, crowd):
    crowd(5)
    statements = []
    gateway._file.database._connection.set_trace_callback(statements.append)
    gateway._syncing.send()

    concluding = [
        n
        for n, statement in enumerate(statements)
        if "SET state = 'settled'" in statement
    ]
    assert len(concluding) == 5
    assert "COMMIT" not in statements[concluding[0] : concluding[-1]]


@pytest.mark.parametrize("fault", [drop_request, lose_reply])
def test_a_broken_line_stops_the_drain_and_loses_nothing(gateway, crowd, peer, fault):
    crowd(25)
    peer.interfere = at(SUBMISSIONS, fault)

    report = gateway.sync()

    assert len(requests(peer)) == 1
    assert report.offline
    assert waiting(gateway) == 25
    peer.interfere = clear
    assert gateway.sync().waiting == 0
    assert len(peer.contents) == 25


def test_a_reply_that_does_not_come_in_time_halves_the_cut(gateway, crowd, peer):
    crowd(10)

    def silent(*_):
        raise TimedOut("no reply in time")

    peer.interfere = at(SUBMISSIONS, silent)
    gateway.sync()
    peer.interfere = clear
    gateway.sync()

    sizes = [len(envelope_of(request)["items"]) for request in requests(peer)]
    assert sizes[:2] == [10, 5]


def poisoned(phrase, response):
    """A service that cannot bear one item, wherever it is."""

    def fault(request, reply):
        if any(phrase in str(item) for item in envelope_of(request)["items"]):
            return response
        return reply()

    return fault


@pytest.mark.parametrize("index", range(5))
def test_one_item_that_is_refused_dies_alone(gateway, crowd, peer, index):
    """T4: at every index, the others are as without it."""
    names = crowd(5)
    bad = gateway.person(names[index])._draws.ballots()[0].ballot
    peer.interfere = at(SUBMISSIONS, poisoned(bad, problem(400, "malformed")))

    report = gateway.sync()

    assert str(report).startswith("accepted=4 waiting=0 dead=1; ")
    (dead,) = gateway.person(names[index]).export_dead()
    assert dead.reason == "malformed"


@pytest.mark.parametrize("index", [0, 2, 4])
def test_one_item_that_breaks_the_service_goes_to_the_back(gateway, crowd, peer, index):
    """T5: whatever it does, the others flow."""
    names = crowd(5)
    bad = gateway.person(names[index])._draws.ballots()[0].ballot
    peer.interfere = at(SUBMISSIONS, poisoned(bad, problem(500, "internal")))

    for _ in range(20):
        gateway.sync()

    assert len(peer.contents) == 4
    assert gateway.person(names[index]).status().queued == 1
    peer.interfere = clear
    assert gateway.sync().accepted == 1


def test_a_gateway_loops_like_a_device(gateway, crowd, peer):
    crowd(3)
    gateway._file.clock.source.pass_by(minutes=5)  # since the poll book was asked

    gateway.loop().step()

    assert peer.batches == [3]
    assert waiting(gateway) == 0
