"""The commands of a phone: enrol, sync, pulses, answer, withdraw, status."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import cast

from rapport_client.cli import phrases, words
from rapport_client.cli.asking import ask
from rapport_client.cli.files import read_answers
from rapport_client.cli.going import keep_going
from rapport_client.cli.known import asked, known
from rapport_client.cli.options import Options
from rapport_client.cli.outcome import Exit, Outcome, failed
from rapport_client.device import FieldDevice
from rapport_client.errors import (
    CodeForReading,
    OutboxDamaged,
    PulseNotOpen,
    TransportFailure,
)
from rapport_client.pulses.answers import Answer
from rapport_client.pulses.pulse import Pulse
from rapport_client.sync.device_file import DeviceFile
from rapport_client.sync.person import Person
from rapport_client.sync.report import SyncReport
from rapport_client.wire import Request, Response

_NOWHERE = "http://localhost"
"""The origin of commands that ask nobody."""


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
    with known(options, options.server, options.ballot_box) as file:
        device = FieldDevice.of(file, options.person)
        report = keep_going(device) if options.keep_going else device.sync()
        enrolled = device.enrolled
    return Outcome(
        {**asdict(report), "enrolled": enrolled},
        words.of_report(report),
        _exit_of(report),
    )


def pulses(options: Options) -> Outcome:
    """Shows what can be answered now."""
    with _offline(options) as file:
        device = FieldDevice.of(file, options.person)
        shown = device.open_pulses(options.language)
        synced = not device.enrolled or device.status().last_contact is not None
    return Outcome(
        {"pulses": [_document(pulse) for pulse in shown]},
        words.of_pulses(shown, options.language, synced=synced),
    )


def answer(options: Options) -> Outcome:
    """Takes the answers to a pulse."""
    with _offline(options) as file:
        device = FieldDevice.of(file, options.person)
        try:
            pulse = device.pulse(options.wave, options.language)
        except PulseNotOpen as error:
            return failed(error, words.OTHERS)
        answers, context = (
            ask(pulse, options.language)
            if options.answers is None
            else read_answers(options.answers)
        )
        # Whatever a file holds is checked against the questions before it is kept.
        device.answer(pulse, cast(Mapping[str, Answer], answers), context)
    return Outcome(
        {"wave": pulse.wave, "state": "queued"},
        phrases.KEPT.in_language(options.language),
    )


def withdraw(options: Options) -> Outcome:
    """Takes an answer back."""
    with _offline(options) as file:
        device = FieldDevice.of(file, options.person)
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
    with _offline(options) as file:
        device = FieldDevice.of(file, options.person)
        document = {"dead": [asdict(item) for item in device.export_dead()]}
    return Outcome(document, json.dumps(document, ensure_ascii=False, indent=2))


def status(options: Options) -> Outcome:
    """Shows where every answer is."""
    with _offline(options) as file:
        device = FieldDevice.of(file, options.person)
        told = device.status()
        enrolled = device.enrolled
        me = Person(file, options.person)
        pulses = {item.wave: asked(me, item.wave) for item in told.items}
    waits = told.queued + told.in_flight + told.dead
    return Outcome(
        {"enrolled": enrolled, **words.document_of_status(told)},
        words.of_status(told, pulses, options.language, enrolled=enrolled),
        Exit.REFUSED if waits else Exit.DONE,
    )


def _offline(options: Options) -> AbstractContextManager[DeviceFile]:
    return known(options, _NOWHERE, transport=_Offline())


def _exit_of(report: SyncReport) -> Exit:
    if report.offline:
        return Exit.NO_CONNECTION
    stuck = report.waiting or report.dead or report.needs_code
    return Exit.REFUSED if stuck or report.problem is not None else Exit.DONE


def _document(pulse: Pulse) -> dict[str, object]:
    return {**asdict(pulse), "closes_at": words.instant(pulse.closes_at)}
