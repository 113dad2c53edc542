"""The commands of a phone: enrol, sync, pulses, answer, withdraw, status."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import cast

from rapport_client._cli import messages
from rapport_client._cli.loop import run_loop
from rapport_client._cli.open_outbox import (
    label_pulse,
    open_outbox,
    read_answers,
)
from rapport_client._cli.outcome import (
    Exit,
    Options,
    Outcome,
    RefusedError,
    UsageError,
    escape_control_characters,
    failure_outcome,
)
from rapport_client._cli.prompts import ask_questions
from rapport_client._http import Request, Response
from rapport_client._sync.account import Account, DeviceFile
from rapport_client._wording import Wording
from rapport_client.device import FieldDevice
from rapport_client.errors import (
    CodeForReading,
    OutboxDamaged,
    PulseNotOpen,
    TransportFailure,
)
from rapport_client.models import (
    Answer,
    ItemStatus,
    Pulse,
    SyncReport,
    UpcomingPulse,
)


class _OfflineTransport:
    """Transport of commands that need no signal: it refuses every request."""

    def send(self, request: Request) -> Response:
        raise TransportFailure(f"offline: {request.method}")


def enrol(options: Options) -> Outcome:
    """Enrols the device."""
    if options.server is None and not Path(options.outbox).exists():
        raise UsageError(messages.NO_SERVER)
    file = DeviceFile(
        options.outbox, options.server, options.ballot_box, key=options.key_file
    )
    with closing(file):
        try:
            server = file.origins().server
        except ValueError as error:
            raise UsageError(messages.NO_SERVER) from error
        device = FieldDevice._from_file(file, options.person)  # noqa: SLF001 - of our own class
        try:
            device.enrol(options.code, again=options.again)
        except CodeForReading as error:
            advice = messages.reading_code_advice(
                server, options.code, error.device, options.language
            )
            return failure_outcome(error, options.language, *advice)
    return Outcome({"enrolled": True}, _in_words(messages.ENROLLED, options))


def sync(options: Options) -> Outcome:
    """Sends the answers that wait, and draws ballots."""
    with open_outbox(options, options.server, options.ballot_box) as file:
        device = FieldDevice._from_file(file, options.person)  # noqa: SLF001 - of our own class
        report = (
            run_loop(device, options.language)
            if options.keep_going
            else device.sync(options.language)
        )
        enrolled, is_asked = device.enrolled, device.is_asked
    lines = [messages.format_report(report)]
    if report.drawn:
        pulses_command = messages.format_command(options, "pulses")
        hint = messages.PULSES_HINT.in_language(options.language)
        lines.append(escape_control_characters(f"{hint}\n    {pulses_command}"))
    if not is_asked:
        lines.append(messages.NOT_ASKED.in_language(options.language))
    return Outcome(
        {**asdict(report), "enrolled": enrolled, "is_asked": is_asked},
        "\n".join(lines),
        _exit_for(report),
    )


def move(options: Options) -> Outcome:
    """Moves the outbox to another address of its service."""
    with open_outbox(options, None) as file:
        device = FieldDevice._from_file(file, options.person)  # noqa: SLF001 - of our own class
        device.move(options.url, options.ballot_box, code=options.new_code)
        origins = file.origins()
    sync_command = messages.format_command(options, "sync")
    moved = messages.MOVED.format(origins.server, sync_command)
    return Outcome(
        asdict(origins),
        escape_control_characters(moved.in_language(options.language)),
    )


def pulses(options: Options) -> Outcome:
    """Shows the pulses that can be answered now, and when the next one opens."""
    with _open_offline(options) as file:
        device = FieldDevice._from_file(file, options.person)  # noqa: SLF001 - of our own class
        open_pulses = device.open_pulses(options.language)
        next_pulse = device.next_pulse()
        notice = device.date_notice(options.language)
        synced = not device.enrolled or device.status().last_contact is not None
        is_asked = device.is_asked
    return Outcome(
        {
            "pulses": [_pulse_document(pulse) for pulse in open_pulses],
            "next": None if next_pulse is None else _pulse_document(next_pulse),
            "date_notice": notice,
            "is_asked": is_asked,
        },
        messages.format_pulses(
            open_pulses, next_pulse, notice, options, synced=synced, is_asked=is_asked
        ),
    )


def answer(options: Options) -> Outcome:
    """Takes the answers to a pulse."""
    with _open_offline(options) as file:
        device = FieldDevice._from_file(file, options.person)  # noqa: SLF001 - of our own class
        try:
            pulse = _choose_pulse(device, options)
        except PulseNotOpen as error:
            command = messages.format_command(options, "pulses")
            hint = messages.PULSES_HINT.in_language(options.language)
            return failure_outcome(error, options.language, hint, f"  {command}")
        answers, context = (
            ask_questions(pulse, options.language)
            if options.answers is None
            else read_answers(options.answers)
        )
        # The device checks the content of a file against the questions.
        device.answer(pulse, cast(Mapping[str, Answer], answers), context)
    return Outcome(
        {"wave_id": pulse.wave_id, "state": "queued"},
        _in_words(messages.ANSWER_KEPT, options),
    )


def withdraw(options: Options) -> Outcome:
    """Withdraws an answer."""
    with _open_offline(options) as file:
        device = FieldDevice._from_file(file, options.person)  # noqa: SLF001 - of our own class
        wave_id = options.wave_id or _choose_item(
            device, options, is_wanted=_is_withdrawable
        )
        device.withdraw(wave_id)
        kept = {
            each.wave_id: each
            for each in device.status().items
            if each.op == "withdraw"
        }
    if (item := kept.get(wave_id)) is None:
        raise OutboxDamaged("the withdrawal was stored, but cannot be read any more")
    return Outcome(
        {"wave_id": wave_id, "state": item.state},
        messages.format_withdrawal(item, options),
        Exit.REFUSED if item.status == "final" or item.state == "dead" else Exit.DONE,
    )


def offer_again(options: Options) -> Outcome:
    """Queues an answer or a withdrawal again that was refused for good."""
    with _open_offline(options) as file:
        device = FieldDevice._from_file(file, options.person)  # noqa: SLF001 - of our own class
        wave_id = options.wave_id or _choose_item(
            device, options, is_wanted=lambda item: item.state == "dead"
        )
        device.offer_again(wave_id)
    return Outcome(
        {"wave_id": wave_id, "state": "queued"},
        _in_words(messages.OFFERED_AGAIN, options),
    )


def export_dead(options: Options) -> Outcome:
    """Shows the items that were refused for good, with all their data."""
    with _open_offline(options) as file:
        device = FieldDevice._from_file(file, options.person)  # noqa: SLF001 - of our own class
        document = {"dead": [asdict(item) for item in device.export_dead()]}
    return Outcome(document, json.dumps(document, ensure_ascii=False, indent=2))


def status(options: Options) -> Outcome:
    """Shows the state of every answer."""
    with _open_offline(options) as file:
        device = FieldDevice._from_file(file, options.person)  # noqa: SLF001 - of our own class
        outbox_status = device.status()
        enrolled = device.enrolled
        account = Account(file, options.person)
        pulses = {
            item.wave_id: label_pulse(account, item.wave_id)
            for item in outbox_status.items
        }
    unsettled = outbox_status.queued + outbox_status.in_flight + outbox_status.dead
    return Outcome(
        {"enrolled": enrolled, **messages.status_document(outbox_status)},
        messages.format_status(outbox_status, pulses, options, enrolled=enrolled),
        Exit.REFUSED if unsettled else Exit.DONE,
    )


def _in_words(wording: Wording, options: Options) -> str:
    """A sentence that ends with the command to send what waits."""
    sentence = wording.format(messages.format_command(options, "sync"))
    return escape_control_characters(sentence.in_language(options.language))


def _choose_pulse(device: FieldDevice, options: Options) -> Pulse:
    """The pulse that the command line names; without a name, the one that is open.

    Raises:
        RefusedError: none is open, or several are.
        PulseNotOpen: the one that is named is not open.
    """
    if options.wave_id is not None:
        return device.pulse(options.wave_id, options.language)
    open_pulses = device.open_pulses(options.language)
    if len(open_pulses) == 1:
        return open_pulses[0]
    if not open_pulses:
        command = messages.format_command(options, "pulses")
        raise RefusedError(messages.NONE_OPEN.format(command))
    commands = [
        f"    {messages.format_command(options, 'answer', each.wave_id)}"
        for each in open_pulses
    ]
    raise RefusedError(messages.SEVERAL_OPEN.format("\n".join(commands)))


def _choose_item(
    device: FieldDevice, options: Options, *, is_wanted: Callable[[ItemStatus], bool]
) -> str:
    """The wave of the one item on the device that a command can be about.

    Raises:
        RefusedError: there is none, or more than one.
    """
    waves = list(
        dict.fromkeys(item.wave_id for item in device.status().items if is_wanted(item))
    )
    if len(waves) == 1:
        return waves[0]
    command = messages.format_command(options, "status")
    wording = messages.SEVERAL_ITEMS if waves else messages.NO_ITEM
    raise RefusedError(wording.format(command))


def _is_withdrawable(item: ItemStatus) -> bool:
    """Whether an item is an answer that was not refused and not withdrawn yet."""
    return (
        item.op == "submit"
        and item.state != "dead"
        and item.status not in {"withdrawn", "final"}
    )


def _open_offline(options: Options) -> AbstractContextManager[DeviceFile]:
    return open_outbox(options, None, transport=_OfflineTransport())


def _exit_for(report: SyncReport) -> Exit:
    if report.offline:
        return Exit.NO_CONNECTION
    is_stuck = report.waiting or report.dead or report.needs_code
    return Exit.REFUSED if is_stuck or report.problem is not None else Exit.DONE


def _pulse_document(pulse: Pulse | UpcomingPulse) -> dict[str, object]:
    return {
        name: messages.format_utc(value) if isinstance(value, datetime) else value
        for name, value in asdict(pulse).items()
    }
