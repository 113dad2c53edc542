"""Texts of exceptions in English and Spanish: what a person meets who answers here."""

from collections.abc import Mapping

from rapport_client._wording import bilingual_wording

BUSY_MESSAGE = bilingual_wording(
    "the service is busy: try again in {} seconds",
    "el servicio está ocupado: vuelva a intentarlo dentro de {} segundos",
)
WRONG_ORIGIN_MESSAGE = bilingual_wording(
    "this outbox was enrolled at {} and sends nothing to {}; leave the address out"
    " (--server, --ballot-box; server=, ballot_box=); for another service, use another"
    " outbox (--outbox; path); if the address of your service has changed, move this"
    " one (`rapport-field move`; FieldDevice.move)",
    "este archivo se inscribió en {} y no envía nada a {}; no indique la dirección"
    " (--server, --ballot-box; server=, ballot_box=); para otro servicio, use otro"
    " archivo (--outbox; path); si la dirección de su servicio cambió, traslade este"
    " (`rapport-field move`; FieldDevice.move)",
)
READING_CODE_MESSAGE = bilingual_wording(
    "this code is for reading scores, not for answering;"
    " this device was not enrolled with it",
    "este código es para leer puntuaciones, no para responder;"
    " este dispositivo no se inscribió con él",
)
TRIAL_FAILED_MESSAGE = bilingual_wording(
    "this device cannot lock your answers so that they can be unlocked"
    " again; nothing was kept or sent, so try again; if that does not help,"
    " update rapport-client and the package cryptography, and answer then",
    "este dispositivo no puede cifrar sus respuestas de modo que se puedan"
    " descifrar; no se guardó ni se envió nada, así que inténtelo otra vez;"
    " si no funciona, actualice rapport-client y el paquete cryptography y"
    " responda entonces",
)

SPANISH_TITLES: Mapping[str, str] = {
    "code-unknown": "No existe este código. Compruébelo y vuelva a intentarlo.",
    "code-used": "Este código ya se usó. Pida otro a su organización.",
    "code-expired": "Este código ya caducó. Pida otro a su organización.",
    "grant-invalid": (
        "La inscripción de este dispositivo terminó. Pida otro código a su"
        " organización y vuelva a inscribirlo."
    ),
    "device-revoked": (
        "Con este dispositivo ya no se obtienen papeletas ni se leen resultados. Las"
        " papeletas que tiene siguen siendo válidas. Para seguir, pida otro código a su"
        " organización."
    ),
    "internal": "Algo falló en el servicio. Vuelva a intentarlo más tarde.",
    "not-ready": "El servicio aún no está listo. Vuelva a intentarlo más tarde.",
    "busy": "El servicio está ocupado. Vuelva a intentarlo más tarde.",
    "storage-full": (
        "El disco del servicio está lleno. Vuelva a intentarlo más tarde."
    ),
}
"""Titles of the problems that a person meets who enrols or syncs.

In English the title comes with the problem. A device does not ask for a language: the
ballot box must not know it.
"""
