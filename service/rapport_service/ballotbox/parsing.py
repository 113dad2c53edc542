"""Parser of one item of a submission. Pure: its form, not its result."""

from dataclasses import dataclass
from enum import StrEnum

from rapport_service.blindsign import ballot as ballots
from rapport_service.blindsign.ballot import Ballot
from rapport_service.encoding import base64url

MAX_CONTENT_BYTES = 4096
MAX_BALLOT_BYTES = 1024


class Op(StrEnum):
    """Operation that an item asks for."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"


class Status(StrEnum):
    """Outcome of an item, by which a device knows whether to delete its copy."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    LATE = "late"
    WITHDRAWN = "withdrawn"
    HELD = "held"
    FINAL = "final"
    REJECTED = "rejected"


class Reason(StrEnum):
    """Cause of a status that has several causes."""

    CONTENT_CONFLICT = "content-conflict"
    FORM_UNKNOWN = "form-unknown"
    ANSWERS_INVALID = "answers-invalid"
    WITHDRAW_TOO_LATE = "withdraw-too-late"
    WAVE_CANCELLED = "wave-cancelled"
    EXPIRED = "expired"
    BALLOT_INVALID = "ballot-invalid"
    BALLOT_UNKNOWN_KEY = "ballot-unknown-key"
    UNDECODABLE = "undecodable"
    TOO_LARGE = "too-large"
    OP_UNKNOWN = "op-unknown"


@dataclass(frozen=True)
class SubmissionResult:
    """Result of one item, as the reply carries it."""

    status: Status
    reason: Reason | None = None
    hash: str | None = None
    digest: str | None = None


@dataclass(frozen=True)
class SubmittedItem:
    """A readable item: a ballot (not yet verified) and the content under it.

    ``content`` is None where the ballot is withdrawn.
    """

    ballot: Ballot
    content: bytes | None

    @property
    def digest(self) -> str | None:
        """The SHA-256 of the frozen content; None for a withdrawal."""
        return None if self.content is None else base64url.digest(self.content)

    def result(self, status: Status, reason: Reason | None = None) -> SubmissionResult:
        """This item's result, with the hash and digest by which a device matches it."""
        hashed = base64url.encode(self.ballot.hash)
        return SubmissionResult(status, reason, hashed, self.digest)


def parse_item(raw: object) -> SubmittedItem | SubmissionResult:
    """Parses one item of a batch; an unreadable one gets its result at once.

    Each item is parsed by itself, so a bad one never spoils its neighbours.
    """
    match raw:
        case {"op": Op.SUBMIT, "ballot": str(ballot), "content": str(content)}:
            return _parse_parts(ballot, content)
        case {"op": Op.WITHDRAW, "ballot": str(ballot)}:
            return _parse_parts(ballot, None)
        case {"op": str(op)} if op not in set(Op):
            return SubmissionResult(Status.REJECTED, Reason.OP_UNKNOWN)
        case _:
            return SubmissionResult(Status.REJECTED, Reason.UNDECODABLE)


def _parse_parts(ballot: str, content: str | None) -> SubmittedItem | SubmissionResult:
    try:
        frozen = None if content is None else content.encode()
    except UnicodeEncodeError:  # a lone surrogate has no bytes
        return SubmissionResult(Status.REJECTED, Reason.UNDECODABLE)
    if len(frozen or b"") > MAX_CONTENT_BYTES or len(ballot) > MAX_BALLOT_BYTES:
        return SubmissionResult(Status.REJECTED, Reason.TOO_LARGE)
    try:
        return SubmittedItem(ballots.parse(ballot), frozen)
    except ballots.UndecodableError:
        return SubmissionResult(Status.REJECTED, Reason.UNDECODABLE)
    except ballots.BallotInvalidError:
        digest = None if frozen is None else base64url.digest(frozen)
        return SubmissionResult(Status.REJECTED, Reason.BALLOT_INVALID, digest=digest)
