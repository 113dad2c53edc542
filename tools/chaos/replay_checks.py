"""After the storm, in calm weather: everything that was ever sent is sent once more."""

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
    {"op": "submit", "ballot": "a.b.c", "content": "{}"},
    {"op": "submit", "ballot": "x" * 2000, "content": "{}"},
    {"op": "vote", "ballot": "a.b.c", "content": "{}"},
)


class ReplayChecks:
    """Active checks: they ask the service, and look whether the database stays.

    Args:
        stage: is running, and quiet.
        evidence: of the storm.
    """

    def __init__(self, stage: RunEnvironment, evidence: Evidence) -> None:
        self._stage = stage
        self._rng = Random(len(evidence.exchanges))
        # What the service never answered may not have come to it: it would be new.
        told = {(said.key, said.op, said.digest) for said in evidence.results}
        sent: Sequence[SentItem] = [*evidence.sent_items, *evidence.forged_items]
        once = {
            (one.op, one.ballot, one.content): one
            for one in sent
            if (one.key, one.op, one.digest) in told
        }
        self._items = [_wire_item(one) for one in once.values()]

    def check_replay(self, _: Evidence) -> Iterator[str]:
        """Everything sent again, in its old order, changes nothing."""
        yield from self._unchanged(lambda: self._replay(self._items, BATCH_SIZE))

    def check_regrouping(self, _: Evidence) -> Iterator[str]:
        """Any other order, partition and repetition gets the same answers."""
        right = dict(self._pairs(self._items, BATCH_SIZE))
        shuffled = [*self._items, *self._items[: len(self._items) // 3]]
        self._rng.shuffle(shuffled)

        def again() -> Iterator[str]:
            for name, result in self._pairs(
                shuffled, self._rng.randrange(1, BATCH_SIZE)
            ):
                if right[name] != result:
                    yield f"one item was told {right[name]}, then {result}"

        yield from self._unchanged(lambda: list(again()))

    def check_poison_isolation(self, _: Evidence) -> Iterator[str]:
        """Poison beside good items changes no answer to them, wherever it stands."""
        good = self._items[:BATCH_SIZE]
        right = self._send(good)
        for poison in POISON_ITEMS:
            at = self._rng.randrange(len(good) + 1)
            told = self._send([*good[:at], poison, *good[at:]])
            if told[:at] + told[at + 1 :] != right:
                yield f"{poison!r} at {at} changed what its neighbours were told"
            if told[at]["status"] != "rejected":
                yield f"{poison!r} was called {told[at]['status']}"

    def check_forgery(self, _: Evidence) -> Iterator[str]:
        """A ballot means nothing in another organization, nor with another number."""
        for item in self._items[:BATCH_SIZE]:
            for ballot in (
                _with_other_organization(item["ballot"]),
                _with_other_number(item["ballot"]),
            ):
                (told,) = self._send([item | {"ballot": ballot}])
                if told["status"] != "rejected":
                    yield f"a forged ballot was called {told['status']}"

    def _unchanged(self, act: Callable[[], list[str]]) -> Iterator[str]:
        url = self._stage.installation.database_url
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
        reply = asyncio.run(exchange(self._stage.port, request, TIMEOUT_SECONDS))
        return read_results(reply)


def _wire_item(sent: SentItem) -> Item:
    item = {"op": sent.op, "ballot": sent.ballot}
    return item if sent.content is None else item | {"content": sent.content}


def _with_other_organization(ballot: str) -> str:
    """The same ballot, of a key that names another organization."""
    header, *rest = ballot.split(".")
    named = json.loads(base64url.decode(header))
    named["kid"] = "elsewhere." + named["kid"].partition(".")[2]
    return ".".join([_encode_part(named), *rest])


def _with_other_number(ballot: str) -> str:
    """The same signature under a number of one's own."""
    header, payload, signature = ballot.split(".")
    claims = json.loads(base64url.decode(payload))
    claims["jti"] = base64url.encode(secrets.token_bytes(32))
    return ".".join([header, _encode_part(claims), signature])


def _encode_part(members: dict[str, Any]) -> str:
    return base64url.encode(json.dumps(members, separators=(",", ":")).encode())
