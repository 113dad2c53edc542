"""Texts of the commands, in English and Spanish, and the formats of their output."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from rapport_client._cli.open_outbox import PulseLabel
from rapport_client._cli.outcome import escape_control_characters
from rapport_client._sync.ballot_drawer import NOT_ENROLLED as NOT_ENROLLED_IN_ENGLISH
from rapport_client._wording import bilingual_wording
from rapport_client.models import ItemStatus, OutboxStatus, Pulse, Question, SyncReport

NUMBER = bilingual_wording("Number: ", "Número: ")
NUMBER_OR_NONE = bilingual_wording(
    "Number, or Enter to leave it out: ",
    "Número, o Enter para no responderla: ",
)
FROM_ONE_TO = bilingual_wording(
    "Please type a number from 1 to {}.",
    "Escriba un número del 1 al {}, por favor.",
)
KEEP_THESE = bilingual_wording(
    "Keep these answers? They cannot be changed. [y/n] ",
    "¿Guardar estas respuestas? No se podrán cambiar. [s/n] ",
)
YES = bilingual_wording("y yes", "s si sí y yes")
NO = bilingual_wording("n no", "n no")

ANSWER_KEPT = bilingual_wording(
    "kept on this device, not sent yet",
    "guardado en este dispositivo, aún sin enviar",
)
WITHDRAWAL_KEPT = bilingual_wording(
    "kept on this device; the withdrawal goes out with the next sync",
    "guardado en este dispositivo; la retirada sale con la próxima sincronización",
)

NO_OPEN_PULSES = bilingual_wording(
    "nothing to answer now", "no hay nada que responder ahora"
)
NOT_SYNCED_YET = bilingual_wording(
    "nothing to answer yet: run `rapport-field sync` first, where there is a signal",
    "aún no hay nada que responder: ejecute primero `rapport-field sync`, donde haya"
    " señal",
)
POOL = bilingual_wording(
    "{}, {} people vote under its key",
    "{}, {} personas votan con su clave",
)
OPEN_UNTIL = bilingual_wording(
    "open until {}; charter {}", "abierto hasta {}; carta {}"
)

UNTIL = bilingual_wording("{}, until {}", "{}, hasta {}")
NO_ANSWERS = bilingual_wording(
    "nothing was answered on this device",
    "no se ha respondido nada en este dispositivo",
)
OLDEST = bilingual_wording(
    "the oldest has been waiting for {}",
    "lo más antiguo lleva esperando {}",
)
LAST_CONTACT = bilingual_wording(
    "last reply of the service: {}",
    "última respuesta del servicio: {}",
)
NOT_ENROLLED = bilingual_wording(
    NOT_ENROLLED_IN_ENGLISH,
    "Este dispositivo no está inscrito y no obtiene papeletas:"
    " inscríbalo con el código que le dio su organización",
)

LESS_THAN_A_MINUTE = bilingual_wording("less than a minute", "menos de un minuto")
DURATION_UNITS = (
    (
        24 * 60 * 60,
        bilingual_wording("1 day", "1 día"),
        bilingual_wording("{} days", "{} días"),
    ),
    (
        60 * 60,
        bilingual_wording("1 hour", "1 hora"),
        bilingual_wording("{} hours", "{} horas"),
    ),
    (
        60,
        bilingual_wording("1 minute", "1 minuto"),
        bilingual_wording("{} minutes", "{} minutos"),
    ),
)
"""Seconds, and how one and several of them are told; the longest first."""


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
        return WITHDRAWAL_KEPT.in_language(language)
    return escape_control_characters(item.in_words(language))


def format_pulses(pulses: Sequence[Pulse], language: str, *, synced: bool) -> str:
    """The pulses and their questions."""
    if not pulses:
        none = NO_OPEN_PULSES if synced else NOT_SYNCED_YET
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
        lines.append(NO_ANSWERS.in_language(language))
    if status.oldest is not None:
        waiting = _format_duration(status.oldest, language)
        lines.append(OLDEST.in_language(language).format(waiting))
    if status.last_contact is not None:
        contact = _format_local(status.last_contact)
        lines.append(LAST_CONTACT.in_language(language).format(contact))
    if not enrolled:
        lines.append(NOT_ENROLLED.in_language(language))
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
    named = UNTIL.in_language(language).format(asked.group, closes_at)
    return f"{named}  {wave}"


def _format_local(at: datetime) -> str:
    """An instant as the clock on this device's wall shows it."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M %Z")


def _format_duration(span: timedelta, language: str) -> str:
    for seconds, one, several in DURATION_UNITS:
        if number := int(span.total_seconds()) // seconds:
            wording = one if number == 1 else several
            return wording.in_language(language).format(number)
    return LESS_THAN_A_MINUTE.in_language(language)


def _format_pulse(pulse: Pulse, language: str) -> str:
    pool = POOL.in_language(language)
    until = OPEN_UNTIL.in_language(language)
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
