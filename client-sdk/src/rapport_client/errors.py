# ruff: noqa: N818 - an exception is named after what happened, as in AlreadyAnswered
"""All exceptions of this package.

::

    RapportError
    ├── TransportFailure         no reply came; the service may have acted
    │   ├── Unreachable          no connection was made, so nothing was sent
    │   ├── TimedOut             the service took too long to reply
    │   └── OutcomeUnknown       a roster was sent, and it is unknown what became of it
    ├── RetryLater               the service is busy; wait ``seconds``
    ├── UnexpectedReply          a reply came, but not from Rapport
    ├── ProblemError             the service refused, with a reason
    │   ├── RequestInvalid       values break rules; ``errors`` names each
    │   ├── RequestRefused       the service cannot read the request at all
    │   ├── TooLarge             too much was sent at once; ``limits`` says how much
    │   ├── Unauthenticated      the access token is missing or not valid
    │   │   └── TokenExpired     it was valid; get a new one
    │   ├── ScopeMissing         not allowed; ``needs`` says which scopes would do
    │   ├── ClientInvalid        wrong client id or secret
    │   ├── GrantInvalid         the refresh token is no longer valid
    │   ├── DeviceRevoked        this device may draw no more ballots
    │   ├── ClientRevoked        the client was revoked for good
    │   ├── CodeUnknown          no such enrolment code
    │   ├── CodeUsed             the code enrolled another device
    │   ├── CodeExpired          the code is too old
    │   ├── NotFound             nothing has this address
    │   │   ├── TeamNotFound     no such team among those that may be read
    │   │   ├── PersonNotFound   no such person in the roster
    │   │   ├── MarkerNotFound   no such marker concerns the team
    │   │   ├── PulseNotFound    no such pulse
    │   │   ├── ClientNotFound   no such client
    │   │   └── NothingMeasured  no wave has asked this team yet
    │   ├── IdUsed               the id of a creation was used for something else
    │   ├── WaveEnded            the wave is sealed or cancelled
    │   ├── WindowTaken          another wave of the agency is open at that time
    │   ├── RemovalsUnconfirmed  a roster removes many people; confirm how many
    │   ├── ReadingCodeRefused   it would be for another administrator or auditor
    │   ├── LastAdministrator    a roster leaves out every administrator
    │   ├── PreconditionFailed   it has changed since you read it
    │   ├── ServiceUnavailable   the service cannot answer now; try again later
    │   └── UnknownProblem       a code that this version has no class for
    ├── DocumentRefused          a document failed a check that protects people
    │   ├── CharterRefused
    │   ├── KeyRefused
    │   └── InstrumentRefused
    ├── AlreadyEnrolled          a person is; another code needs ``again=True``
    ├── WrongOrigin              the outbox belongs to a service at another address
    ├── MoveRefused              the new address did not prove that it is the service
    ├── CodeForReading           the code is for reading scores, not for answering
    ├── CodeForAnswering         the code is for answering, not for reading scores
    ├── TokenFileUnusable        the file of a reader's tokens cannot be read or written
    ├── SignatureInvalid         the service's signature does not make a ballot
    ├── AnswersInvalid           names the item and the rule that it breaks
    ├── EnvelopeTrialFailed      the answers cannot be locked here; nothing was kept
    ├── AlreadyAnswered          this pulse has its answer
    ├── AnswerRefused            this pulse has an answer that the service refused
    ├── PulseNotOpen             not opened yet, closed, cancelled, or not shown here
    ├── NothingToWithdraw        this pulse was not answered on this device
    ├── NothingToOffer           nothing of this pulse was refused
    └── OutboxUnusable           the outbox file cannot be read or written
        ├── OutboxFull           there is no room for more; nothing was lost
        ├── OutboxLocked         the key is missing, or is another outbox's
        └── OutboxDamaged        a value was changed or moved, and does not open
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from rapport_client._error_messages import (
    BUSY_MESSAGE,
    READING_CODE_MESSAGE,
    SPANISH_TITLES,
    TRIAL_FAILED_MESSAGE,
    WRONG_ORIGIN_MESSAGE,
)
from rapport_client._wording import Wording, bilingual_wording


class RapportError(Exception):
    """The root of every exception that this package raises.

    Its text is English. What a person meets who answers on this device is in Spanish,
    too: ``in_language`` gives it.
    """

    def __init__(self, message: str | Wording = "") -> None:
        super().__init__(str(message))
        self._wording = message if isinstance(message, Wording) else None

    def in_language(self, language: str) -> str:
        """The text in a language, or in English where it was not translated.

        Args:
            language: such as ``en``, ``es`` or ``es-MX``.
        """
        wording = self._wording
        return str(self) if wording is None else wording.in_language(language)


class TransportFailure(RapportError):
    """No reply came: no signal, a time-out, a broken connection, an endless reply."""


class TimedOut(TransportFailure):
    """The service was reached and took too long; it may have acted on the request."""


class Unreachable(TransportFailure):
    """No connection was made, so nothing was sent."""


class OutcomeUnknown(TransportFailure):
    """A roster was sent and no reply came, so it is unknown what became of it.

    Attributes:
        was_answered: whether the service could be asked. If so, it has another roster
            now: yours was not put, or not yet, or another one was put after it.
    """

    def __init__(self, *, was_answered: bool) -> None:
        finding = (
            "the service does not have this roster now"
            if was_answered
            else "the service could not be asked what became of this roster"
        )
        super().__init__(
            f"no reply came, and {finding}: read the roster, then put yours again"
        )
        self.was_answered = was_answered


class RetryLater(RapportError):
    """The service asked to wait, so nothing was sent.

    Attributes:
        seconds: the wait from now.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(BUSY_MESSAGE.format(math.ceil(seconds)))
        self.seconds = seconds


