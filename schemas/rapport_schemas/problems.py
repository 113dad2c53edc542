"""Every problem that the service can answer with (RFC 9457). Codes are never reused."""

from dataclasses import dataclass
from enum import Enum, StrEnum

CONTENT_TYPE = "application/problem+json"


class Retry(StrEnum):
    """What a client should do about a problem, so that it need not guess from a status.

    ``no``: sending it again cannot help. ``later``: send the same again, after
    ``Retry-After`` where it is given. ``after-auth``: get a new token first.
    ``after-fix``: the request is wrong; ``errors`` says where.
    """

    NO = "no"
    LATER = "later"
    AFTER_AUTH = "after-auth"
    AFTER_FIX = "after-fix"


@dataclass(frozen=True)
class Kind:
    """A kind of problem.

    Attributes:
        code: its name for programs.
        status: the HTTP status that it comes with.
        title: its name for people.
        retry: what to do about it.
    """

    code: str
    status: int
    title: str
    retry: Retry


class Problem(Enum):
    """The closed registry."""

    MALFORMED = Kind(
        "malformed", 400, "The body is not what it says it is.", Retry.AFTER_FIX
    )
    INVALID = Kind(
        "invalid", 422, "Some fields break a rule; each is named.", Retry.AFTER_FIX
    )
    CREDENTIALS_NOT_WANTED = Kind(
        "credentials-not-wanted",
        400,
        "This door never asks who you are: send no Authorization header and no cookie.",
        Retry.AFTER_FIX,
    )
    UNAUTHENTICATED = Kind(
        "unauthenticated", 401, "A valid access token is needed here.", Retry.AFTER_AUTH
    )
    TOKEN_EXPIRED = Kind(
        "token-expired", 401, "The access token has run out.", Retry.AFTER_AUTH
    )
    SCOPE_MISSING = Kind("scope-missing", 403, "This token may not do that.", Retry.NO)
    DEVICE_REVOKED = Kind(
        "device-revoked",
        403,
        "This device may read and draw no more; what it has drawn stays good.",
        Retry.NO,
    )
    CODE_UNKNOWN = Kind(
        "code-unknown", 404, "No such enrolment code; check it.", Retry.AFTER_FIX
    )
    CODE_USED = Kind(
        "code-used", 409, "This code has been used; ask for a new one.", Retry.NO
    )
    CODE_EXPIRED = Kind(
        "code-expired", 410, "This code is too old; ask for a new one.", Retry.NO
    )
    GRANT_INVALID = Kind(
        "grant-invalid",
        400,
        "The refresh token is no longer good; enrol again.",
        Retry.NO,
    )
    GRANT_UNSUPPORTED = Kind(
        "grant-unsupported", 400, "No such way of asking for a token.", Retry.AFTER_FIX
    )
    CLIENT_INVALID = Kind(
        "client-invalid", 401, "Unknown client, or not its secret.", Retry.AFTER_FIX
    )
    PERSON_NOT_FOUND = Kind(
        "person-not-found", 404, "The roster lists no such person.", Retry.NO
    )
    PULSE_NOT_FOUND = Kind(
        "pulse-not-found", 404, "The agency has no such pulse.", Retry.NO
    )
    WAVE_ENDED = Kind(
        "wave-ended", 409, "The wave is sealed or cancelled already.", Retry.NO
    )
    MARKER_NOT_FOUND = Kind(
        "marker-not-found", 404, "There is no such marker here.", Retry.NO
    )
    CLIENT_NOT_FOUND = Kind(
        "client-not-found", 404, "The agency has no such client.", Retry.NO
    )
    CLIENT_REVOKED = Kind(
        "client-revoked", 409, "This client was revoked, for good.", Retry.NO
    )
    NOT_FOUND = Kind("not-found", 404, "There is nothing here.", Retry.NO)
    TEAM_NOT_FOUND = Kind(
        "team-not-found", 404, "No such team among those you may see.", Retry.NO
    )
    NOTHING_MEASURED = Kind(
        "nothing-measured", 404, "Nothing has been measured here yet.", Retry.NO
    )
    METHOD_NOT_ALLOWED = Kind(
        "method-not-allowed", 405, "Not with this method.", Retry.AFTER_FIX
    )
    TOO_LARGE = Kind(
        "too-large",
        413,
        "The body is too large; the limits are given.",
        Retry.AFTER_FIX,
    )
    MEDIA_TYPE_UNSUPPORTED = Kind(
        "media-type-unsupported", 415, "Send another content type.", Retry.AFTER_FIX
    )
    BAD_REQUEST = Kind(
        "bad-request", 400, "The request cannot be understood.", Retry.AFTER_FIX
    )
    INTERNAL = Kind(
        "internal",
        500,
        "Something broke on our side; quote the request id.",
        Retry.LATER,
    )
    NOT_READY = Kind(
        "not-ready", 503, "The service is not ready; come back later.", Retry.LATER
    )
    BUSY = Kind("busy", 503, "Too busy just now; come back later.", Retry.LATER)

    @property
    def kind(self) -> Kind:
        """The problem's kind."""
        return self.value
