"""After the storm, in calm weather: everything that was ever sent is sent once more."""

import asyncio
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from demo.agency import ROOT
from rapport_client import b64
from tests.chaos import database
from tests.chaos.evidence import Evidence
from tests.chaos.faults import SUBMISSIONS, results_of
from tests.chaos.messages import Message, exchange
from tests.chaos.stage import Stage
from tests.chaos.stories import Sent

AT_ONCE = 40
SECONDS = 30.0

Item = dict[str, Any]
Result = dict[str, Any]

POISON: Sequence[Any] = (
    None,
    17,
    {},
    {"op": "submit"},
    {"op": "submit", "ballot": "a.b.c", "content": "{}"},
    {"op": "submit", "ballot": "x" * 2000, "content": "{}"},
    {"op": "vote", "ballot": "a.b.c", "content": "{}"},
)


class Probes:
    """Active checks: they ask the service, and look whether the database stays.

    Args:
        stage: is running, and quiet.
        evidence: of the storm.
    """

    def __init__(self, stage: Stage, evidence: Evidence) -> None:
        self._stage = stage
        self._dice = Random(len(evidence.crossed))
        # What the service never answered may not have come to it: it would be new.
        told = {(said.key, said.op, said.digest) for said in evidence.said}
        sent: Sequence[Sent] = [*evidence.sent, *evidence.forged]
        once = {
            (one.op, one.ballot, one.content): one
            for one in sent
            if (one.key, one.op, one.digest) in told
        }
        self._items = [_wire(one) for one in once.values()]

    def replayed(self, _: Evidence) -> Iterator[str]:
        """Everything sent again, in its old order, changes nothing."""
        yield from self._unchanged(lambda: self._replay(self._items, AT_ONCE))

    def recut(self, _: Evidence) -> Iterator[str]:
        """Any other order, partition and repetition gets the same answers."""
        right = dict(self._pairs(self._items, AT_ONCE))
        shuffled = [*self._items, *self._items[: len(self._items) // 3]]
        self._dice.shuffle(shuffled)

        def again() -> Iterator[str]:
            for name, result in self._pairs(shuffled, self._dice.randrange(1, AT_ONCE)):
                if right[name] != result:
                    yield f"one item was told {right[name]}, then {result}"

        yield from self._unchanged(lambda: list(again()))

    def isolated(self, _: Evidence) -> Iterator[str]:
        """Poison beside good items changes no answer to them, wherever it stands."""
        good = self._items[:AT_ONCE]
        right = self._send(good)
        for poison in POISON:
            at = self._dice.randrange(len(good) + 1)
            told = self._send([*good[:at], poison, *good[at:]])
            if told[:at] + told[at + 1 :] != right:
                yield f"{poison!r} at {at} changed what its neighbours were told"
            if told[at]["status"] != "rejected":
                yield f"{poison!r} was called {told[at]['status']}"

    def unforgeable(self, _: Evidence) -> Iterator[str]:
        """A ballot means nothing in another organization, nor with another number."""
        for item in self._items[:AT_ONCE]:
            for ballot in (_elsewhere(item["ballot"]), _renumbered(item["ballot"])):
                (told,) = self._send([item | {"ballot": ballot}])
                if told["status"] != "rejected":
                    yield f"a forged ballot was called {told['status']}"

    def _unchanged(self, act: Callable[[], list[str]]) -> Iterator[str]:
        url = self._stage.house.database_url
        before = database.fingerprint(url, ROOT)
        yield from act()
        if database.fingerprint(url, ROOT) != before:
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
        reply = asyncio.run(exchange(self._stage.port, request, SECONDS))
        return results_of(reply)


def _wire(sent: Sent) -> Item:
    item = {"op": sent.op, "ballot": sent.ballot}
    return item if sent.content is None else item | {"content": sent.content}


def _elsewhere(ballot: str) -> str:
    """The same ballot, of a key that names another organization."""
    header, *rest = ballot.split(".")
    named = json.loads(b64.decode(header))
    named["kid"] = "elsewhere." + named["kid"].partition(".")[2]
    return ".".join([_part(named), *rest])


def _renumbered(ballot: str) -> str:
    """The same signature under a number of one's own."""
    header, payload, signature = ballot.split(".")
    claims = json.loads(b64.decode(payload))
    claims["jti"] = b64.encode(secrets.token_bytes(32))
    return ".".join([header, _part(claims), signature])


def _part(members: dict[str, Any]) -> str:
    return b64.encode(json.dumps(members, separators=(",", ":")).encode())
