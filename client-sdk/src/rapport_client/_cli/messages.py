"""What people read of a command's outcome."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from rapport_client._cli import phrases
from rapport_client._cli.open_outbox import PulseLabel
from rapport_client._cli.terminal_text import escape_control_characters
from rapport_client.models import ItemStatus, OutboxStatus, Pulse, Question, SyncReport

PULSES_HINT = "`rapport-field pulses` lists what can be answered now"


def format_report(report: SyncReport) -> str:
    """What a sync did."""
    counts = (
        f"accepted={report.accepted} waiting={report.waiting} dead={report.dead}"
        f" late={report.late} held={report.held}"
        f" withdrawn={report.withdrawn} drawn={report.drawn}"
    )
    return escape_control_characters("\n".join([counts, *report.sentences]))


def reading_code_advice(server: str, code: str, device: str) -> tuple[str, ...]:
    """How a code for reading, which was presented by mistake, is put to its use."""
    body = json.dumps({"code": code, "device": device})
    return (
        "It is not lost, but goes with this device now. For a token to read with:",
        "curl -H 'Content-Type: application/json'"
        f" -d {shlex.quote(body)} {server}/v1/enrolments",
    )


def format_withdrawal(item: ItemStatus, language: str) -> str:
    """Where a withdrawal is, just made or asked for before."""
    if item.state in {"queued", "in_flight"}:
        return phrases.WITHDRAWAL_KEPT.in_language(language)
    return escape_control_characters(item.in_words(language))


def format_pulses(pulses: Sequence[Pulse], language: str, *, synced: bool) -> str:
    """The pulses and their questions."""
    if not pulses:
        none = phrases.NO_OPEN_PULSES if synced else phrases.NOT_SYNCED_YET
        return none.in_language(language)
    return escape_control_characters(
        "\n\n".join(_format_pulse(pulse, language) for pulse in pulses)
    )


def format_status(
    status: OutboxStatus,
    labels: Mapping[str, PulseLabel | None],
    language: str,
    *,
    enrolled: bool,
) -> str:
    """Where every answer is, pulse by pulse, and what a person should know of it."""
    lines = []
    for wave, items in _group_by_wave(status.items).items():
        lines.append(_format_heading(wave, labels.get(wave), language))
        lines += [f"    {item.in_words(language)}" for item in items]
    if not lines:
        lines.append(phrases.NO_ANSWERS.in_language(language))
    if status.oldest is not None:
        waiting = _format_duration(status.oldest, language)
        lines.append(phrases.OLDEST.in_language(language).format(waiting))
    if status.last_contact is not None:
        contact = _format_local(status.last_contact)
        lines.append(phrases.LAST_CONTACT.in_language(language).format(contact))
    if not enrolled:
        lines.append(phrases.NOT_ENROLLED.in_language(language))
    return escape_control_characters("\n".join(lines))


def status_document(status: OutboxStatus) -> dict[str, object]:
    """The same for programs: ages in seconds, instants as the wire writes them."""
    oldest, contact = status.oldest, status.last_contact
    return {
        **asdict(status),
        "oldest": None if oldest is None else int(oldest.total_seconds()),
        "last_contact": None if contact is None else format_utc(contact),
    }


def format_utc(at: datetime) -> str:
    """An instant in UTC, as the wire writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _group_by_wave(items: Sequence[ItemStatus]) -> dict[str, list[ItemStatus]]:
    """The items of each wave; a withdrawal stands for the answer that it takes back.

    Where it was refused or came too late, the answer is told beside it.
    """
    taken_back = {
        item.wave
        for item in items
        if item.op == "withdraw"
        and item.state != "dead"
        and item.status in {None, "withdrawn"}
    }
    told: dict[str, list[ItemStatus]] = {}
    for item in items:
        if item.op == "withdraw" or item.wave not in taken_back:
            told.setdefault(item.wave, []).append(item)
    return told


def _format_heading(wave: str, asked: PulseLabel | None, language: str) -> str:
    if asked is None:
        return wave
    closes_at = _format_local(asked.closes_at)
    named = phrases.UNTIL.in_language(language).format(asked.group, closes_at)
    return f"{named}  {wave}"


def _format_local(at: datetime) -> str:
    """An instant as the clock on this device's wall shows it."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M %Z")


def _format_duration(span: timedelta, language: str) -> str:
    for seconds, one, several in phrases.DURATION_UNITS:
        if number := int(span.total_seconds()) // seconds:
            wording = one if number == 1 else several
            return wording.in_language(language).format(number)
    return phrases.LESS_THAN_A_MINUTE.in_language(language)


def _format_pulse(pulse: Pulse, language: str) -> str:
    pool = phrases.POOL.in_language(language)
    until = phrases.OPEN_UNTIL.in_language(language)
    return "\n".join(
        [
            pulse.wave,
            pool.format(pulse.group, pulse.pool),
            until.format(_format_local(pulse.closes_at), pulse.fingerprint),
            pulse.lead_in,
            *(_format_question(question) for question in pulse.questions),
            _format_question(pulse.context),
        ]
    )


def _format_question(question: Question) -> str:
    options = ", ".join(f"{each.value} {each.text}" for each in question.options)
    return f"  {question.id}  {question.text}\n      {options}"
