"""Catalogue of the problems that the service answers with (RFC 9457).

Codes are never reused.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from marshmallow import Schema, fields

from rapport_schemas.errors import ErrorCode
from rapport_schemas.fields import BoundedInteger, Instant, WaveId, Word
from rapport_schemas.rules import Range

CONTENT_TYPE = "application/problem+json"

ENGLISH = "en"
SPANISH = "es"


class Retry(StrEnum):
    """Advice to the client, so that it need not guess from a status.

    ``no``: sending it again cannot help. ``later``: send the same again, after
    ``Retry-After`` where it is given. ``after_auth``: get a new token first.
    ``after_fix``: the request is wrong; ``errors`` says where.
    """

    NO = "no"
    LATER = "later"
    AFTER_AUTH = "after_auth"
    AFTER_FIX = "after_fix"


@dataclass(frozen=True)
class ProblemKind:
    """A kind of problem.

    Attributes:
        code: its name for programs.
        status: the HTTP status that it comes with.
        retry: the advice to the client.
        title: a sentence for people, in English, and what they do next.
        spanish_title: the same in Spanish.
    """

    code: str
    status: int
    retry: Retry
    title: str
    spanish_title: str


class Problem(Enum):
    """The closed catalogue."""

    MALFORMED = ProblemKind(
        "malformed",
        400,
        Retry.AFTER_FIX,
        "We cannot read the body you sent. Check its format.",
        "No podemos leer el cuerpo que ha enviado. Compruebe su formato.",
    )
    INVALID = ProblemKind(
        "invalid",
        422,
        Retry.AFTER_FIX,
        "Some fields break a rule. Correct the fields listed in errors.",
        "Algunos campos incumplen una regla. Corrija los que se indican en errors.",
    )
    CREDENTIALS_NOT_WANTED = ProblemKind(
        "credentials-not-wanted",
        400,
        Retry.AFTER_FIX,
        (
            "You must not say who you are here. Send no Authorization header and "
            "no cookie."
        ),
        "Aquí no debe decir quién es. No envíe la cabecera Authorization ni cookies.",
    )
    UNAUTHENTICATED = ProblemKind(
        "unauthenticated",
        401,
        Retry.AFTER_AUTH,
        "You need a valid access token. Log in first.",
        "Necesita un token de acceso válido. Inicie sesión primero.",
    )
    TOKEN_EXPIRED = ProblemKind(
        "token-expired",
        401,
        Retry.AFTER_AUTH,
        "Your access token has expired. Get a new one.",
        "Su token de acceso ha caducado. Pida uno nuevo.",
    )
    SCOPE_MISSING = ProblemKind(
        "scope-missing",
        403,
        Retry.NO,
        "You do not have permission to do this. Ask your administrator.",
        "No tiene permiso para hacer esto. Consulte a su administrador.",
    )
    DEVICE_REVOKED = ProblemKind(
        "device-revoked",
        403,
        Retry.NO,
        (
            "You can no longer read results or get ballots with this device. The "
            "ballots it has stay valid. If you need access again, ask your "
            "administrator for a new code."
        ),
        (
            "Ya no puede leer resultados ni obtener papeletas con este "
            "dispositivo. Las papeletas que tiene siguen siendo válidas. Si necesita "
            "acceso de nuevo, pida otro código a su administrador."
        ),
    )
    CODE_UNKNOWN = ProblemKind(
        "code-unknown",
        404,
        Retry.AFTER_FIX,
        "We do not know this enrolment code. Check it and try again.",
        "No conocemos este código de alta. Compruébelo e inténtelo de nuevo.",
    )
    CODE_USED = ProblemKind(
        "code-used",
        409,
        Retry.NO,
        "This enrolment code has been used. Ask your administrator for a new one.",
        "Este código de alta ya se ha usado. Pida uno nuevo a su administrador.",
    )
    ID_USED = ProblemKind(
        "id-used",
        409,
        Retry.AFTER_FIX,
        (
            "You have used this ID before, for something else or for what is in use. "
            "Look at what you made with it, or choose a new ID."
        ),
        (
            "Ya ha usado este identificador, para otra cosa o para algo que está en "
            "uso. Consulte qué creó con él, o elija otro."
        ),
    )
    CODE_EXPIRED = ProblemKind(
        "code-expired",
        410,
        Retry.NO,
        "This enrolment code has expired. Ask your administrator for a new one.",
        "Este código de alta ha caducado. Pida uno nuevo a su administrador.",
    )
    GRANT_INVALID = ProblemKind(
        "grant-invalid",
        400,
        Retry.NO,
        "Your refresh token is no longer valid. Enrol this device again.",
        (
            "Su token de renovación ya no es válido. Vuelva a dar de alta este "
            "dispositivo."
        ),
    )
    GRANT_UNSUPPORTED = ProblemKind(
        "grant-unsupported",
        400,
        Retry.AFTER_FIX,
        (
            "You cannot get a token with this grant type. Use one of those listed "
            "in errors."
        ),
        (
            "No puede obtener un token con este tipo de concesión. Use uno de los "
            "que se indican en errors."
        ),
    )
    CLIENT_INVALID = ProblemKind(
        "client-invalid",
        401,
        Retry.AFTER_FIX,
        "The client ID or the client secret is wrong. Check both.",
        "El identificador o el secreto del cliente no es correcto. Compruebe ambos.",
    )
    PERSON_NOT_FOUND = ProblemKind(
        "person-not-found",
        404,
        Retry.NO,
        "This person is not in the roster. Check the ID.",
        "Esta persona no está en la plantilla. Compruebe el identificador.",
    )
    READING_CODE_REFUSED = ProblemKind(
        "reading-code-refused",
        403,
        Retry.NO,
        (
            "You cannot make a code for reading here for another administrator or "
            "auditor. Ask the people who run the service."
        ),
        (
            "Aquí no puede crear un código de lectura para otra persona que administra "
            "o audita. Pídalo a quienes llevan el servicio."
        ),
    )
    PULSE_NOT_FOUND = ProblemKind(
        "pulse-not-found",
        404,
        Retry.NO,
        "Your agency has no pulse with this ID. Check the ID.",
        "Su organización no tiene ningún pulso con este identificador. Compruébelo.",
    )
    WAVE_ENDED = ProblemKind(
        "wave-ended",
        409,
        Retry.NO,
        (
            "You cannot cancel this wave. It is already sealed or cancelled. Look at "
            "its state in the list of waves."
        ),
        (
            "No puede cancelar esta ronda. Ya está sellada o cancelada. Consulte su "
            "estado en la lista de rondas."
        ),
    )
    REMOVALS_UNCONFIRMED = ProblemKind(
        "removals-unconfirmed",
        409,
        Retry.AFTER_FIX,
        (
            "You would remove many people at once, so nothing was changed. Check "
            "your roster, then confirm their number."
        ),
        (
            "Quitaría a muchas personas a la vez, así que no se ha cambiado nada. "
            "Compruebe su plantilla y confirme después cuántas son."
        ),
    )
    LAST_ADMINISTRATOR = ProblemKind(
        "last-administrator",
        409,
        Retry.AFTER_FIX,
        (
            "This roster leaves your agency without an administrator, so nothing was "
            "changed. Keep one in it, or have another one added first."
        ),
        (
            "Esta plantilla deja a su organización sin administradores, así que no se "
            "ha cambiado nada. Conserve uno en ella, o haga que se añada otro antes."
        ),
    )
    WINDOW_TAKEN = ProblemKind(
        "window-taken",
        409,
        Retry.AFTER_FIX,
        (
            "Another wave is open at that time. People answer one wave at a time, so "
            "choose other dates."
        ),
        (
            "Hay otra ronda abierta en ese tiempo. Las personas responden a una ronda "
            "cada vez, así que elija otras fechas."
        ),
    )
    PRECONDITION_FAILED = ProblemKind(
        "precondition-failed",
        412,
        Retry.AFTER_FIX,
        (
            "You would replace something that has changed since you read it. Read "
            "it again first."
        ),
        (
            "Sustituiría algo que ha cambiado desde que lo leyó. Vuelva a leerlo "
            "primero."
        ),
    )
    MARKER_NOT_FOUND = ProblemKind(
        "marker-not-found",
        404,
        Retry.NO,
        "We found no marker for this request. Look at the list of markers.",
        (
            "No hemos encontrado ningún hito para esta petición. Consulte la lista de "
            "hitos."
        ),
    )
    CLIENT_NOT_FOUND = ProblemKind(
        "client-not-found",
        404,
        Retry.NO,
        "Your agency has no client with this ID. Check the ID.",
        "Su organización no tiene ningún cliente con este identificador. Compruébelo.",
    )
    CLIENT_REVOKED = ProblemKind(
        "client-revoked",
        409,
        Retry.NO,
        "This client has been revoked for good. Create a new one.",
        "Este cliente se ha revocado para siempre. Cree uno nuevo.",
    )
    NOT_FOUND = ProblemKind(
        "not-found",
        404,
        Retry.NO,
        "There is nothing at this address. Check it.",
        "No hay nada en esta dirección. Compruébela.",
    )
    TEAM_NOT_FOUND = ProblemKind(
        "team-not-found",
        404,
        Retry.NO,
        "You can see no team with this ID. Check the ID.",
        "No puede ver ningún equipo con este identificador. Compruébelo.",
    )
    NOTHING_MEASURED = ProblemKind(
        "nothing-measured",
        404,
        Retry.NO,
        "There are no results here yet. Look again after the next wave.",
        "Aquí aún no hay resultados. Vuelva a mirar después de la próxima ronda.",
    )
    METHOD_NOT_ALLOWED = ProblemKind(
        "method-not-allowed",
        405,
        Retry.AFTER_FIX,
        "You cannot use this method here. Use one that the Allow header lists.",
        "No puede usar este método aquí. Use uno de los que indica la cabecera Allow.",
    )
    TOO_LARGE = ProblemKind(
        "too-large",
        413,
        Retry.AFTER_FIX,
        "You sent too much at once. Stay within the limits listed here.",
        "Ha enviado demasiado de una vez. Respete los límites que se indican aquí.",
    )
    MEDIA_TYPE_UNSUPPORTED = ProblemKind(
        "media-type-unsupported",
        415,
        Retry.AFTER_FIX,
        "We do not accept this type of content. Send a type listed here.",
        (
            "No aceptamos este tipo de contenido. Envíe un tipo de los que se "
            "indican aquí."
        ),
    )
    BAD_REQUEST = ProblemKind(
        "bad-request",
        400,
        Retry.AFTER_FIX,
        "We cannot understand this request. Check how you send it.",
        "No entendemos esta petición. Compruebe cómo la envía.",
    )
    INTERNAL = ProblemKind(
        "internal",
        500,
        Retry.LATER,
        (
            "Something went wrong on our side. Try again later. If it goes on, "
            "report the request ID."
        ),
        (
            "Algo ha fallado por nuestra parte. Inténtelo más tarde. Si continúa, "
            "comunique el identificador de la petición."
        ),
    )
    NOT_READY = ProblemKind(
        "not-ready",
        503,
        Retry.LATER,
        "The service is not ready yet. Try again later.",
        "El servicio aún no está listo. Inténtelo más tarde.",
    )
    BUSY = ProblemKind(
        "busy",
        503,
        Retry.LATER,
        "The service is busy. Try again later.",
        "El servicio está ocupado. Inténtelo más tarde.",
    )
    STORAGE_FULL = ProblemKind(
        "storage-full",
        503,
        Retry.LATER,
        "The disk of the service is full. Try again later.",
        "El disco del servicio está lleno. Inténtelo más tarde.",
    )

    @property
    def kind(self) -> ProblemKind:
        """The problem's kind."""
        return self.value

    def title_in(self, language: str) -> str:
        """The problem's title in ``en`` or ``es``."""
        return self.kind.spanish_title if language == SPANISH else self.kind.title


