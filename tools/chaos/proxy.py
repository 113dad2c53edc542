"""Faulty proxy between phones and the service, run as a process of its own.

It reads fault rates from its standard input, one JSON object a line such as
``{"read_probability": 0.4}``, answers each with ``ok``, and records every exchange: the
request, the reply of the service, and whether the client received exactly that. At a
port of its own it shows another Rapport, without faults, to whoever has typed the wrong
address.
"""

import asyncio
import json
import sys
from collections import defaultdict
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from rapport_client._protocol import base64url
from tools.chaos.journal import Journal
from tools.chaos.messages import (
    MAX_HEAD_BYTES,
    BrokenConnectionError,
    Message,
    close_connection,
    exchange,
    read_message,
)
from tools.chaos.network_faults import (
    FABRICATED_REPLIES,
    NO_FAULTS,
    SUBMISSIONS,
    Fault,
    FaultRates,
    distort_reply,
    read_items,
    read_results,
)

EXCHANGES, WRONG_ADDRESS = "exchanges", "wrong-address"
"""Names of the ledgers of the two ports."""

UPSTREAM_SECONDS = 30.0
SLOW_REPLY_SECONDS = 4.0
AUTHORIZATION = "authorization"
MAX_REMEMBERED_REPLIES = 20
"""Old replies to a path that may be served again."""


