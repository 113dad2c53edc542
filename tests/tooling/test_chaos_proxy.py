import asyncio
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from random import Random

import pytest

from rapport_client._protocol import base64url
from tools.chaos.journal import Journal, read_entries
from tools.chaos.messages import (
    BrokenConnectionError,
    Message,
    close_connection,
    exchange,
    read_message,
)
from tools.chaos.network_faults import (
    FABRICATED_REPLIES,
    SUBMISSIONS,
    Fault,
    FaultRates,
    read_results,
)
from tools.chaos.proxy import Proxy, hash_ballot

SECONDS = 10
DATE = datetime(2027, 3, 1, 12, tzinfo=UTC)


def build_ballot(number):
    head = base64url.encode(json.dumps({"kid": "acme.key"}).encode())
    body = base64url.encode(
        json.dumps({"jti": base64url.encode(bytes([number] * 32))}).encode()
    )
    return f"{head}.{body}.signature"


ITEMS = [
    {"op": "submit", "ballot": build_ballot(number), "envelope": "AAAA"}
    for number in range(3)
]
REQUEST = Message(
    f"POST {SUBMISSIONS} HTTP/1.1",
    {"host": "localhost", "content-type": "application/json"},
    json.dumps({"protocol": 1, "batch": "b", "items": ITEMS}).encode(),
)
RESULTS = [
    {"status": "accepted", "hash": hash_ballot(item["ballot"]), "digest": "d"}
    for item in ITEMS
]


class FixedFault:
    """Fault rates that give every request the same fault."""

    def __init__(self, fault):
        self.fault = fault

    def fault_for(self, *_):
        return self.fault


class EchoService:
    """A service that answers every request, and keeps it."""

    def __init__(self):
        self.requests = []

    async def serve(self, reader, writer):
        self.requests.append(await read_message(reader))
        document = {
            "protocol": 1,
            "batch": f"b{len(self.requests)}",
            "results": RESULTS,
        }
        reply = Message.reply(
            HTTPStatus.OK,
            "application/json",
            json.dumps(document).encode(),
            date=format_datetime(DATE, usegmt=True),
        )
        writer.write(reply.dump())
        await close_connection(writer)


def send_through_proxy(folder, fault, times=1):
    """Sends the request; the reply, the requests that arrived, and the journal.

    Requests at another service are counted apart.
    """

    async def play():
        service, other = EchoService(), EchoService()
        upstream, elsewhere = [
            await asyncio.start_server(each.serve, "127.0.0.1", 0)
            for each in (service, other)
        ]
        ports = [each.sockets[0].getsockname()[1] for each in (upstream, elsewhere)]
        proxy = Proxy(*ports, Journal(folder / "exchanges"), Random(1))
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
        replies = []
        for number in range(times):
            proxy.fault_rates = FixedFault(fault if number == times - 1 else None)
            try:
                replies.append(
                    await exchange(server.sockets[0].getsockname()[1], REQUEST, SECONDS)
                )
            except BrokenConnectionError:
                replies.append(None)
        upstream.close()
        elsewhere.close()
        server.close()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
        assert len(other.requests) == (fault == Fault.ELSEWHERE)
        return replies[-1], len(service.requests)

    reply, arrived = asyncio.run(play())
    return reply, arrived, list(read_entries(folder / "exchanges"))


def test_reply_without_a_fault_is_the_services_own(tmp_path):
    reply, arrived, (entry,) = send_through_proxy(tmp_path, None)

    assert read_results(reply) == RESULTS
    assert arrived == 1
    assert entry["observed"]
    assert [item["hash"] for item in entry["items"]] == [r["hash"] for r in RESULTS]


def test_a_dropped_request_never_reaches_the_service(tmp_path):
    reply, arrived, (entry,) = send_through_proxy(tmp_path, Fault.LOST_REQUEST)

    assert (reply, arrived, entry["results"]) == (None, 0, [])


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.CUT_REPLY, Fault.SLOW_REPLY])
def test_a_lost_reply_comes_after_the_work_was_done(tmp_path, fault):
    reply, arrived, (entry,) = send_through_proxy(tmp_path, fault)

    assert (reply, arrived) == (None, 1)
    assert entry["results"] == RESULTS
    assert not entry["observed"]


def test_request_sent_twice_arrives_twice(tmp_path):
    reply, arrived, entries = send_through_proxy(tmp_path, Fault.TWICE)

    assert (reply is not None, arrived, len(entries)) == (True, 2, 2)


@pytest.mark.parametrize("fault", list(FABRICATED_REPLIES))
def test_fabricated_reply_is_not_recorded_as_the_services(tmp_path, fault):
    reply, arrived, (entry,) = send_through_proxy(tmp_path, fault)

    assert (reply is not None, arrived, entry["observed"]) == (True, 0, False)


@pytest.mark.parametrize("fault", [Fault.PERMUTED, Fault.CORRUPT_REPLY, Fault.CACHED])
def test_distorted_reply_is_not_recorded_as_the_services(tmp_path, fault):
    reply, arrived, entries = send_through_proxy(tmp_path, fault, times=2)

    assert (reply is not None, arrived) == (True, 2)
    assert [entry["observed"] for entry in entries] == [True, False]


def test_request_routed_elsewhere_never_reaches_the_service(tmp_path):
    reply, arrived, (entry,) = send_through_proxy(tmp_path, Fault.ELSEWHERE)

    assert read_results(reply) == entry["results"] == RESULTS
    assert arrived == 0


def test_stripped_date_leaves_the_reply_as_it_is(tmp_path):
    reply, _, (entry,) = send_through_proxy(tmp_path, Fault.UNDATED)

    assert "date" not in reply.headers
    assert read_results(reply) == RESULTS
    assert entry["observed"]


def test_forged_date_is_a_day_wrong_at_least(tmp_path):
    reply, _, (entry,) = send_through_proxy(tmp_path, Fault.WRONG_DATE)

    error = parsedate_to_datetime(reply.headers["date"]) - DATE
    assert abs(error) >= timedelta(days=1)
    assert read_results(reply) == RESULTS
    assert entry["observed"]


def test_permuted_results_are_the_same_in_another_order(tmp_path):
    reply, _, _ = send_through_proxy(tmp_path, Fault.PERMUTED)

    assert read_results(reply) == [*RESULTS[1:], RESULTS[0]]


def test_every_fault_strikes_where_it_fits():
    fault_rates, rng = FaultRates(1.0, 1.0), Random(1)

    assert {fault_rates.fault_for(REQUEST, rng) for _ in range(1000)} == {*Fault} - {
        Fault.EXPIRED
    }


def test_same_seed_gives_the_same_faults():
    def faults():
        rng = Random("seed")
        return [FaultRates(0.5, 0.5).fault_for(REQUEST, rng) for _ in range(100)]

    assert faults() == faults()
