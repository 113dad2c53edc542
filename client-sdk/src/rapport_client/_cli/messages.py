"""Texts of the commands, in English and Spanish, and the formats of their output."""

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from rapport_client._cli.open_outbox import PulseLabel
from rapport_client._cli.outcome import Options, escape_control_characters
from rapport_client._status_messages import format_local
from rapport_client._sync.ballot_drawer import NOT_ENROLLED
from rapport_client._wording import bilingual_wording, read_locale
from rapport_client.device import DEFAULT_PERSON
from rapport_client.models import (
    ItemStatus,
    OutboxStatus,
    Pulse,
    Question,
    SyncReport,
    UpcomingPulse,
)

DEFAULT_OUTBOX = "outbox.db"
"""The outbox of a command that names none."""

CHOICE = bilingual_wording("Your choice: ", "Su respuesta: ")
CHOICE_OR_NONE = bilingual_wording(
    "Your choice, or Enter to leave it out: ",
    "Su respuesta, o Enter para no responderla: ",
)
CHOOSE_ONE_OF = bilingual_wording(
    "Please type one of these: {}. The first letters will do.",
    "Escriba una de estas opciones, por favor: {}. Bastan las primeras letras.",
)
KEEP_THESE = bilingual_wording(
    "Keep these answers? They cannot be changed. [y/n] ",
    "¿Guardar estas respuestas? No se podrán cambiar. [s/n] ",
)
YES = bilingual_wording("y yes", "s si sí y yes")
NO = bilingual_wording("n no", "n no")

ANSWER_KEPT = bilingual_wording(
    "kept on this device, not sent yet. To send it, where there is a signal:\n    {}",
    "guardado en este dispositivo, aún sin enviar. Para enviarlo, donde haya"
    " señal:\n    {}",
)
WITHDRAWAL_KEPT = bilingual_wording(
    "kept on this device, not sent yet. To send the withdrawal, where there is a"
    " signal:\n    {}",
    "guardado en este dispositivo, aún sin enviar. Para enviar la retirada, donde haya"
    " señal:\n    {}",
)

OFFERED_AGAIN = bilingual_wording(
    "it waits again. To send it, where there is a signal:\n    {}",
    "queda otra vez pendiente. Para enviarla, donde haya señal:\n    {}",
)
OFFER_AGAIN_HINT = bilingual_wording(
    "if the cause has gone, send it again with:\n    {}",
    "si la causa ya no existe, vuelva a enviarla con:\n    {}",
)
ENROLLED = bilingual_wording(
    "this device is enrolled. Next, where there is a signal:\n    {}",
    "este dispositivo está inscrito. Ahora, donde haya señal:\n    {}",
)
MOVED = bilingual_wording(
    "moved to {}. Next:\n    {}", "trasladado a {}. Ahora:\n    {}"
)
ANSWER_HINT = bilingual_wording("to answer:\n    {}", "para responder:\n    {}")

REPORT_LINES = {
    "accepted": bilingual_wording(
        "received by the service: {}", "recibidas por el servicio: {}"
    ),
    "withdrawn": bilingual_wording("withdrawn: {}", "retiradas: {}"),
    "waiting": bilingual_wording("waiting to be sent: {}", "pendientes de envío: {}"),
    "dead": bilingual_wording(
        "refused, and kept on this device: {}",
        "rechazadas, y guardadas en este dispositivo: {}",
    ),
    "drawn": bilingual_wording(
        "new pulses on this device: {}", "pulsos nuevos en este dispositivo: {}"
    ),
}
"""A line for each number of a report; that of a 0 is left out."""

NONE_OPEN = bilingual_wording(
    "no pulse can be answered now. When the next one opens:\n    {}",
    "ahora no se puede responder a ningún pulso. Cuándo se abre el próximo:\n    {}",
)
SEVERAL_OPEN = bilingual_wording(
    "more than one pulse is open. Choose one of these commands:\n{}",
    "hay más de un pulso abierto. Elija una de estas órdenes:\n{}",
)
NO_ITEM = bilingual_wording(
    "there is no answer here to which this applies. Your answers:\n    {}",
    "aquí no hay ninguna respuesta con la que hacer esto. Sus respuestas:\n    {}",
)
SEVERAL_ITEMS = bilingual_wording(
    "name the pulse, since this applies to more than one of them:\n    {}",
    "indique el pulso, porque hay más de uno con el que hacer esto:\n    {}",
)
STOPPED = bilingual_wording("stopped", "interrumpido")
NOT_KEPT = bilingual_wording(
    "nothing was kept; run the command again to answer",
    "no se guardó nada; para responder, ejecute otra vez la orden",
)
INPUT_ENDED = bilingual_wording(
    "the input ended before the last question; nothing was kept",
    "la entrada terminó antes de la última pregunta; no se guardó nada",
)
NO_SERVER = bilingual_wording(
    "say which service your code is for, such as --server https://rapport.example;"
    " an outbox on which a person is enrolled already knows it (--outbox)",
    "diga de qué servicio es su código, por ejemplo --server https://rapport.example;"
    " un archivo en el que ya hay una persona inscrita lo conoce (--outbox)",
)