class UnexpectedReply(RapportError):
    """A reply came that is not Rapport's, such as a captive portal's page.

    Attributes:
        status: its HTTP status, if that was unexpected.
    """

    def __init__(self, message: str | Wording, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class FieldError:
    """A rule that a request broke. Its text is such as ``people.3.team: is missing``.

    Attributes:
        pointer: where the value is in what was sent (a JSON pointer, RFC 6901), or
            where it is missing; empty for all of it, None for a query parameter.
        code: the rule, for programs.
        detail: what is allowed.
        parameter: the name of the query parameter, if it is one.
    """

    pointer: str | None
    code: str
    detail: str
    parameter: str | None = None

    def __str__(self) -> str:
        """The value by its dotted path, and what is allowed."""
        path = self.parameter or ".".join(
            token.replace("~1", "/").replace("~0", "~")
            for token in (self.pointer or "").split("/")[1:]
        )
        return f"{path}: {self.detail}" if path else self.detail


class ProblemError(RapportError):
    """The service refused a request with a problem document (RFC 9457).

    The text has the title, the detail, the first of ``errors``, and the code.

    Attributes:
        status: the HTTP status.
        code: of the problem, for programs; codes are never reused.
        title: the problem in words, for people.
        detail: more about this case, or None.
        retry: ``no``, ``later``, ``after_auth`` or ``after_fix``; None if not given.
        request_id: to quote when you ask the operator for help.
        errors: the rules that the request broke, at most 1,000.
        more_errors: how many others it broke.
        document: the whole document, with members that this version does not know.
    """

    def __init__(
        self,
        *,
        status: int,
        code: str,
        title: str,
        detail: str | None,
        retry: str | None,
        request_id: str | None,
        errors: tuple[FieldError, ...],
        document: Mapping[str, object],
    ) -> None:
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.retry = retry
        self.request_id = request_id
        self.errors = errors
        self.document = document
        sentences = [title, detail, self._name_errors(), self._name_needs()]
        text = " ".join(sentence for sentence in sentences if sentence)
        spanish = SPANISH_TITLES.get(code, text)
        name = f"({code}, HTTP {status})"
        super().__init__(bilingual_wording(f"{text} {name}", f"{spanish} {name}"))

    @property
    def more_errors(self) -> int:
        """How many rules were broken besides those in ``errors``."""
        more = self.document.get("more_errors")
        return more if isinstance(more, int) else 0

    @property
    def needs(self) -> tuple[str, ...]:
        """The scopes of which one would have done, where one is missing."""
        needs = self.document.get("needs")
        return tuple(map(str, needs)) if isinstance(needs, list) else ()

    def _name_needs(self) -> str:
        return f"It needs {' or '.join(self.needs)}." if self.needs else ""

    def _name_errors(self) -> str:
        named = "; ".join(map(str, self.errors[:_MAX_ERRORS_IN_TEXT]))
        rest = len(self.errors[_MAX_ERRORS_IN_TEXT:]) + self.more_errors
        return f"{named}; and {rest} more" if rest else named


class RequestInvalid(ProblemError):
    """Values of the request break rules; ``errors`` names each."""


class RequestRefused(ProblemError):
    """The service cannot read the request: its form, its method, its content type."""


class TooLarge(ProblemError):
    """Too much was sent at once."""

    @property
    def limits(self) -> dict[str, int]:
        """How much may be sent at once, such as ``bytes``."""
        limits = self.document.get("limits")
        return {
            name: limit
            for name, limit in (limits.items() if isinstance(limits, dict) else ())
            if isinstance(limit, int)
        }


class Unauthenticated(ProblemError):
    """The access token is missing or not valid."""


class TokenExpired(Unauthenticated):
    """The access token was valid and has expired."""


class ScopeMissing(ProblemError):
    """The caller may not do this; ``needs`` names the scopes that may."""


class ClientInvalid(ProblemError):
    """The client id or its secret is wrong, or the client was revoked."""


class GrantInvalid(ProblemError):
    """The refresh token is no longer valid; the device must be enrolled again."""


class DeviceRevoked(ProblemError):
    """This device may read and draw no more; ballots that it has stay valid."""


class ClientRevoked(ProblemError):
    """The client was revoked for good; create a new one."""


class CodeUnknown(ProblemError):
    """There is no such enrolment code."""


class CodeUsed(ProblemError):
    """The enrolment code was used by another device; ask for a new one."""


class CodeExpired(ProblemError):
    """The enrolment code is too old; ask for a new one."""


class NotFound(ProblemError):
    """There is nothing at the address."""


class TeamNotFound(NotFound):
    """There is no such team among those that the caller may read."""


class PersonNotFound(NotFound):
    """There is no such person in the roster."""


class MarkerNotFound(NotFound):
    """No such marker concerns the team, or it was retracted."""


class PulseNotFound(NotFound):
    """The agency has no such pulse."""


class ClientNotFound(NotFound):
    """The agency has no such client."""


class NothingMeasured(NotFound):
    """Nothing has been measured yet: no wave has asked this team, or none at all."""


class WaveEnded(ProblemError):
    """The wave is sealed or cancelled, and cannot be cancelled any more."""


class IdUsed(ProblemError):
    """The id of a creation was used for something else, or for what is in use."""


class ReadingCodeRefused(ProblemError):
    """A code for reading would be for another administrator or auditor.

    The people who run the service make it: ``rapport codes mint --reading``.
    """


class LastAdministrator(ProblemError):
    """The roster leaves out every administrator, so nothing was changed.

    Keep one in it, or have another one added first.
    """


class RemovalsUnconfirmed(ProblemError):
    """The roster would remove many people, so nothing was changed.

    Perhaps it is half a roster. If these people have left, put it again with their
    number in ``confirm_removals``.
    """

    @property
    def removals(self) -> int:
        """How many people would be removed."""
        removals = self.document.get("removals")
        return removals if isinstance(removals, int) else 0


class WindowTaken(ProblemError):
    """Another wave of the agency is open at that time; ``detail`` says which, and when.

    People answer one wave at a time. Choose other dates, cancel that wave, or stop the
    pulse that plans it.
    """


class PreconditionFailed(ProblemError):
    """The roster has changed since it was read under the ETag in ``if_match``."""


class ServiceUnavailable(ProblemError):
    """The service cannot answer now: try again later."""


class UnknownProblem(ProblemError):
    """A problem that this version has no class for; see ``code``."""


PROBLEMS: Mapping[str, type[ProblemError]] = {
    "invalid": RequestInvalid,
    "malformed": RequestRefused,
    "bad-request": RequestRefused,
    "method-not-allowed": RequestRefused,
    "media-type-unsupported": RequestRefused,
    "credentials-not-wanted": RequestRefused,
    "grant-unsupported": RequestRefused,
    "too-large": TooLarge,
    "unauthenticated": Unauthenticated,
    "token-expired": TokenExpired,
    "scope-missing": ScopeMissing,
    "client-invalid": ClientInvalid,
    "grant-invalid": GrantInvalid,
    "device-revoked": DeviceRevoked,
    "client-revoked": ClientRevoked,
    "code-unknown": CodeUnknown,
    "code-used": CodeUsed,
    "code-expired": CodeExpired,
    "not-found": NotFound,
    "team-not-found": TeamNotFound,
    "person-not-found": PersonNotFound,
    "marker-not-found": MarkerNotFound,
    "pulse-not-found": PulseNotFound,
    "client-not-found": ClientNotFound,
    "nothing-measured": NothingMeasured,
    "id-used": IdUsed,
    "wave-ended": WaveEnded,
    "removals-unconfirmed": RemovalsUnconfirmed,
    "reading-code-refused": ReadingCodeRefused,
    "last-administrator": LastAdministrator,
    "window-taken": WindowTaken,
    "precondition-failed": PreconditionFailed,
    "internal": ServiceUnavailable,
    "not-ready": ServiceUnavailable,
    "busy": ServiceUnavailable,
    "storage-full": ServiceUnavailable,
}

_MAX_ERRORS_IN_TEXT = 3


class DocumentRefused(RapportError):
    """A document failed a check; the message names the check."""


class CharterRefused(DocumentRefused):
    """A charter that this device does not answer under."""


class KeyRefused(DocumentRefused):
    """A ballot key that this device does not draw under."""


class InstrumentRefused(DocumentRefused):
    """A set of questions that this device cannot show."""


class AlreadyEnrolled(RapportError):
    """A person is enrolled here with another code; nothing was sent or changed."""


class WrongOrigin(RapportError):
    """The outbox belongs to a service at another address; nothing was sent.

    Attributes:
        enrolled: the address at which the outbox was enrolled.
        given: the other one.
    """

    def __init__(self, enrolled: str, given: str) -> None:
        super().__init__(WRONG_ORIGIN_MESSAGE.format(enrolled, given))
        self.enrolled = enrolled
        self.given = given


class MoveRefused(RapportError):
    """The outbox stays at its address; the message says why, and what to do."""


class CodeForReading(RapportError):
    """The code is for reading scores, so this device was not enrolled with it.

    The code is not lost: give it to ``Client.from_reading_code`` with this ``device``.

    Attributes:
        device: the secret that the code was presented with, base64url.
    """

    def __init__(self, device: str) -> None:
        super().__init__(READING_CODE_MESSAGE)
        self.device = device


class CodeForAnswering(RapportError):
    """The code is for answering on the person's own phone, not for reading scores."""

    def __init__(self) -> None:
        super().__init__(
            "this code is for answering, not for reading scores; ask for a code for"
            " reading, and for a new one for the phone"
        )


class TokenFileUnusable(RapportError):
    """The file that keeps a reader's tokens is missing, damaged, or not writable."""


class SignatureInvalid(RapportError):
    """The service signed something else than the ballot that was sent."""


class AnswersInvalid(RapportError):
    """The answers cannot be frozen.

    Attributes:
        item: the id of the question; the first one, if several break the rule.
        rule: the rule that its answer breaks.
    """

    def __init__(self, item: str, rule: str, sentence: str | None = None) -> None:
        super().__init__(sentence or f"{item}: {rule}")
        self.item = item
        self.rule = rule


class EnvelopeTrialFailed(RapportError):
    """The answers did not come out of a trial envelope as they went in.

    Nothing was kept or sent; the caller still has the answers.
    """

    def __init__(self) -> None:
        super().__init__(TRIAL_FAILED_MESSAGE)


class AlreadyAnswered(RapportError):
    """This pulse was answered on this device before; the first answer counts."""


class AnswerRefused(RapportError):
    """The answer to this pulse, or its withdrawal, was refused and is kept here.

    Attributes:
        reason: the code of the reason; None if there is none.
    """

    def __init__(self, message: str | Wording, reason: str | None) -> None:
        super().__init__(message)
        self.reason = reason


class PulseNotOpen(RapportError):
    """This pulse cannot be answered now; the message says why."""


class NothingToWithdraw(RapportError):
    """This pulse was not answered on this device, so nothing can be withdrawn."""


class NothingToOffer(RapportError):
    """No answer or withdrawal of this pulse was refused, so none is sent again."""


class OutboxUnusable(RapportError):
    """The outbox cannot be read or written; nothing was changed."""


class OutboxFull(OutboxUnusable):
    """There is no room for new items; all items in the outbox are still there."""


class OutboxLocked(OutboxUnusable):
    """The outbox's key is missing or wrong; the outbox was left as it is."""


class OutboxDamaged(OutboxUnusable):
    """A value in the outbox was changed or moved, and does not open any more."""
