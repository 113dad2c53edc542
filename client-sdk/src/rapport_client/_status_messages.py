"""Messages for people: state and result of an answer or withdrawal, a wrong date."""

from collections.abc import Mapping
from datetime import datetime

from rapport_client._wording import Wording, bilingual_wording

_WITHDRAWN_MESSAGE = bilingual_wording(
    "Your answer was withdrawn: it is counted nowhere",
    "Su respuesta se retiró: no cuenta en ninguna parte",
)

_PENDING_MESSAGES: Mapping[tuple[str, str], Wording] = {
    ("submit", "queued"): bilingual_wording(
        "Your answer waits to be sent",
        "Su respuesta está pendiente de envío",
    ),
    ("submit", "in_flight"): bilingual_wording(
        "Your answer is being sent",
        "Su respuesta se está enviando",
    ),
    ("withdraw", "queued"): bilingual_wording(
        "Your withdrawal waits to be sent",
        "La retirada de su respuesta está pendiente de envío",
    ),
    ("withdraw", "in_flight"): bilingual_wording(
        "Your withdrawal is being sent",
        "La retirada de su respuesta se está enviando",
    ),
}

_RECEIVED_MESSAGE = bilingual_wording(
    "Your answer was received",
    "Se recibió su respuesta",
)

_RESULT_MESSAGES: Mapping[tuple[str, str], Wording] = {
    ("submit", "final"): bilingual_wording(
        "An answer can no longer be counted",
        "Una respuesta ya no se puede contar",
    ),
    ("submit", "rejected"): bilingual_wording(
        "An answer was refused and stays on this device",
        "Una respuesta fue rechazada y queda en este dispositivo",
    ),
    ("withdraw", "final"): bilingual_wording(
        "An answer can no longer be withdrawn",
        "Una respuesta ya no se puede retirar",
    ),
    ("withdraw", "rejected"): bilingual_wording(
        "A withdrawal was refused",
        "Una retirada fue rechazada",
    ),
}

_UNREADABLE_REASON = bilingual_wording(
    "the service could not read it", "el servicio no pudo leerla"
)

_REASONS: Mapping[str, Wording] = {
    "withdraw_too_late": bilingual_wording(
        "the answers to this pulse have been unlocked, all together",
        "las respuestas a este pulso ya se abrieron, todas juntas",
    ),
    "too_late": bilingual_wording(
        "it came after the answers to this pulse had been unlocked",
        "llegó cuando las respuestas a este pulso ya se habían abierto",
    ),
    "wave_cancelled": bilingual_wording(
        "the pulse was cancelled", "el pulso se canceló"
    ),
    "expired": bilingual_wording(
        "the service has closed the pulse for good",
        "el servicio cerró el pulso definitivamente",
    ),
    "envelope_conflict": bilingual_wording(
        "another answer came first under the same ballot",
        "antes llegó otra respuesta con la misma papeleta",
    ),
    "ballot_invalid": bilingual_wording(
        "the service did not sign its ballot",
        "el servicio no firmó su papeleta",
    ),
    "ballot_unknown_key": bilingual_wording(
        "the service does not know the key of its ballot",
        "el servicio no conoce la clave de su papeleta",
    ),
    "undecodable": _UNREADABLE_REASON,
    "op_unknown": _UNREADABLE_REASON,
    "malformed": _UNREADABLE_REASON,
    "invalid": _UNREADABLE_REASON,
    "charter_changed": bilingual_wording(
        "the charter of its pulse has changed since this device first saw it",
        "la carta de su pulso cambió desde que este dispositivo la vio por primera vez",
    ),
    "unreadable": bilingual_wording(
        "it cannot be read on this device any more",
        "ya no se puede leer en este dispositivo",
    ),
}

_WITH_REASON = bilingual_wording("{}: {}", "{}: {}")
_WITH_CODE = bilingual_wording("{} ({})", "{} ({})")
_NO_REASON = bilingual_wording("no reason was given", "no se dio ningún motivo")


def describe_result(op: str, status: str, reason: str | None) -> Wording | None:
    """Message for a result, with the reason's code at its end for the helpdesk.

    Args:
        op: ``submit`` or ``withdraw``.
        status: the service's word.
        reason: why, where the service gave a reason.

    Returns:
        None if all is well and the person need not know.
    """
    if (op, status) == ("withdraw", "withdrawn"):
        return _WITHDRAWN_MESSAGE
    sentence = _RESULT_MESSAGES.get((op, status))
    if sentence is None:
        return None
    return _WITH_REASON.format(sentence, _describe_reason(reason))


def describe_item(
    op: str, state: str, status: str | None, reason: str | None, language: str
) -> str:
    """Message for the state of an item, in one sentence.

    Args:
        op: ``submit`` or ``withdraw``.
        state: ``queued``, ``in_flight``, ``settled`` or ``dead``; an item that is
            offered again is queued, whatever its last result.
        status: the service's word, None before there is one.
        reason: why, where there is a reason.
        language: such as ``en`` or ``es``; English where there is no other.
    """
    if (op, state) in _PENDING_MESSAGES:
        return _PENDING_MESSAGES[op, state].in_language(language)
    if status == "withdrawn":
        return _WITHDRAWN_MESSAGE.in_language(language)
    message = describe_result(op, status or "rejected", reason) or _RECEIVED_MESSAGE
    return message.in_language(language)


_WRONG_DATE_MESSAGE = bilingual_wording(
    "This device's date cannot be right: it says {}, but by the service's list of"
    " pulses it is {}; pulses open and close by the service's time here, so you can"
    " answer them; set this device's date, then sync again",
    "La fecha de este dispositivo no puede ser correcta: dice {}, pero según la lista"
    " de pulsos del servicio es {}; aquí los pulsos se abren y se cierran a la hora del"
    " servicio, así que puede responderlos; ponga bien la fecha de este dispositivo y"
    " vuelva a sincronizar",
)
_BETWEEN = bilingual_wording("between {} and {}", "entre el {} y el {}")
_LATER = bilingual_wording("later than {}", "después del {}")


def describe_wrong_date(
    shown: datetime, earliest: datetime, latest: datetime | None
) -> Wording:
    """Message for a wall clock that the service's list of pulses contradicts.

    Args:
        shown: the time by the wall clock.
        earliest: the earliest time that the list allows.
        latest: the latest; None if there is no bound.
    """
    bounds = [format_local(at) for at in (earliest, latest) if at is not None]
    between = (_LATER if latest is None else _BETWEEN).format(*bounds)
    return _WRONG_DATE_MESSAGE.format(format_local(shown), between)


def format_local(at: datetime) -> str:
    """An instant in this device's time zone."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M %Z")


def _describe_reason(code: str | None) -> Wording | str:
    if code is None:
        return _NO_REASON
    wording = _REASONS.get(code)
    return code if wording is None else _WITH_CODE.format(wording, code)
