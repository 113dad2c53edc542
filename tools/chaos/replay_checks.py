"""Checks after the faults: everything that was ever sent is sent once more."""

import asyncio
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from demo.agency import ROOT
from rapport_client._protocol import base64url
from tools.chaos import database
from tools.chaos.device_timelines import SentItem
from tools.chaos.environment import RunEnvironment
from tools.chaos.evidence import Evidence
from tools.chaos.messages import Message, exchange
from tools.chaos.network_faults import SUBMISSIONS, read_results

BATCH_SIZE = 40
TIMEOUT_SECONDS = 30.0

Item = dict[str, Any]
Result = dict[str, Any]

POISON_ITEMS: Sequence[Any] = (
    None,
    17,
    {},
    {"op": "submit"},
    {"op": "submit", "ballot": "a.b.c", "envelope": "A" * 450},
    {"op": "submit", "ballot": "x" * 2000, "envelope": "A" * 450},
    {"op": "submit", "ballot": "a.b.c", "envelope": "A" * 448},
    {"op": "vote", "ballot": "a.b.c", "envelope": "A" * 450},
)


class ReplayChecks:
    """Checks that send requests, and compare the database before and after.

    Args:
        environment: of the run, without other requests.
        evidence: of the run.
    """

    def __init__(self, environment: RunEnvironment, evidence: Evidence) -> None:
        self._environment = environment
        self._rng = Random(len(evidence.exchanges))
        # An item without a reply may never have arrived: it would be new.
        answered = {
            (result.key, result.op, result.digest) for result in evidence.results
        }
        sent: Sequence[SentItem] = [*evidence.sent_items, *evidence.forged_items]
        unique_items = {
            (item.op, item.ballot, item.envelope): item
            for item in sent
            if (item.key, item.op, item.digest) in answered
        }
        self._items = [_wire_item(item) for item in unique_items.values()]

    def check_replay(self, _: Evidence) -> Iterator[str]:
        """A replay of all items in their old order changes nothing."""
        yield from self._unchanged(lambda: self._replay(self._items, BATCH_SIZE))

    def check_regrouping(self, _: Evidence) -> Iterator[str]:
        """A replay in another order, in other batches and repeated changes nothing."""
        expected = dict(self._pairs(self._items, BATCH_SIZE))
        shuffled = [*self._items, *self._items[: len(self._items) // 3]]
        self._rng.shuffle(shuffled)

        def find_differences() -> Iterator[str]:
            for name, result in self._pairs(
                shuffled, self._rng.randrange(1, BATCH_SIZE)
            ):
                if expected[name] != result:
                    yield f"one item got {expected[name]}, then {result}"

        yield from self._unchanged(lambda: list(find_differences()))

    def check_poison_isolation(self, _: Evidence) -> Iterator[str]:
        """A bad item at any place in a batch changes no result of the good items."""
        good = self._items[:BATCH_SIZE]
        expected = self._send(good)
        for poison in POISON_ITEMS:
            at = self._rng.randrange(len(good) + 1)
            results = self._send([*good[:at], poison, *good[at:]])
            if results[:at] + results[at + 1 :] != expected:
                yield f"{poison!r} at {at} changed the results of its neighbours"
            if results[at]["status"] != "rejected":
                yield f"{poison!r} was called {results[at]['status']}"

    def check_forgery(self, _: Evidence) -> Iterator[str]:
        """A ballot of another organization, or with another number, is rejected."""
        for item in self._items[:BATCH_SIZE]:
            for ballot in (
                _with_other_organization(item["ballot"]),
                _with_other_number(item["ballot"]),
            ):
                (result,) = self._send([item | {"ballot": ballot}])
                if result["status"] != "rejected":
                    yield f"a forged ballot was called {result['status']}"

    def _unchanged(self, act: Callable[[], list[str]]) -> Iterator[str]:
        url = self._environment.installation.database_url
        before = database.compute_fingerprint(url, ROOT)
        yield from act()
        if database.compute_fingerprint(url, ROOT) != before:
            yield "the database changed"

    def _replay(self, items: Sequence[Item], size: int) -> list[str]:
        return [
            f"an item sent again was called {result['status']}"
            for _, result in self._pairs(items, size)
            if result["status"] == "accepted"
        ]

    def _pairs(self, items: Sequence[Item], size: int) -> Iterator[tuple[str, Result]]:
        for first in range(0, len(items), size):
            cut = items[first : first + size]
            for item, result in zip(cut, self._send(cut), strict=True):
                yield json.dumps(item), result

    def _send(self, items: Sequence[Any]) -> list[Result]:
        envelope = {"protocol": 1, "batch": secrets.token_hex(8), "items": list(items)}
        request = Message(
            f"POST {SUBMISSIONS} HTTP/1.1",
            {"host": "localhost", "content-type": "application/json"},
            json.dumps(envelope).encode(),
        )
        reply = asyncio.run(exchange(self._environment.port, request, TIMEOUT_SECONDS))
        return read_results(reply)


def _wire_item(sent: SentItem) -> Item:
    return {"op": sent.op, "ballot": sent.ballot, "envelope": sent.envelope}


def _with_other_organization(ballot: str) -> str:
    """The same ballot under a key id of another organization."""
    header, *rest = ballot.split(".")
    named = json.loads(base64url.decode(header))
    named["kid"] = "elsewhere." + named["kid"].partition(".")[2]
    return ".".join([_encode_part(named), *rest])


def _with_other_number(ballot: str) -> str:
    """The same signature under another number."""
    header, payload, signature = ballot.split(".")
    claims = json.loads(base64url.decode(payload))
    claims["jti"] = base64url.encode(secrets.token_bytes(32))
    return ".".join([header, _encode_part(claims), signature])


def _encode_part(members: dict[str, Any]) -> str:
    return base64url.encode(json.dumps(members, separators=(",", ":")).encode())