class FieldErrorSchema(Schema):
    """A rule that the request breaks."""

    pointer = fields.String(required=True, allow_none=True)
    code = Word(ErrorCode)
    detail = fields.String(required=True)
    parameter = fields.String()


class TakenWindowSchema(Schema):
    """The wave, or the pulse that will plan it, that is open at the same time."""

    wave_id = WaveId(required=True, allow_none=True)
    pulse_id = fields.UUID(required=True, allow_none=True)
    opens_at = Instant(required=True)
    closes_at = Instant(required=True)


class ProblemSchema(Schema):
    """A failure: what is wrong, and what to do about it. There may be other members."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = BoundedInteger(400, 599)
    code = Word(tuple(problem.kind.code for problem in Problem))
    retry = Word(Retry)
    request_id = fields.String(required=True)
    detail = fields.String()
    errors = fields.List(fields.Nested(FieldErrorSchema))
    more_errors = fields.Integer(validate=Range(1))
    limits = fields.Dict(
        keys=fields.String(), values=BoundedInteger(0, allow_none=True)
    )
    accept = fields.String()
    accept_encoding = fields.String()
    needs = fields.List(fields.String())
    removals = fields.Integer(validate=Range(1))
    taken_by = fields.Nested(TakenWindowSchema)
    error = fields.String()
