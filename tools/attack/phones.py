"""Phones of an agency: the SDK's own devices, and the truth that attackers look for."""

import gzip
import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, Self
from urllib.parse import urlsplit

from flask import Flask

from rapport_client import FieldDevice, Pulse, Request, Response
from rapport_client._protocol import base64url
from tools.attack.agency import AnsweredPulse, Member, draw_answers

ORIGIN = "https://rapport.test"
SUBMISSIONS = "/v1/submissions"


class PhoneFailedError(Exception):
    """A phone could not do what a phone does; the run would prove nothing."""


@dataclass(frozen=True)
class Sent:
    """Answer of a person as it left the phone: the secret of this agency.

    Attributes:
        person: external id.
        wave: public id of the wave.
        kid: id of the ballot key.
        ballot_hash: SHA-256 of the ballot's random number, as stored.
        digest: SHA-256 of what was sent, as stored.
        form: number of the rotation form.
        answers: the answers and the context.
        arrival: position among all that arrived in the wave.
    """

    person: str
    wave: str
    kid: str
    ballot_hash: bytes
    digest: bytes
    form: int
    answers: AnsweredPulse
    arrival: int


@dataclass
class WatchedTransport:
    """Transport of one phone to an app in this process; keeps what was submitted."""

    app: Flask
    submitted: list[dict[str, Any]] = field(default_factory=list)
    replies: list[tuple[str, int, bytes]] = field(default_factory=list)

    def send(self, request: Request) -> Response:
        """Carry one request."""
        path = urlsplit(request.url).path
        reply = self.app.test_client(use_cookies=False).open(
            request.url.removeprefix(ORIGIN),
            method=request.method,
            headers=dict(request.headers),
            data=request.body or None,
        )
        headers = {name.lower(): value for name, value in reply.headers.items()}
        if path == SUBMISSIONS and reply.status_code == 200:
            self.submitted.append(_read_item(request))
        self.replies.append((path, reply.status_code, reply.data))
        return Response(reply.status_code, headers, reply.data)


def _read_item(request: Request) -> dict[str, Any]:
    body = request.body or b""
    if dict(request.headers).get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    (item,) = json.loads(body)["items"]
    return dict(item)


@dataclass(frozen=True)
class ServiceClock:
    """Clock of a phone that follows the clock of the service."""

    clock: Callable[[], datetime]

    def wall(self) -> float:
        """Seconds since the epoch."""
        return self.clock().timestamp()

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return self.wall()

    def boot(self) -> str:
        """Name of the time since the phone was switched on."""
        return "one boot"


@dataclass
class Phones:
    """Phones by person, each open until the block ends.

    Args:
        app: the service.
        clock: of the service.
        folder: of the outbox files.
        forms: for each form, the items that it shows, in order.
        contexts: options of the context question.
    """

    app: Flask
    clock: Callable[[], datetime]
    folder: Path
    forms: Mapping[tuple[str, ...], int]
    contexts: tuple[str, ...]
    sent: list[Sent] = field(default_factory=list)
    _devices: dict[str, tuple[FieldDevice, WatchedTransport]] = field(
        default_factory=dict
    )
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def enrol(self, person: str, code: str) -> None:
        """Give a person a phone, and enrol it."""
        transport = WatchedTransport(self.app)
        device = self._stack.enter_context(
            FieldDevice(
                self.folder / f"{person}.db",
                ORIGIN,
                transport=transport,
                clock=ServiceClock(self.clock),
            )
        )
        device.enrol(code)
        self._devices[person] = device, transport

    def __contains__(self, person: str) -> bool:
        return person in self._devices

    def sync(self, person: str) -> None:
        """Sync a person's phone, as its Send button does."""
        device, _ = self._devices[person]
        report = device.sync()
        if report.problem:
            raise PhoneFailedError(f"sync failed: {report.problem}")

    def answer(
        self, member: Member, wave: str, rng: Random
    ) -> tuple[Pulse, AnsweredPulse]:
        """Answer a wave on a phone, without a signal."""
        device, _ = self._devices[member.name]
        pulse = device.pulse(wave)
        answers = draw_answers(
            rng, member, [question.id for question in pulse.questions], self.contexts
        )
        device.answer(pulse, answers.values, answers.context)
        return pulse, answers

    def send(
        self, person: str, wave: str, answered: tuple[Pulse, AnsweredPulse]
    ) -> Sent:
        """Sync a phone that has an answer, and note what arrived."""
        _, transport = self._devices[person]
        before = len(transport.submitted)
        self.sync(person)
        items = transport.submitted[before:]
        if len(items) != 1:
            raise PhoneFailedError(f"{len(items)} items left a phone, not one")
        pulse, answers = answered
        kid, number = _read_ballot(items[0]["ballot"])
        content = items[0].get("envelope") or items[0]["content"]
        frozen = (
            base64url.decode(content) if "envelope" in items[0] else content.encode()
        )
        sent = Sent(
            person,
            wave,
            kid,
            sha256(number).digest(),
            sha256(frozen).digest(),
            self.forms[tuple(question.id for question in pulse.questions)],
            answers,
            sum(each.wave == wave for each in self.sent),
        )
        self.sent.append(sent)
        return sent

    def replies(self, person: str) -> list[tuple[str, int, bytes]]:
        """Replies that a phone has had: path, status and body."""
        return self._devices[person][1].replies


def _read_ballot(ballot: str) -> tuple[str, bytes]:
    """The key id and the random number of a ballot."""
    header, payload, _ = ballot.split(".")
    kid = json.loads(base64url.decode(header))["kid"]
    number = json.loads(base64url.decode(payload))["jti"]
    return str(kid), base64url.decode(number)
