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
class ProblemKind:
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

    MALFORMED = ProblemKind(
        "malformed", 400, "The body is not what it says it is.", Retry.AFTER_FIX
    )
    INVALID = ProblemKind(
        "invalid", 422, "Some fields break a rule; each is named.", Retry.AFTER_FIX
    )
    CREDENTIALS_NOT_WANTED = ProblemKind(
        "credentials-not-wanted",
        400,
        "This door never asks who you are: send no Authorization header and no cookie.",
        Retry.AFTER_FIX,
    )
    UNAUTHENTICATED = ProblemKind(
        "unauthenticated", 401, "A valid access token is needed here.", Retry.AFTER_AUTH
    )
    TOKEN_EXPIRED = ProblemKind(
        "token-expired", 401, "The access token has run out.", Retry.AFTER_AUTH
    )
    SCOPE_MISSING = ProblemKind(
        "scope-missing", 403, "This token may not do that.", Retry.NO
    )
    DEVICE_REVOKED = ProblemKind(
        "device-revoked",
        403,
        "This device may read and draw no more; what it has drawn stays good.",
        Retry.NO,
    )
    CODE_UNKNOWN = ProblemKind(
        "code-unknown", 404, "No such enrolment code; check it.", Retry.AFTER_FIX
    )
    CODE_USED = ProblemKind(
        "code-used", 409, "This code has been used; ask for a new one.", Retry.NO
    )
    CODE_EXPIRED = ProblemKind(
        "code-expired", 410, "This code is too old; ask for a new one.", Retry.NO
    )
    GRANT_INVALID = ProblemKind(
        "grant-invalid",
        400,
        "The refresh token is no longer good; enrol again.",
        Retry.NO,
    )
    GRANT_UNSUPPORTED = ProblemKind(
        "grant-unsupported", 400, "No such way of asking for a token.", Retry.AFTER_FIX
    )
    CLIENT_INVALID = ProblemKind(
        "client-invalid", 401, "Unknown client, or not its secret.", Retry.AFTER_FIX
    )
    PERSON_NOT_FOUND = ProblemKind(
        "person-not-found", 404, "The roster lists no such person.", Retry.NO
    )
    PULSE_NOT_FOUND = ProblemKind(
        "pulse-not-found", 404, "The agency has no such pulse.", Retry.NO
    )
    WAVE_ENDED = ProblemKind(
        "wave-ended", 409, "The wave is sealed or cancelled already.", Retry.NO
    )
    MARKER_NOT_FOUND = ProblemKind(
        "marker-not-found", 404, "There is no such marker here.", Retry.NO
    )
    CLIENT_NOT_FOUND = ProblemKind(
        "client-not-found", 404, "The agency has no such client.", Retry.NO
    )
    CLIENT_REVOKED = ProblemKind(
        "client-revoked", 409, "This client was revoked, for good.", Retry.NO
    )
    NOT_FOUND = ProblemKind("not-found", 404, "There is nothing here.", Retry.NO)
    TEAM_NOT_FOUND = ProblemKind(
        "team-not-found", 404, "No such team among those you may see.", Retry.NO
    )
    NOTHING_MEASURED = ProblemKind(
        "nothing-measured", 404, "Nothing has been measured here yet.", Retry.NO
    )
    METHOD_NOT_ALLOWED = ProblemKind(
        "method-not-allowed", 405, "Not with this method.", Retry.AFTER_FIX
    )
    TOO_LARGE = ProblemKind(
        "too-large",
        413,
        "The body is too large; the limits are given.",
        Retry.AFTER_FIX,
    )
    MEDIA_TYPE_UNSUPPORTED = ProblemKind(
        "media-type-unsupported", 415, "Send another content type.", Retry.AFTER_FIX
    )
    BAD_REQUEST = ProblemKind(
        "bad-request", 400, "The request cannot be understood.", Retry.AFTER_FIX
    )
    INTERNAL = ProblemKind(
        "internal",
        500,
        "Something broke on our side; quote the request id.",
        Retry.LATER,
    )
    NOT_READY = ProblemKind(
        "not-ready", 503, "The service is not ready; come back later.", Retry.LATER
    )
    BUSY = ProblemKind("busy", 503, "Too busy just now; come back later.", Retry.LATER)

    @property
    def kind(self) -> ProblemKind:
        """The problem's kind."""
        return self.value
