"""What problems are called in Spanish; in English the registry says it."""

from collections.abc import Mapping

from rapport_schemas.problems import Problem

ENGLISH = "en"
SPANISH = "es"

SPANISH_TITLES: Mapping[Problem, str] = {
    Problem.MALFORMED: "El cuerpo no es lo que dice ser.",
    Problem.INVALID: "Algunos campos incumplen una regla; se indica cada uno.",
    Problem.CREDENTIALS_NOT_WANTED: (
        "Esta puerta nunca pregunta quién es usted: no envíe ni cabecera Authorization "
        "ni cookies."
    ),
    Problem.UNAUTHENTICATED: "Aquí hace falta un token de acceso válido.",
    Problem.TOKEN_EXPIRED: "El token de acceso ha caducado.",
    Problem.SCOPE_MISSING: "Este token no permite hacer eso.",
    Problem.DEVICE_REVOKED: (
        "Este dispositivo ya no puede leer ni sacar papeletas; las que sacó siguen "
        "siendo válidas."
    ),
    Problem.CODE_UNKNOWN: "No existe ese código de alta; compruébelo.",
    Problem.CODE_USED: "Este código ya se ha usado; pida uno nuevo.",
    Problem.CODE_EXPIRED: "Este código es demasiado antiguo; pida uno nuevo.",
    Problem.GRANT_INVALID: (
        "El token de renovación ya no vale; vuelva a dar de alta el dispositivo."
    ),
    Problem.GRANT_UNSUPPORTED: "No se puede pedir un token de esa manera.",
    Problem.CLIENT_INVALID: "Cliente desconocido, o no es su secreto.",
    Problem.PERSON_NOT_FOUND: "Esa persona no figura en la plantilla.",
    Problem.PULSE_NOT_FOUND: "La organización no tiene ese pulso.",
    Problem.WAVE_ENDED: "La ronda ya está sellada o cancelada.",
    Problem.MARKER_NOT_FOUND: "Aquí no hay tal hito.",
    Problem.CLIENT_NOT_FOUND: "La organización no tiene ese cliente.",
    Problem.CLIENT_REVOKED: "Este cliente fue revocado definitivamente.",
    Problem.NOT_FOUND: "Aquí no hay nada.",
    Problem.TEAM_NOT_FOUND: "No hay tal equipo entre los que usted puede ver.",
    Problem.NOTHING_MEASURED: "Aquí no se ha medido nada todavía.",
    Problem.METHOD_NOT_ALLOWED: "No con este método.",
    Problem.TOO_LARGE: "El cuerpo es demasiado grande; se indican los límites.",
    Problem.MEDIA_TYPE_UNSUPPORTED: "Envíe otro tipo de contenido.",
    Problem.BAD_REQUEST: "La petición no se entiende.",
    Problem.INTERNAL: (
        "Algo ha fallado por nuestra parte; indique el identificador de la petición."
    ),
    Problem.NOT_READY: "El servicio aún no está listo; vuelva más tarde.",
    Problem.BUSY: "Demasiada carga en este momento; vuelva más tarde.",
}


def title_of(problem: Problem, language: str) -> str:
    """A problem's name for people, in ``en`` or ``es``."""
    return SPANISH_TITLES[problem] if language == SPANISH else problem.kind.title
