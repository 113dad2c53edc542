"""What people read of a command's outcome."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from rapport_client.cli.printable import printable
from rapport_client.pulses.pulse import Pulse, Question
from rapport_client.store.status import ItemStatus, OutboxStatus
from rapport_client.sync.drawing import NOT_ENROLLED
from rapport_client.sync.report import SyncReport

OTHERS = "`rapport-field pulses` lists what can be answered now"


def of_report(report: SyncReport) -> str:
    """What a sync did."""
    counts = (
        f"accepted={report.accepted} waiting={report.waiting} dead={report.dead}"
        f" late={report.late} held={report.held}"
        f" withdrawn={report.withdrawn} drawn={report.drawn}"
    )
    return printable("\n".join([counts, *report.sentences]))


def of_reading(server: str, code: str, device: str) -> tuple[str, ...]:
    """How a code for reading, which was presented by mistake, is put to its use."""
    body = json.dumps({"code": code, "device": device})
    return (
        "It is not lost, but goes with this device now. For a token to read with:",
        "curl -H 'Content-Type: application/json'"
        f" -d {shlex.quote(body)} {server.rstrip('/')}/v1/enrolments",
    )


def of_withdrawal(item: ItemStatus, language: str) -> str:
    """Where a withdrawal is, just made or asked for before."""
    if item.state in {"queued", "in_flight"}:
        return "kept on this device; the withdrawal goes out with the next sync"
    return printable(item.in_words(language) or f"settled: {item.status}")


def of_pulses(pulses: Sequence[Pulse]) -> str:
    """The pulses and their questions."""
    if not pulses:
        return "nothing to answer now"
    return printable("\n\n".join(_of_pulse(pulse) for pulse in pulses))


def of_status(status: OutboxStatus, language: str, *, enrolled: bool) -> str:
    """Where every answer is, a line each, and what a person should know of it."""
    lines = [
        f"queued={status.queued} in_flight={status.in_flight}"
        f" settled={status.settled} dead={status.dead}"
    ]
    for item in status.items:
        op = None if item.op == "submit" else item.op
        told = (item.wave, op, item.state, item.status, item.reason)
        lines.append("  ".join(word for word in told if word is not None))
        if (sentence := item.in_words(language)) is not None:
            lines.append(f"    {sentence}")
    if status.oldest is not None:
        waiting = timedelta(seconds=int(status.oldest.total_seconds()))
        lines.append(f"the oldest has been waiting for {waiting}")
    if status.last_contact is not None:
        lines.append(f"last reply of the service: {instant(status.last_contact)}")
    if not enrolled:
        lines.append(NOT_ENROLLED)
    return printable("\n".join(lines))


def document_of_status(status: OutboxStatus) -> dict[str, object]:
    """The same for programs: ages in seconds, instants as the wire writes them."""
    oldest, contact = status.oldest, status.last_contact
    return {
        **asdict(status),
        "oldest": None if oldest is None else int(oldest.total_seconds()),
        "last_contact": None if contact is None else instant(contact),
    }


def instant(at: datetime) -> str:
    """An instant in UTC, as the wire writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _of_pulse(pulse: Pulse) -> str:
    return "\n".join(
        [
            pulse.wave,
            f"{pulse.group}, {pulse.pool} people vote under its key",
            f"open until {instant(pulse.closes_at)}; charter {pulse.fingerprint}",
            pulse.lead_in,
            *(_of_question(question) for question in pulse.questions),
            _of_question(pulse.context),
        ]
    )


def _of_question(question: Question) -> str:
    options = ", ".join(f"{each.value} {each.text}" for each in question.options)
    return f"  {question.id}  {question.text}\n      {options}"
