"""What people read of a command's outcome."""

from collections.abc import Sequence
from datetime import datetime

from rapport_client.cli.printable import printable
from rapport_client.pulse import Pulse, Question
from rapport_client.report import SyncReport
from rapport_client.store.outbox import OutboxStatus

NOT_ENROLLED = "this device is not enrolled"


def of_report(report: SyncReport, *, enrolled: bool) -> str:
    """What a sync did."""
    counts = f"{report} late={report.late} held={report.held} drawn={report.drawn}"
    lines = [counts, *report.notices]
    if report.problem is not None:
        lines.append(report.problem)
    if not enrolled:
        lines.append(NOT_ENROLLED)
    return printable("\n".join(lines))


def of_pulses(pulses: Sequence[Pulse]) -> str:
    """The pulses and their questions."""
    if not pulses:
        return "nothing to answer now"
    return printable("\n\n".join(_of_pulse(pulse) for pulse in pulses))


def of_status(status: OutboxStatus, *, enrolled: bool) -> str:
    """Where every answer is, a line each."""
    lines = [
        f"queued={status.queued} in_flight={status.in_flight}"
        f" settled={status.settled} dead={status.dead}"
    ]
    for item in status.items:
        told = (item.wave, item.state, item.status, item.reason)
        lines.append("  ".join(word for word in told if word is not None))
    if not enrolled:
        lines.append(NOT_ENROLLED)
    return printable("\n".join(lines))


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
