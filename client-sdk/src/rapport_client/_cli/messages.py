"""Texts of the commands, in English and Spanish, and the formats of their output."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from rapport_client._cli.open_outbox import PulseLabel
from rapport_client._cli.outcome import escape_control_characters
from rapport_client._status_messages import format_local
from rapport_client._sync.ballot_drawer import NOT_ENROLLED as NOT_ENROLLED_IN_ENGLISH
from rapport_client._wording import bilingual_wording
from rapport_client.models import (
    ItemStatus,
    OutboxStatus,
    Pulse,
    Question,
    SyncReport,
    UpcomingPulse,
)

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

OFFERED_AGAIN = bilingual_wording(
    "it waits again, and goes out with the next sync",
    "queda otra vez pendiente y sale con la próxima sincronización",
)
OFFER_AGAIN_HINT = bilingual_wording(
    "if the cause has gone, `rapport-field offer-again WAVE` sends it again",
    "si la causa ya no existe, `rapport-field offer-again WAVE` vuelve a enviarla",
)

NO_OPEN_PULSES = bilingual_wording(
    "nothing to answer now", "no hay nada que responder ahora"
)
NOT_SYNCED_YET = bilingual_wording(
    "nothing to answer yet: run `rapport-field sync` first, where there is a signal",
    "aún no hay nada que responder: ejecute primero `rapport-field sync`, donde haya"
    " señal",
)
NEXT_PULSE = bilingual_wording(
    "the next pulse opens on {}: {}", "el próximo pulso se abre el {}: {}"
)
NOT_ASKED = bilingual_wording(
    "you are not asked in the coming pulse, or none is announced yet. Nothing to do;"
    " `rapport-field sync` asks again",
    "no se le pregunta en el próximo pulso, o aún no se ha anunciado ninguno. No tiene"
    " que hacer nada; `rapport-field sync` vuelve a consultar",
)
NO_NEXT_PULSE = bilingual_wording(
    "the next pulse is not known yet; `rapport-field sync` asks for it",
    "aún no se conoce el próximo pulso; `rapport-field sync` pregunta por él",
)
POOL = bilingual_wording(
    "{}: {} people can answer in this group, and you are one of them",
    "{}: {} personas pueden responder en este grupo, y usted es una de ellas",
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
"""Seconds of a unit, and its singular and plural; the longest unit first."""


PULSES_HINT = "`rapport-field pulses` lists the pulses that you can answer now"


def format_report(report: SyncReport) -> str:
    """The report of a sync, as lines of text."""
    counts = (
        f"accepted={report.accepted} waiting={report.waiting} dead={report.dead}"
        f" withdrawn={report.withdrawn} drawn={report.drawn}"
    )
    return escape_control_characters("\n".join([counts, *report.sentences]))


def reading_code_advice(server: str, code: str, device: str) -> tuple[str, ...]:
    """Advice for a person who enters a code for reading on a phone."""
    words = ("rapport-field", "read", code, "--server", server, "--device", device)
    return (
        "You can still use this code. To read scores with it, run this command:",
        shlex.join(words),
    )


def format_withdrawal(item: ItemStatus, language: str) -> str:
    """The state of a withdrawal, new or made before."""
    if item.state in {"queued", "in_flight"}:
        return WITHDRAWAL_KEPT.in_language(language)
    return escape_control_characters(item.in_words(language))


def format_pulses(
    pulses: Sequence[Pulse],
    next_pulse: UpcomingPulse | None,
    date_notice: str | None,
    language: str,
    *,
    synced: bool,
) -> str:
    """The pulses and their questions, and when the next one opens."""
    if not synced:
        return NOT_SYNCED_YET.in_language(language)
    parts = [_format_pulse(pulse, language) for pulse in pulses]
    if not parts:
        parts.append(NO_OPEN_PULSES.in_language(language))
    if next_pulse is None:
        wording = NO_NEXT_PULSE if pulses else NOT_ASKED
        parts.append(wording.in_language(language))
    else:
        opens_at = format_local(next_pulse.opens_at)
        sentence = NEXT_PULSE.in_language(language)
        parts.append(sentence.format(opens_at, next_pulse.group))
    if date_notice is not None:
        parts.append(date_notice)
    return escape_control_characters(("\n\n" if pulses else "\n").join(parts))


def format_status(
    status: OutboxStatus,
    labels: Mapping[str, PulseLabel | None],
    language: str,
    *,
    enrolled: bool,
) -> str:
    """The status as text: pulse by pulse, the state of each answer."""
    lines = []
    for wave, items in _group_by_wave(status.items).items():
        lines.append(_format_heading(wave, labels.get(wave), language))
        lines += [f"    {item.in_words(language)}" for item in items]
    if status.dead:
        lines.append(OFFER_AGAIN_HINT.in_language(language))
    if not lines:
        lines.append(NO_ANSWERS.in_language(language))
    if status.oldest is not None:
        waiting = _format_duration(status.oldest, language)
        lines.append(OLDEST.in_language(language).format(waiting))
    if status.last_contact is not None:
        contact = format_local(status.last_contact)
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
    """The items of each wave; a withdrawal replaces its answer.

    If it was refused or came too late, both are listed.
    """
    withdrawn = {
        item.wave_id
        for item in items
        if item.op == "withdraw"
        and item.state != "dead"
        and item.status in {None, "withdrawn"}
    }
    by_wave: dict[str, list[ItemStatus]] = {}
    for item in items:
        if item.op == "withdraw" or item.wave_id not in withdrawn:
            by_wave.setdefault(item.wave_id, []).append(item)
    return by_wave


def _format_heading(wave_id: str, label: PulseLabel | None, language: str) -> str:
    if label is None:
        return wave_id
    closes_at = format_local(label.closes_at)
    heading = UNTIL.in_language(language).format(label.group, closes_at)
    return f"{heading}  {wave_id}"


def _format_duration(span: timedelta, language: str) -> str:
    for seconds, singular, plural in DURATION_UNITS:
        if number := int(span.total_seconds()) // seconds:
            wording = singular if number == 1 else plural
            return wording.in_language(language).format(number)
    return LESS_THAN_A_MINUTE.in_language(language)


def _format_pulse(pulse: Pulse, language: str) -> str:
    pool = POOL.in_language(language)
    until = OPEN_UNTIL.in_language(language)
    return "\n".join(
        [
            pulse.wave_id,
            pool.format(pulse.group, pulse.pool),
            until.format(format_local(pulse.closes_at), pulse.fingerprint),
            pulse.lead_in,
            *(_format_question(question) for question in pulse.questions),
            _format_question(pulse.context),
        ]
    )


def _format_question(question: Question) -> str:
    options = ", ".join(f"{each.value} {each.text}" for each in question.options)
    return f"  {question.id}  {question.text}\n      {options}"
