"""What the commands say to whoever answers, in the languages of the questions."""

from rapport_client._sync.ballot_drawer import NOT_ENROLLED as NOT_ENROLLED_IN_ENGLISH
from rapport_client._wording import bilingual_wording

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
