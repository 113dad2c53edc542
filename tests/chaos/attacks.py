"""Somebody who has got hold of ballots, and of what phones were about to send."""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import Sequence
from random import Random
from threading import Thread
from typing import Any

from rapport_client import b64
from tests.chaos.fates import UNKNOWN_FORM
from tests.chaos.faults import SUBMISSIONS, items_of, results_of
from tests.chaos.journal import Journal, entries
from tests.chaos.messages import BrokenError, Message, exchange
from tests.chaos.proxy import named
from tests.chaos.stage import Stage

SECONDS = 10.0
RACERS = 6


class Attacker:
    """Sends straight to the service what no phone would, and notes what it answers.

    It waits for replies in a thread of its own: nobody else has to.

    Args:
        stage: is running.
    """

    def __init__(self, stage: Stage) -> None:
        self.done: Counter[str] = Counter()
        self._stage = stage
        self._dice = Random(stage.dice.random())
        self._journal = Journal(stage.attacks)
        self._at_work: Thread | None = None

    @property
    def is_at_work(self) -> bool:
        """Whether something that it sent may still be under way."""
        return self._at_work is not None and self._at_work.is_alive()

    def strike(self, unsealed: Sequence[str]) -> None:
        """Begins to do one of the things it can do, if anybody gave it the means.

        Args:
            unsealed: phones without any signal, which hold unsent answers.
        """
        self._at_work = Thread(target=self._strike, args=(unsealed,))
        self._at_work.start()

    def end(self) -> None:
        """Waits until nothing is under way."""
        if self._at_work is not None:
            self._at_work.join()

    def _strike(self, unsealed: Sequence[str]) -> None:
        crossed = [
            entry
            for entry in entries(self._stage.crossed)
            if any(
                r["status"] in {"accepted", "duplicate"} for r in entry.get("said", [])
            )
        ]
        if crossed and self._dice.random() < 0.6:
            items = self._dice.choice(crossed)["items"]
            submits = [item for item in items if item["op"] == "submit"]
            if submits:
                self._another_content(self._dice.choice(submits))
        elif unsealed:
            self._race(self._dice.choice(unsealed))

    def _another_content(self, item: dict[str, Any]) -> None:
        """Says something else under a ballot that has spoken."""
        self.done["other content under a spent ballot"] += 1
        self._send([item | {"content": self._forged(item["content"])}], 1)

    def _forged(self, content: str) -> str:
        frozen = json.loads(content)
        frozen["nonce"] = b64.encode(secrets.token_bytes(16))
        if self._dice.random() < 0.3:
            frozen["form"] = UNKNOWN_FORM
        return json.dumps(frozen)

    def _race(self, device: str) -> None:
        """Sends one unsent answer many times at once, before its phone does."""
        sending = [
            entry
            for entry in entries(self._stage.ledger(device))
            if entry["event"] == "sending" and entry["items"][0]["op"] == "submit"
        ]
        if not sending:
            return
        items = sending[-1]["items"]
        if self._dice.random() < 0.3:
            self.done["other content before the phone's own"] += 1
            forged = [
                item | {"content": self._forged(item["content"])} for item in items
            ]
            self._send(forged, 1)
        else:
            self.done["identical requests at once"] += 1
            self._send(items, RACERS)

    def _send(self, items: list[dict[str, Any]], times: int) -> None:
        envelope = {
            "protocol": 1,
            "batch": secrets.token_hex(8),
            "items": [
                {
                    name: item[name]
                    for name in ("op", "ballot", "content")
                    if name in item
                }
                for item in items
            ],
        }
        request = Message(
            f"POST {SUBMISSIONS} HTTP/1.1",
            {"host": "localhost", "content-type": "application/json"},
            json.dumps(envelope).encode(),
        )
        race = secrets.token_hex(8) if times > 1 else None
        for reply in asyncio.run(_at_once(self._stage.port, request, times)):
            self._journal.note(
                "exchange",
                path=SUBMISSIONS,
                race=race,
                status=reply and reply.status,
                truly=reply is not None,
                items=[named(item) for item in items_of(request)],
                said=results_of(reply) if reply else [],
            )


async def _at_once(port: int, request: Message, times: int) -> list[Message | None]:
    async def one() -> Message | None:
        try:
            return await exchange(port, request, SECONDS)
        except BrokenError:
            return None

    return list(await asyncio.gather(*(one() for _ in range(times))))
