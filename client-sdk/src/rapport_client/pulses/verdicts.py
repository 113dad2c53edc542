"""What the service said of an answer or a withdrawal, in words for people."""

from collections.abc import Mapping

from rapport_client.pulses.instrument import FALLBACK, Wording


def _words(en: str, es: str) -> Wording:
    return Wording({FALLBACK: en, "es": es})


_WITHDRAWN = _words(
    "Your answer was withdrawn: it is counted nowhere",
    "Su respuesta se retiró: no cuenta en ninguna parte",
)

_SENTENCES: Mapping[tuple[str, str], Wording] = {
    ("submit", "held"): _words(
        "An answer is kept by the service and does not count",
        "El servicio guarda una respuesta y no la cuenta",
    ),
    ("submit", "final"): _words(
        "An answer can no longer be counted",
        "Una respuesta ya no se puede contar",
    ),
    ("submit", "rejected"): _words(
        "An answer was refused and stays on this device",
        "Una respuesta fue rechazada y queda en este dispositivo",
    ),
    ("withdraw", "final"): _words(
        "An answer can no longer be withdrawn",
        "Una respuesta ya no se puede retirar",
    ),
    ("withdraw", "rejected"): _words(
        "A withdrawal was refused",
        "Una retirada fue rechazada",
    ),
}

_UNREAD = _words("the service could not read it", "el servicio no pudo leerla")

_REASONS: Mapping[str, Wording] = {
    "withdraw-too-late": _words(
        "a score that counts it is out",
        "ya se publicó una puntuación que la cuenta",
    ),
    "wave-cancelled": _words("the pulse was cancelled", "el pulso se canceló"),
    "expired": _words(
        "the service has put the pulse away for good",
        "el servicio archivó el pulso definitivamente",
    ),
    "content-conflict": _words(
        "another answer came first under the same ballot",
        "antes llegó otra respuesta con la misma papeleta",
    ),
    "form-unknown": _words(
        "it answers questions that the service never asked together",
        "responde a preguntas que el servicio nunca hizo juntas",
    ),
    "answers-invalid": _words(
        "something in it is no answer to its question",
        "algo en ella no responde a su pregunta",
    ),
    "ballot-invalid": _words(
        "the service did not sign its ballot",
        "el servicio no firmó su papeleta",
    ),
    "ballot-unknown-key": _words(
        "the service does not know the key of its ballot",
        "el servicio no conoce la clave de su papeleta",
    ),
    "undecodable": _UNREAD,
    "op-unknown": _UNREAD,
    "malformed": _UNREAD,
    "invalid": _UNREAD,
    "too-large": _words("it is too large", "es demasiado grande"),
    "unreadable": _words(
        "it cannot be read on this device any more",
        "ya no se puede leer en este dispositivo",
    ),
}

_NO_REASON = _words("no reason was given", "no se dio ningún motivo")


def in_words(
    op: str, status: str, reason: str | None, language: str = FALLBACK
) -> str | None:
    """One sentence, with the reason's code at its end for whoever is asked for help.

    Args:
        op: ``submit`` or ``withdraw``.
        status: the service's word.
        reason: why, where it said so.
        language: such as ``en`` or ``es``; English where there is no other.

    Returns:
        None where all is well and nothing is to be told.
    """
    if (op, status) == ("withdraw", "withdrawn"):
        return _WITHDRAWN.in_language(language)
    sentence = _SENTENCES.get((op, status))
    if sentence is None:
        return None
    return f"{sentence.in_language(language)}: {_reason(reason, language)}"


def _reason(code: str | None, language: str) -> str:
    if code is None:
        return _NO_REASON.in_language(language)
    wording = _REASONS.get(code)
    return code if wording is None else f"{wording.in_language(language)} ({code})"
