"""Attacker who holds ballots, and envelopes that phones are about to send."""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import Sequence
from random import Random
from threading import Thread
from typing import Any

from rapport_client._protocol import base64url
from rapport_schemas.enums import ENVELOPE_BYTES
from rapport_service.envelope.hpke import envelope_info, seal_envelope
from rapport_service.envelope.sealing_key import parse_public_jwk
from rapport_service.instrument.answers import Answers
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from tools.chaos import database
from tools.chaos.environment import RunEnvironment
from tools.chaos.journal import Journal, read_entries
from tools.chaos.messages import BrokenConnectionError, Message, exchange
from tools.chaos.network_faults import SUBMISSIONS, read_items, read_results
from tools.chaos.proxy import identify_item

TIMEOUT_SECONDS = 10.0
CONCURRENT_REQUESTS = 6

RANDOM_BYTES_PROBABILITY, NONSENSE_PROBABILITY = 0.15, 0.3
"""Probabilities that a forged envelope never opens, or that it holds nonsense if so."""


class Attacker:
    """Sends forged requests to the service directly, and records the replies.

    It waits for replies in a thread of its own, so that the run goes on.

    Args:
        environment: of the run.
    """

    def __init__(self, environment: RunEnvironment) -> None:
        self.done: Counter[str] = Counter()
        self._environment = environment
        self._rng = Random(environment.rng.random())
        self._journal = Journal(environment.attacks)
        self._thread: Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether a request of the attacker may still be under way."""
        return self._thread is not None and self._thread.is_alive()

    def attack(self, offline_devices: Sequence[str]) -> None:
        """Starts one attack, if the ledgers hold items for it.

        Args:
            offline_devices: phones without a signal, which hold unsent answers.
        """
        planned = self._plan(offline_devices)
        if planned is not None:
            self._thread = Thread(target=self._send, args=planned)
            self._thread.start()

    def end(self) -> None:
        """Waits until nothing is under way."""
        if self._thread is not None:
            self._thread.join()

    def _plan(
        self, offline_devices: Sequence[str]
    ) -> tuple[list[dict[str, Any]], int] | None:
        """The items of an attack and how often they are sent; None if there are none.

        Not in the thread: a phone that is forked while a thread uses a database, or
        makes an envelope, would wait for a lock of that library for ever.
        """
        exchanges = [
            entry
            for entry in read_entries(self._environment.exchanges)
            if any(
                r["status"] in {"accepted", "duplicate"}
                for r in entry.get("results", [])
            )
        ]
        if exchanges and self._rng.random() < 0.6:
            items = self._rng.choice(exchanges)["items"]
            submits = [item for item in items if item["op"] == "submit"]
            if not submits:
                return None
            self.done["another envelope under a used ballot"] += 1
            item = self._rng.choice(submits)
            return [item | {"envelope": self._forge_envelope(item)}], 1
        if offline_devices:
            return self._plan_race(self._rng.choice(offline_devices))
        return None

    def _forge_envelope(self, item: dict[str, Any]) -> str:
        """An envelope with other answers, with nonsense, or one that never opens."""
        form = self._rng.randrange(len(CURRENT_INSTRUMENT.forms))
        shown = CURRENT_INSTRUMENT.items_on_form(form)
        values = tuple(self._rng.randint(1, CURRENT_INSTRUMENT.scale) for _ in shown)
        plaintext = Answers(form, values, None).plaintext(CURRENT_INSTRUMENT)
        chance = self._rng.random()
        if chance < RANDOM_BYTES_PROBABILITY:
            return base64url.encode(secrets.token_bytes(ENVELOPE_BYTES))
        if chance < NONSENSE_PROBABILITY:
            plaintext = plaintext.replace(b'{"form"', b'{"farm"')
        charter, digest = database.read_charter(
            self._environment.installation.database_url, item["kid"]
        )
        jwk = json.dumps(charter["sealing_key"], separators=(",", ":"))
        info = envelope_info(item["kid"], base64url.decode(item["hash"]), digest)
        envelope = seal_envelope(parse_public_jwk(jwk), plaintext, info)
        return base64url.encode(envelope)

    def _plan_race(self, device: str) -> tuple[list[dict[str, Any]], int] | None:
        """An unsent answer, many times at once, before its phone sends it."""
        sending = [
            entry
            for entry in read_entries(self._environment.ledger(device))
            if entry["event"] == "sending" and entry["items"][0]["op"] == "submit"
        ]
        if not sending:
            return None
        items = sending[-1]["items"]
        if self._rng.random() < 0.3:
            self.done["another envelope before the phone's own"] += 1
            forged = [item | {"envelope": self._forge_envelope(item)} for item in items]
            return forged, 1
        self.done["identical requests at once"] += 1
        return items, CONCURRENT_REQUESTS

    def _send(self, items: list[dict[str, Any]], times: int) -> None:
        envelope = {
            "protocol": 1,
            "batch": secrets.token_hex(8),
            "items": [
                {name: item[name] for name in ("op", "ballot", "envelope")}
                for item in items
            ],
        }
        request = Message(
            f"POST {SUBMISSIONS} HTTP/1.1",
            {"host": "localhost", "content-type": "application/json"},
            json.dumps(envelope).encode(),
        )
        race = secrets.token_hex(8) if times > 1 else None
        for reply in asyncio.run(
            _send_concurrently(self._environment.port, request, times)
        ):
            self._journal.note(
                "exchange",
                path=SUBMISSIONS,
                race=race,
                status=reply and reply.status,
                observed=reply is not None,
                items=[identify_item(item) for item in read_items(request)],
                results=read_results(reply) if reply else [],
            )


async def _send_concurrently(
    port: int, request: Message, times: int
) -> list[Message | None]:
    async def send() -> Message | None:
        try:
            return await exchange(port, request, TIMEOUT_SECONDS)
        except BrokenConnectionError:
            return None

    return list(await asyncio.gather(*(send() for _ in range(times))))
