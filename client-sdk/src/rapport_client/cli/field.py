"""The commands of a phone: enrol, sync, pulses, answer, status."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import cast

from rapport_client.answers import Answer
from rapport_client.cli import words
from rapport_client.cli.asking import ask
from rapport_client.cli.files import must_exist, read_answers
from rapport_client.cli.options import Options
from rapport_client.cli.outcome import Exit, Outcome
from rapport_client.device import FieldDevice
from rapport_client.errors import AlreadyAnswered, PulseNotOpen, TransportFailure
from rapport_client.pulse import Pulse
from rapport_client.report import SyncReport
from rapport_client.wire import Request, Response


class _Offline:
    """The transport of commands that need no signal: it carries nothing."""

    def send(self, request: Request) -> Response:
        raise TransportFailure(f"offline: {request.method}")


def enrol(options: Options) -> Outcome:
    """Enrols the device."""
    with FieldDevice(options.outbox, options.server) as device:
        device.enrol(options.code)
    return Outcome({"enrolled": True}, "enrolled; next: rapport-field sync")


def sync(options: Options) -> Outcome:
    """Sends what waits and draws what is announced."""
    must_exist(options.outbox)
    with FieldDevice(options.outbox, options.server, options.ballot_box) as device:
        report = device.sync()
        enrolled = device.enrolled
    return Outcome(
        {**asdict(report), "enrolled": enrolled},
        words.of_report(report, enrolled=enrolled),
        _exit_of(report) if enrolled else Exit.REFUSED,
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
        pulse = _the_pulse(device, options.wave, options.language)
        answers, context = (
            ask(pulse) if options.answers is None else read_answers(options.answers)
        )
        # Whatever a file holds is checked against the questions before it is kept.
        device.answer(pulse, cast(Mapping[str, Answer], answers), context)
    return Outcome(
        {"wave": pulse.wave, "state": "queued"},
        "kept on this device, not sent yet",
    )


def status(options: Options) -> Outcome:
    """Shows where every answer is."""
    with _offline(options) as device:
        told = device.status()
        enrolled = device.enrolled
    waits = told.queued + told.in_flight + told.dead
    return Outcome(
        {"enrolled": enrolled, **asdict(told)},
        words.of_status(told, enrolled=enrolled),
        Exit.REFUSED if waits else Exit.DONE,
    )


def _offline(options: Options) -> FieldDevice:
    must_exist(options.outbox)
    return FieldDevice(options.outbox, "", transport=_Offline())


def _the_pulse(device: FieldDevice, wave: str, language: str) -> Pulse:
    for pulse in device.open_pulses(language):
        if pulse.wave == wave:
            return pulse
    if any(item.wave == wave for item in device.status().items):
        raise AlreadyAnswered("this pulse has been answered on this device")
    raise PulseNotOpen("`rapport-field pulses` lists what can be answered now")


def _exit_of(report: SyncReport) -> Exit:
    if report.offline:
        return Exit.NO_CONNECTION
    if report.problem is not None or report.waiting or report.dead:
        return Exit.REFUSED
    return Exit.DONE


def _document(pulse: Pulse) -> dict[str, object]:
    return {**asdict(pulse), "closes_at": words.instant(pulse.closes_at)}