NOTHING_TO_SEND = bilingual_wording("nothing to send", "nada que enviar")

NO_OPEN_PULSES = bilingual_wording(
    "nothing to answer now", "no hay nada que responder ahora"
)
NOT_SYNCED_YET = bilingual_wording(
    "nothing to answer yet. First, where there is a signal:\n    {}",
    "aún no hay nada que responder. Primero, donde haya señal:\n    {}",
)
NEXT_PULSE = bilingual_wording(
    "the next pulse opens on {}: {}", "el próximo pulso se abre el {}: {}"
)
NOT_ASKED = bilingual_wording(
    "you are not asked in pulses to come: your agency's list says that you supervise"
    " the whole agency, or that you are away. There is nothing for you to do here. If"
    " the list is wrong, tell the person who gave you your code.",
    "no se le preguntará en los próximos pulsos: según la lista de su organización,"
    " usted supervisa toda la organización o está ausente. Aquí no tiene que hacer"
    " nada. Si la lista no es correcta, avise a la persona que le dio su código.",
)
NO_NEXT_PULSE = bilingual_wording(
    "the next pulse is not known yet. To ask the service for it:\n    {}",
    "aún no se conoce el próximo pulso. Para consultarlo al servicio:\n    {}",
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


READING_CODE_HINT = bilingual_wording(
    "You can still use this code. To read scores with it, run this command:",
    "Este código todavía sirve. Para leer puntuaciones con él, ejecute esta orden:",
)
PULSES_HINT = bilingual_wording(
    "To see the pulses that you can answer now:",
    "Para ver los pulsos a los que puede responder ahora:",
)


def format_command(options: Options, *words: str) -> str:
    """A command to type next, on the outbox, person and language of this one.

    Args:
        options: of the command that was typed.
        words: the command and its arguments.
    """
    typed = ["rapport-field", *words]
    named = {
        "--outbox": (options.outbox, DEFAULT_OUTBOX),
        "--person": (options.person, DEFAULT_PERSON),
        "--key-file": (options.key_file, None),
        "--language": (options.language, read_locale(os.environ)),
    }
    for option, (value, default) in named.items():
        if value is not None and value != default:
            # A value that begins with a dash would be taken for an option.
            typed += [f"{option}={value}"] if value[:1] == "-" else [option, value]
    return shlex.join(typed)


def format_report(report: SyncReport) -> str:
    """The report of a sync, as lines of text."""
    numbers = [
        wording.format(number)
        for name, wording in REPORT_LINES.items()
        if (number := getattr(report, name))
    ]
    numbers = numbers or [NOTHING_TO_SEND]
    lines = [wording.in_language(report.language) for wording in numbers]
    return escape_control_characters("\n".join([*lines, *report.sentences]))


def reading_code_advice(
    server: str, code: str, device: str, language: str
) -> tuple[str, ...]:
    """Advice for a person who enters a code for reading on a phone."""
    words = ("rapport-field", "read", code, "--server", server, "--device", device)
    return READING_CODE_HINT.in_language(language), f"  {shlex.join(words)}"


def format_withdrawal(item: ItemStatus, options: Options) -> str:
    """The state of a withdrawal, new or made before."""
    language = options.language
    if item.state in {"queued", "in_flight"}:
        sync = format_command(options, "sync")
        return WITHDRAWAL_KEPT.in_language(language).format(sync)
    return escape_control_characters(item.in_words(language))


def format_pulses(
    pulses: Sequence[Pulse],
    next_pulse: UpcomingPulse | None,
    date_notice: str | None,
    options: Options,
    *,
    synced: bool,
    is_asked: bool,
) -> str:
    """The pulses and their questions, and when the next one opens."""
    language, sync = options.language, format_command(options, "sync")
    if not synced:
        return NOT_SYNCED_YET.in_language(language).format(sync)
    parts = [_format_pulse(pulse, language) for pulse in pulses]
    for pulse in pulses:
        wave = [] if len(pulses) == 1 else [pulse.wave_id]
        command = format_command(options, "answer", *wave)
        parts.append(ANSWER_HINT.in_language(language).format(command))
    if not parts:
        parts.append(NO_OPEN_PULSES.in_language(language))
    if next_pulse is None:
        wording = NO_NEXT_PULSE if is_asked else NOT_ASKED
        parts.append(wording.in_language(language).format(sync))
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
    options: Options,
    *,
    enrolled: bool,
) -> str:
    """The status as text: pulse by pulse, the state of each answer."""
    language = options.language
    lines = []
    for wave, items in _group_by_wave(status.items).items():
        lines.append(_format_heading(wave, labels.get(wave), language))
        lines += [f"    {item.in_words(language)}" for item in items]
    for wave in dict.fromkeys(
        item.wave_id for item in status.items if item.state == "dead"
    ):
        command = format_command(options, "offer-again", wave)
        lines.append(OFFER_AGAIN_HINT.in_language(language).format(command))
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
