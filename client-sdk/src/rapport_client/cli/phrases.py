"""What the commands say to whoever answers, in the languages of the questions."""

from rapport_client.pulses.verdicts import in_both
from rapport_client.sync.drawing import NOT_ENROLLED as NOT_ENROLLED_IN_ENGLISH

NUMBER = in_both("Number: ", "Número: ")
NUMBER_OR_NONE = in_both(
    "Number, or Enter to leave it out: ",
    "Número, o Enter para no responderla: ",
)
FROM_ONE_TO = in_both(
    "Please type a number from 1 to {}.",
    "Escriba un número del 1 al {}, por favor.",
)
KEEP_THESE = in_both(
    "Keep these answers? They cannot be changed. [y/n] ",
    "¿Guardar estas respuestas? No se podrán cambiar. [s/n] ",
)
YES = in_both("y yes", "s si sí y yes")
NO = in_both("n no", "n no")

KEPT = in_both(
    "kept on this device, not sent yet",
    "guardado en este dispositivo, aún sin enviar",
)
WITHDRAWAL_KEPT = in_both(
    "kept on this device; the withdrawal goes out with the next sync",
    "guardado en este dispositivo; la retirada sale con la próxima sincronización",
)

NOTHING_NOW = in_both("nothing to answer now", "no hay nada que responder ahora")
NOTHING_YET = in_both(
    "nothing to answer yet: run `rapport-field sync` first, where there is a signal",
    "aún no hay nada que responder: ejecute primero `rapport-field sync`, donde haya"
    " señal",
)
POOL = in_both(
    "{}, {} people vote under its key",
    "{}, {} personas votan con su clave",
)
OPEN_UNTIL = in_both("open until {}; charter {}", "abierto hasta {}; carta {}")

UNTIL = in_both("{}, until {}", "{}, hasta {}")
NOTHING_GIVEN = in_both(
    "nothing was answered on this device",
    "no se ha respondido nada en este dispositivo",
)
OLDEST = in_both(
    "the oldest has been waiting for {}",
    "lo más antiguo lleva esperando {}",
)
LAST_CONTACT = in_both(
    "last reply of the service: {}",
    "última respuesta del servicio: {}",
)
NOT_ENROLLED = in_both(
    NOT_ENROLLED_IN_ENGLISH,
    "Este dispositivo no está inscrito y no obtiene papeletas:"
    " inscríbalo con el código que le dio su organización",
)

MOMENT = in_both("less than a minute", "menos de un minuto")
SPANS = (
    (24 * 60 * 60, in_both("1 day", "1 día"), in_both("{} days", "{} días")),
    (60 * 60, in_both("1 hour", "1 hora"), in_both("{} hours", "{} horas")),
    (60, in_both("1 minute", "1 minuto"), in_both("{} minutes", "{} minutos")),
)
"""Seconds, and how one and several of them are told; the longest first."""
