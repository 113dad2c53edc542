"""The bad line between phones and the service: a proxy in a process of its own.

It takes one command a line on its standard input (``{"chance": 0.4}`` is the weather
from now on), answers each with ``ok``, and writes down every exchange: what was asked,
what the service said, and whether the client got to see exactly that.
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

from rapport_client import b64
from tests.chaos.faults import (
    CALM,
    INSTEAD,
    SUBMISSIONS,
    Fault,
    Weather,
    items_of,
    results_of,
    spoil,
)
from tests.chaos.journal import Journal
from tests.chaos.messages import (
    LARGEST_HEAD,
    BrokenError,
    Message,
    exchange,
    hang_up,
    read,
)

UPSTREAM_SECONDS = 30.0
PAST_THE_TIME_OUT = 4.0
REMEMBERED = 20
"""Replies to a path that may be served again."""


class Proxy:
    """Stands between, and is unkind by the dice.

    Args:
        upstream: the service's port.
        journal: what crossed is written to it.
        dice: decides.
    """

    def __init__(self, upstream: int, journal: Journal, dice: Random) -> None:
        self.weather = CALM
        self._upstream = upstream
        self._journal = journal
        self._dice = dice
        self._older: dict[str, list[Message]] = defaultdict(list)
        self._passed = asyncio.Event()
        self._later: set[asyncio.Task[None]] = set()

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serves one connection until either side has had enough of it."""
        with suppress(BrokenError, OSError):
            while await self._one(await read(reader), writer):
                await writer.drain()
        await hang_up(writer)

    async def _one(self, request: Message, writer: asyncio.StreamWriter) -> bool:
        """One exchange; says whether the connection goes on."""
        fault = self.weather.fault_for(request, self._dice)
        if fault == Fault.LOST_REQUEST:
            self._note(request, fault, None, seen=None)
            return False
        if fault is not None and fault in INSTEAD:
            made = INSTEAD[fault](self._dice)
            self._note(request, fault, None, seen=made)
            writer.write(made.dump())
            return True
        said = await self._ask(request, fault)
        if said is None:
            self._note(request, fault, None, seen=None)
            return False
        seen = (
            spoil(fault, said, self._some_older(request), self._dice) if fault else said
        )
        lost = fault in {Fault.LOST_REPLY, Fault.SLOW_REPLY, Fault.CUT_REPLY}
        self._note(request, fault, said, seen=None if lost else seen)
        self._remember(request, said)
        return await self._deliver(seen, fault, writer)

    async def _ask(self, request: Message, fault: Fault | None) -> Message | None:
        """Has the service do its work; None if no whole reply came."""
        if fault == Fault.OVERTAKEN:
            await self._wait_for_another()
        else:
            self._passed.set()
            self._passed.clear()
        if fault == Fault.AGAIN_LATER:
            self._again_later(request)
        with suppress(BrokenError):
            if fault != Fault.TWICE:
                return await exchange(self._upstream, request, UPSTREAM_SECONDS)
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
                await asyncio.sleep(PAST_THE_TIME_OUT)
                return False
            case Fault.CUT_REPLY:
                whole = seen.dump()
                writer.write(whole[: self._dice.randrange(len(whole))])
                return False
            case _:
                writer.write(seen.dump())
                return True

    async def _wait_for_another(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await self._passed.wait()
        await asyncio.sleep(0.05)

    def _again_later(self, request: Message) -> None:
        async def again() -> None:
            await asyncio.sleep(self._dice.uniform(1, 15))
            with suppress(BrokenError):
                said = await exchange(self._upstream, request, UPSTREAM_SECONDS)
                self._note(request, None, said, seen=None)

        task = asyncio.create_task(again())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    def _some_older(self, request: Message) -> Message | None:
        older = self._older[request.path]
        return self._dice.choice(older) if older else None

    def _remember(self, request: Message, reply: Message) -> None:
        older = self._older[request.path]
        if reply.status == 200:
            older.append(reply)
            del older[:-REMEMBERED]

    def _note(
        self,
        request: Message,
        fault: Fault | None,
        said: Message | None,
        seen: Message | None,
    ) -> None:
        facts: dict[str, Any] = {
            "path": request.path.partition("?")[0],
            "method": request.method,
            "fault": fault,
            "status": said and said.status,
            "truly": said is not None and _alike(seen, said),
            "up": len(request.body),
            "down": len(said.body) if said else None,
        }
        if request.path == SUBMISSIONS:
            facts["items"] = [named(item) for item in items_of(request)]
            facts["said"] = results_of(said) if said else []
            facts["seen"] = results_of(seen) if seen else []
        self._journal.note("exchange", **facts)


def _alike(seen: Message | None, said: Message) -> bool:
    """Whether a reply tells a phone the same, whatever byte of it was spoilt."""
    words = _words(said)
    return seen == said or (
        seen is not None and words is not None and _words(seen) == words
    )


def _words(reply: Message) -> object:
    document = reply.document()
    if not isinstance(document, dict) or "results" not in document:
        return None
    words = [
        [result.get(name) for name in ("status", "hash", "digest", "signature")]
        for result in results_of(reply)
    ]
    return reply.status, document.get("protocol"), document.get("batch"), words


def named(item: dict[str, Any]) -> dict[str, Any]:
    """An item with the names that the service gives to its ballot and content."""
    ballot, content = str(item.get("ballot", "")), item.get("content")
    return item | {
        "kid": kid_of(ballot),
        "hash": hash_of(ballot),
        "digest": None if content is None else b64.digest(str(content).encode()),
    }


def kid_of(ballot: str) -> str:
    """The key that a ballot is under."""
    kid: str = _part(ballot, 0)["kid"]
    return kid


def hash_of(ballot: str) -> str:
    """The name of a ballot: the hash of its R."""
    return b64.encode(sha256(b64.decode(_part(ballot, 1)["jti"])).digest())


def _part(ballot: str, number: int) -> dict[str, str]:
    part: dict[str, str] = json.loads(b64.decode(ballot.split(".")[number]))
    return part


async def main(port: int, upstream: int, seed: str, path: Path) -> None:
    """Serves until the standard input ends."""
    proxy = Proxy(upstream, Journal(path), Random(seed))
    server = await asyncio.start_server(
        proxy.serve, "127.0.0.1", port, limit=LARGEST_HEAD
    )
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    address = server.sockets[0].getsockname()
    sys.stdout.write(f"{address[1]}\n")
    sys.stdout.flush()
    while line := await commands.readline():
        proxy.weather = Weather(**json.loads(line))
        sys.stdout.write("ok\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _, port, upstream, seed, path = sys.argv
    asyncio.run(main(int(port), int(upstream), seed, Path(path)))
