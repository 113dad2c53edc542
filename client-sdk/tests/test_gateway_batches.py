"""A kiosk: many people in one process, whose answers go out together."""

import gzip
import math

import pytest
from fake_service.faults import drop_request, edit_reply, lose_reply, no_fault, on_path
from fake_service.service import problem, read_request
from fake_service.submission_log import SUBMISSIONS, list_submission_requests

from rapport_client import FieldDevice, Response, TimedOut


def count_queued(gateway):
    return sum(gateway.person(name).status().queued for name in gateway.people())


def test_a_gateway_knows_its_people(gateway, enrol_people):
    names = enrol_people(3, answering=False)

    assert gateway.people() == sorted(names)
    assert isinstance(gateway.person(names[0]), FieldDevice)
    assert gateway.person(names[0]).enrolled


def test_answers_of_many_go_out_in_one_request_on_a_fresh_connection(
    gateway, enrol_people, service
):
    enrol_people(8)

    report = gateway.sync()

    assert str(report) == "accepted=8 waiting=0 dead=0"
    assert service.batches == [8]
    (request,) = list_submission_requests(service)
    assert request.fresh
    assert "Authorization" not in request.headers


def test_the_order_in_a_request_is_chances(gateway, enrol_people, service, monkeypatch):
    enrol_people(8)
    shuffled = []
    rng = gateway._engine.sender._rng
    monkeypatch.setattr(
        rng, "shuffle", lambda cut: (cut.reverse(), shuffled.append(len(cut)))
    )

    gateway.sync()

    assert type(rng).__name__ == "SystemRandom"
    assert shuffled == [8]
    items = read_request(list_submission_requests(service)[0])["items"]
    order = [item["ballot"] for item in items]
    given = [
        gateway.person(name)._draws.ballots()[0].ballot for name in gateway.people()
    ]
    assert order == given[::-1]


def test_cuts_grow_from_ten_to_the_limit(gateway, enrol_people, service):
    service.limits["items"] = 15
    enrol_people(40)

    gateway.sync()

    assert service.batches == [10, 15, 15]


def test_cuts_are_packed_by_bytes_too(gateway, enrol_people, service):
    service.limits["bytes"] = 5000
    enrol_people(12)

    gateway.sync()

    assert service.batches == [4, 4, 4]
    for request in list_submission_requests(service):
        body = gzip.decompress(request.body)
        assert 5000 * 4 / 5 < len(body) <= 5000  # a fifth would have been too much


def test_unpublished_lower_limit_is_detected(gateway, enrol_people, service):
    """T7: every larger request is refused, for ever; a smaller one is not."""
    enrol_people(30)
    service.intercept = on_path(SUBMISSIONS, limit_items(4))

    report = gateway.sync()

    assert str(report) == "accepted=30 waiting=0 dead=0"
    assert max(service.batches) <= 4
    assert len(list_submission_requests(service)) <= math.ceil(30 / 4) + 8


def limit_items(capacity):
    def fault(request, reply):
        if len(read_request(request)["items"]) > capacity:
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
def test_permuted_results_settle_nothing(gateway, enrol_people, service, permute):
    enrol_people(5)
    service.intercept = on_path(
        SUBMISSIONS, edit_reply(lambda reply: permute(reply["results"]))
    )

    report = gateway.sync()

    assert report.accepted == 0
    assert count_queued(gateway) == 5
    service.intercept = no_fault
    assert gateway.sync().accepted == 5


def test_results_are_noted_in_one_transaction(gateway, enrol_people):
    enrol_people(5)
    statements = []
    gateway._file.database._connection.set_trace_callback(statements.append)
    gateway._engine.send()

    concluding = [
        n
        for n, statement in enumerate(statements)
        if "SET state = 'settled'" in statement
    ]
    assert len(concluding) == 5
    assert "COMMIT" not in statements[concluding[0] : concluding[-1]]


@pytest.mark.parametrize("fault", [drop_request, lose_reply])
def test_broken_connection_stops_the_drain_and_loses_nothing(
    gateway, enrol_people, service, fault
):
    enrol_people(25)
    service.intercept = on_path(SUBMISSIONS, fault)

    report = gateway.sync()

    assert len(list_submission_requests(service)) == 1
    assert report.offline
    assert count_queued(gateway) == 25
    service.intercept = no_fault
    assert gateway.sync().waiting == 0
    assert len(service.contents) == 25


def test_a_reply_that_does_not_come_in_time_halves_the_cut(
    gateway, enrol_people, service
):
    enrol_people(10)

    def silent(*_):
        raise TimedOut("no reply in time")

    service.intercept = on_path(SUBMISSIONS, silent)
    gateway.sync()
    service.intercept = no_fault
    gateway.sync()

    sizes = [
        len(read_request(request)["items"])
        for request in list_submission_requests(service)
    ]
    assert sizes[:2] == [10, 5]


def fail_item(phrase, response):
    """A service that fails at one item, at any index."""

    def fault(request, reply):
        if any(phrase in str(item) for item in read_request(request)["items"]):
            return response
        return reply()

    return fault


@pytest.mark.parametrize("index", range(5))
def test_one_item_that_is_refused_dies_alone(gateway, enrol_people, service, index):
    """T4: the other items get the same results wherever the bad item is."""
    names = enrol_people(5)
    bad = gateway.person(names[index])._draws.ballots()[0].ballot
    service.intercept = on_path(SUBMISSIONS, fail_item(bad, problem(400, "malformed")))

    report = gateway.sync()

    assert str(report).startswith("accepted=4 waiting=0 dead=1; ")
    (dead,) = gateway.person(names[index]).export_dead()
    assert dead.reason == "malformed"


@pytest.mark.parametrize("index", [0, 2, 4])
def test_one_item_that_breaks_the_service_goes_to_the_back(
    gateway, enrol_people, service, index
):
    """T5: the other items are sent whatever the bad item causes."""
    names = enrol_people(5)
    bad = gateway.person(names[index])._draws.ballots()[0].ballot
    service.intercept = on_path(SUBMISSIONS, fail_item(bad, problem(500, "internal")))

    for _ in range(20):
        gateway.sync()

    assert len(service.contents) == 4
    assert gateway.person(names[index]).status().queued == 1
    service.intercept = no_fault
    assert gateway.sync().accepted == 1


def test_a_gateway_loops_like_a_device(gateway, enrol_people, service):
    enrol_people(3)
    gateway._file.clock.source.advance(minutes=5)  # since the poll book was asked

    gateway.loop().step()

    assert service.batches == [3]
    assert count_queued(gateway) == 0
