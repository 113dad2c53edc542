"""One use of a phone, in a process of its own that may be killed at any instant.

What the person meant to do is on disk before the SDK is asked, and what the SDK said as
soon as it has said it: the phone's own ledger.
"""

import gzip
import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from rapport_client import (
    AlreadyAnswered,
    Answer,
    FieldDevice,
    OutboxUnusable,
    Pulse,
    PulseNotOpen,
    RapportError,
    Request,
    Response,
    Transport,
    TransportFailure,
    Urllib3Transport,
)
from tests.chaos.faults import SUBMISSIONS
from tests.chaos.journal import Journal
from tests.chaos.proxy import named

PATIENCE = 3.0
"""Seconds that a phone waits for a reply; the proxy's slowest replies take longer."""

CONTEXTS = ("normal", "stretched", "crisis", None)


@dataclass(frozen=True)
class Orders:
    """What one session is to do.

    Attributes:
        person: whose phone it is.
        file: the outbox.
        server: the origin to talk to.
        ledger: where to write down what happens.
        seed: chooses answers; each session has another, so that no two tries to answer
            a pulse look alike.
        steps: ``enrol``, ``sync``, ``answer`` or ``status``, in order.
        code: an enrolment code.
        skew: how wrong the phone's clock is.
        signal: whether anything can be sent.
        silent: waves that the person does not answer.
    """

    person: str
    file: Path
    server: str
    ledger: Path
    seed: str
    steps: tuple[str, ...]
    code: str
    skew: timedelta = timedelta()
    signal: bool = True
    silent: frozenset[str] = frozenset()


class Phone(FieldDevice):
    """A phone whose clock is wrong."""

    skew = timedelta()

    def _now(self) -> datetime:
        return datetime.now(UTC) + self.skew


class ToldLine:
    """A line that notes every submission before it goes, and every reply.

    Args:
        line: carries the requests.
        ledger: takes the notes.
        signal: whether anything comes through.
    """

    def __init__(self, line: Transport, ledger: Journal, *, signal: bool) -> None:
        self._line = line
        self._ledger = ledger
        self._signal = signal

    def send(self, request: Request) -> Response:
        """Carries a request."""
        if not request.url.endswith(SUBMISSIONS):
            response = self._carry(request)
            path = "/" + request.url.split("/", 3)[3]
            self._note(response, path, [])
            return response
        self._ledger.note("sending", items=[named(item) for item in _items(request)])
        response = self._carry(request)
        self._note(response, SUBMISSIONS, _results(response))
        return response

    def _carry(self, request: Request) -> Response:
        if not self._signal:
            raise TransportFailure("no signal")
        return self._line.send(request)

    def _note(self, response: Response, path: str, results: list[Any]) -> None:
        self._ledger.note(
            "reply",
            path=path,
            status=response.status,
            retry_after=response.headers.get("retry-after"),
            results=results,
        )


def _items(request: Request) -> list[dict[str, Any]]:
    coded = request.headers.get("Content-Encoding") == "gzip"
    body = gzip.decompress(request.body) if coded else request.body
    items: list[dict[str, Any]] = json.loads(body)["items"]
    return items


def _results(response: Response) -> list[Any]:
    try:
        coded = response.headers.get("content-encoding") == "gzip"
        body = gzip.decompress(response.body) if coded else response.body
        document = json.loads(body)
    except (ValueError, OSError, EOFError):
        return []
    results = document.get("results", []) if isinstance(document, dict) else []
    return results if isinstance(results, list) else []


def play(orders: Orders, wait: Callable[[], None]) -> None:
    """Plays a session to its end.

    Args:
        orders: what to do.
        wait: returns when the session may begin.
    """
    wait()
    ledger = Journal(orders.ledger, durable=True)
    with closing(Urllib3Transport(connect_seconds=2, read_seconds=PATIENCE)) as line:
        told = ToldLine(line, ledger, signal=orders.signal)
        try:
            with Phone(orders.file, orders.server, transport=told) as phone:
                phone.skew = orders.skew
                for step in orders.steps:
                    STEPS[step](phone, orders, ledger)
        except OutboxUnusable as error:
            ledger.note("unusable", why=str(error))
    ledger.note("ended")


def _enrol(phone: Phone, orders: Orders, ledger: Journal) -> None:
    ledger.note("enrolling", code=orders.code)
    try:
        phone.enrol(orders.code)
    except OutboxUnusable:
        raise
    except RapportError as error:
        ledger.note("not enrolled", why=type(error).__name__)
    else:
        ledger.note("enrolled", code=orders.code)


def _sync(phone: Phone, _: Orders, ledger: Journal) -> None:
    report = phone.sync()
    ledger.note("synced", problem=report.problem, notices=report.notices)


def _answer(phone: Phone, orders: Orders, ledger: Journal) -> None:
    for pulse in phone.open_pulses():
        if pulse.wave not in orders.silent:
            _answer_one(phone, orders, ledger, pulse)


def _answer_one(phone: Phone, orders: Orders, ledger: Journal, pulse: Pulse) -> None:
    answers, context = _choose(orders, pulse)
    what = {"wave": pulse.wave, "answers": answers, "context": context}
    ledger.note("answering", **what)
    try:
        phone.answer(pulse, answers, context)
    except (AlreadyAnswered, PulseNotOpen) as error:
        ledger.note("refused", wave=pulse.wave, why=type(error).__name__)
    except OutboxUnusable as error:
        ledger.note("not answered", wave=pulse.wave, why=str(error))
        raise
    else:
        ledger.note("answered", **what)


def _status(phone: Phone, _: Orders, ledger: Journal) -> None:
    items = [
        {"wave": i.wave, "state": i.state, "status": i.status, "reason": i.reason}
        for i in phone.status().items
    ]
    ledger.note("status", items=items)


STEPS: Mapping[str, Callable[[Phone, Orders, Journal], None]] = {
    "enrol": _enrol,
    "sync": _sync,
    "answer": _answer,
    "status": _status,
}


def _choose(orders: Orders, pulse: Pulse) -> tuple[dict[str, Answer], str | None]:
    dice = Random(f"{orders.seed}/{pulse.wave}")
    mood = dice.choice((2, 3, 4))
    answers: dict[str, Answer] = {}
    for question in pulse.questions:
        point = min(5, max(1, round(dice.gauss(mood, 1))))
        answers[question.id] = "na" if dice.random() < 0.04 else point
    return answers, dice.choice(CONTEXTS)
