"""The commands of a phone: enrol, sync, pulses, answer, withdraw, status."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from typing import cast

from rapport_client.cli import words
from rapport_client.cli.asking import ask
from rapport_client.cli.files import must_exist, read_answers
from rapport_client.cli.going import keep_going
from rapport_client.cli.options import Options
from rapport_client.cli.outcome import Exit, Outcome, RefusedError, failed
from rapport_client.device import FieldDevice
from rapport_client.errors import (
    CodeForReading,
    OutboxDamaged,
    PulseNotOpen,
    TransportFailure,
)
from rapport_client.gateway import Gateway
from rapport_client.pulses.answers import Answer
from rapport_client.pulses.pulse import Pulse
from rapport_client.sync.report import SyncReport
from rapport_client.wire import Request, Response, Transport


class _Offline:
    """The transport of commands that need no signal: it carries nothing."""

    def send(self, request: Request) -> Response:
        raise TransportFailure(f"offline: {request.method}")


def enrol(options: Options) -> Outcome:
    """Enrols the device."""
    with FieldDevice(
        options.outbox, options.server, person=options.person, key=options.key_file
    ) as device:
        try:
            device.enrol(options.code, again=options.again)
        except CodeForReading as error:
            return failed(
                error, *words.of_reading(options.server, options.code, error.device)
            )
    return Outcome({"enrolled": True}, "enrolled; next: rapport-field sync")


def sync(options: Options) -> Outcome:
    """Sends what waits and draws what is announced."""
    with _known(options, options.server, options.ballot_box) as device:
        report = keep_going(device) if options.keep_going else device.sync()
        enrolled = device.enrolled
    return Outcome(
        {**asdict(report), "enrolled": enrolled},
        words.of_report(report),
        _exit_of(report),
    )


def pulses(options: Options) -> Outcome:
    """Shows what can be answered now."""
    with _offline(options) as device:
        shown = device.open_pulses(options.language)
    return Outcome(
        {"pulses": [_document(pulse) for pulse in shown]}, words.of_pulses(shown)
    )


def answer(options: Options) -> Outcome:
    """Takes the answers to a pulse."""
    with _offline(options) as device:
        try:
            pulse = device.pulse(options.wave, options.language)
        except PulseNotOpen as error:
            return failed(error, words.OTHERS)
        answers, context = (
            ask(pulse) if options.answers is None else read_answers(options.answers)
        )
        # Whatever a file holds is checked against the questions before it is kept.
        device.answer(pulse, cast(Mapping[str, Answer], answers), context)
    return Outcome(
        {"wave": pulse.wave, "state": "queued"},
        "kept on this device, not sent yet",
    )


def withdraw(options: Options) -> Outcome:
    """Takes an answer back."""
    with _offline(options) as device:
        device.withdraw(options.wave)
        kept = {
            each.wave: each for each in device.status().items if each.op == "withdraw"
        }
    if (item := kept.get(options.wave)) is None:
        raise OutboxDamaged("the withdrawal was asked for, but cannot be read any more")
    return Outcome(
        {"wave": options.wave, "state": item.state},
        words.of_withdrawal(item, options.language),
        Exit.REFUSED if item.status == "final" or item.state == "dead" else Exit.DONE,
    )


def export_dead(options: Options) -> Outcome:
    """Shows what was refused for good, with all there is to know of it."""
    with _offline(options) as device:
        document = {"dead": [asdict(item) for item in device.export_dead()]}
    return Outcome(document, json.dumps(document, ensure_ascii=False, indent=2))


def status(options: Options) -> Outcome:
    """Shows where every answer is."""
    with _offline(options) as device:
        told = device.status()
        enrolled = device.enrolled
    waits = told.queued + told.in_flight + told.dead
    return Outcome(
        {"enrolled": enrolled, **words.document_of_status(told)},
        words.of_status(told, options.language, enrolled=enrolled),
        Exit.REFUSED if waits else Exit.DONE,
    )


def _offline(options: Options) -> AbstractContextManager[FieldDevice]:
    return _known(options, "", transport=_Offline())


@contextmanager
def _known(
    options: Options,
    server: str,
    ballot_box: str | None = None,
    transport: Transport | None = None,
) -> Iterator[FieldDevice]:
    """The device of somebody who has used this outbox before.

    Raises:
        RefusedError: there is no outbox, or nobody of that name on it.
    """
    must_exist(options.outbox)
    with Gateway(
        options.outbox, server, ballot_box, transport=transport, key=options.key_file
    ) as gateway:
        device = gateway.person(options.person)
        if not device.enrolled:
            _must_know(options.person, gateway.people())
        yield device


def _must_know(person: str, people: Sequence[str]) -> None:
    if not people:
        raise RefusedError("nobody uses this outbox yet: run `rapport-field enrol`")
    if person not in people:
        raise RefusedError(
            f"nobody called {person} uses this outbox; say who with --person;"
            f" people on this device: {', '.join(people)}"
        )


def _exit_of(report: SyncReport) -> Exit:
    if report.offline:
        return Exit.NO_CONNECTION
    stuck = report.waiting or report.dead or report.needs_code
    return Exit.REFUSED if stuck or report.problem is not None else Exit.DONE


def _document(pulse: Pulse) -> dict[str, object]:
    return {**asdict(pulse), "closes_at": words.instant(pulse.closes_at)}