class Proxy:
    """Passes exchanges on, with random faults.

    Args:
        upstream: the service's port.
        other: the port of another Rapport.
        journal: records the exchanges.
        rng: draws the faults.
    """

    def __init__(
        self, upstream: int, other: int, journal: Journal, rng: Random
    ) -> None:
        self.fault_rates = NO_FAULTS
        self._upstream = upstream
        self._other = other
        self._journal = journal
        self._rng = rng
        self._older: dict[str, list[Message]] = defaultdict(list)
        self._passed = asyncio.Event()
        self._later: set[asyncio.Task[None]] = set()

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serves one connection until either side closes it."""
        with suppress(BrokenConnectionError, OSError):
            while await self._handle_exchange(await read_message(reader), writer):
                await writer.drain()
        await close_connection(writer)

    async def _handle_exchange(
        self, request: Message, writer: asyncio.StreamWriter
    ) -> bool:
        """Handles one exchange; returns whether the connection goes on."""
        fault = self.fault_rates.fault_for(request, self._rng)
        if fault == Fault.LOST_REQUEST:
            self._note(request, fault, None, seen=None)
            return False
        if fault is not None and fault in FABRICATED_REPLIES:
            fabricated = FABRICATED_REPLIES[fault](self._rng)
            self._note(request, fault, None, seen=fabricated)
            writer.write(fabricated.dump())
            return True
        reply = await self._ask(request, fault)
        if reply is None:
            self._note(request, fault, None, seen=None)
            return False
        seen = (
            distort_reply(fault, reply, self._pick_older_reply(request), self._rng)
            if fault
            else reply
        )
        lost = fault in {Fault.LOST_REPLY, Fault.SLOW_REPLY, Fault.CUT_REPLY}
        self._note(request, fault, reply, seen=None if lost else seen)
        if fault != Fault.ELSEWHERE:
            self._remember(request, reply)
        return await self._deliver(seen, fault, writer)

    async def _ask(self, request: Message, fault: Fault | None) -> Message | None:
        """Sends the request to the service; None without a complete reply."""
        if fault == Fault.OVERTAKEN:
            await self._wait_for_another()
        else:
            self._passed.set()
            self._passed.clear()
        if fault == Fault.AGAIN_LATER:
            self._repeat_later(request)
        with suppress(BrokenConnectionError):
            if fault != Fault.TWICE:
                port = self._other if fault == Fault.ELSEWHERE else self._upstream
                return await exchange(port, request, UPSTREAM_SECONDS)
            copies = [
                exchange(self._upstream, request, UPSTREAM_SECONDS) for _ in range(2)
            ]
            replies = await asyncio.gather(*copies, return_exceptions=True)
            whole = [reply for reply in replies if isinstance(reply, Message)]
            for reply in whole[1:]:
                self._note(request, None, reply, seen=None)
            return whole[0] if whole else None
        return None

    async def _deliver(
        self, seen: Message, fault: Fault | None, writer: asyncio.StreamWriter
    ) -> bool:
        match fault:
            case Fault.LOST_REPLY:
                return False
            case Fault.SLOW_REPLY:
                await asyncio.sleep(SLOW_REPLY_SECONDS)
                return False
            case Fault.CUT_REPLY:
                whole = seen.dump()
                writer.write(whole[: self._rng.randrange(len(whole))])
                return False
            case _:
                writer.write(seen.dump())
                return True

    async def _wait_for_another(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await self._passed.wait()
        await asyncio.sleep(0.05)

    def _repeat_later(self, request: Message) -> None:
        async def send_later() -> None:
            await asyncio.sleep(self._rng.uniform(1, 15))
            with suppress(BrokenConnectionError):
                reply = await exchange(self._upstream, request, UPSTREAM_SECONDS)
                self._note(request, None, reply, seen=None)

        task = asyncio.create_task(send_later())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    def _pick_older_reply(self, request: Message) -> Message | None:
        older_replies = self._older[request.path]
        return self._rng.choice(older_replies) if older_replies else None

    def _remember(self, request: Message, reply: Message) -> None:
        older_replies = self._older[request.path]
        if reply.status == 200:
            older_replies.append(reply)
            del older_replies[:-MAX_REMEMBERED_REPLIES]

    def _note(
        self,
        request: Message,
        fault: Fault | None,
        reply: Message | None,
        seen: Message | None,
    ) -> None:
        facts: dict[str, Any] = {
            "path": request.path.partition("?")[0],
            "method": request.method,
            "has_bearer": AUTHORIZATION in request.headers,
            "fault": fault,
            "status": reply and reply.status,
            "observed": reply is not None and _is_same_result(seen, reply),
            "request_bytes": len(request.body),
            "reply_bytes": len(reply.body) if reply else None,
        }
        if request.path == SUBMISSIONS:
            facts["items"] = [identify_item(item) for item in read_items(request)]
            facts["results"] = read_results(reply) if reply else []
            facts["seen_results"] = read_results(seen) if seen else []
        self._journal.note("exchange", **facts)


def _is_same_result(seen: Message | None, reply: Message) -> bool:
    """Whether a distorted reply has the same meaning for a phone."""
    fields = _result_fields(reply)
    return seen == reply or (
        seen is not None and fields is not None and _result_fields(seen) == fields
    )


def _result_fields(reply: Message) -> object:
    document = reply.document()
    if not isinstance(document, dict) or "results" not in document:
        return None
    results = [
        [result.get(name) for name in ("status", "hash", "digest", "signature")]
        for result in read_results(reply)
    ]
    return reply.status, document.get("protocol"), document.get("batch"), results


def identify_item(item: dict[str, Any]) -> dict[str, Any]:
    """An item with the key id, ballot hash and digest that the service uses."""
    ballot, envelope = str(item["ballot"]), str(item["envelope"])
    return item | {
        "kid": read_kid(ballot),
        "hash": hash_ballot(ballot),
        "digest": base64url.digest(base64url.decode(envelope)),
    }


def read_kid(ballot: str) -> str:
    """The key id of a ballot."""
    kid: str = _decode_part(ballot, 0)["kid"]
    return kid


def hash_ballot(ballot: str) -> str:
    """The hash of a ballot's R."""
    return base64url.encode(
        sha256(base64url.decode(_decode_part(ballot, 1)["jti"])).digest()
    )


def _decode_part(ballot: str, number: int) -> dict[str, str]:
    part: dict[str, str] = json.loads(base64url.decode(ballot.split(".")[number]))
    return part


async def main(upstream: int, other: int, seed: str, folder: Path) -> None:
    """Serves until the standard input ends.

    Args:
        upstream: the service's port.
        other: the port of another Rapport.
        seed: of the faults.
        folder: for the ledgers of the two ports.
    """
    proxy = Proxy(upstream, other, Journal(folder / EXCHANGES), Random(seed))
    wrong_address = Proxy(other, other, Journal(folder / WRONG_ADDRESS), Random())
    servers = [
        await asyncio.start_server(each.serve, "127.0.0.1", 0, limit=MAX_HEAD_BYTES)
        for each in (proxy, wrong_address)
    ]
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    for server in servers:
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    while line := await commands.readline():
        proxy.fault_rates = FaultRates(**json.loads(line))
        sys.stdout.write("ok\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _, upstream, other, seed, path = sys.argv
    asyncio.run(main(int(upstream), int(other), seed, Path(path)))
