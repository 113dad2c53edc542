"""Reading one item of a submission. Pure: what it is, not what becomes of it."""

from dataclasses import dataclass
from enum import StrEnum

from rapport_service import b64
from rapport_service.blindsign import ballot as ballots
from rapport_service.blindsign.ballot import Ballot

CONTENT_BYTES = 4096
BALLOT_BYTES = 1024


class Op(StrEnum):
    """What an item asks for."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"


class Status(StrEnum):
    """What becomes of an item; a device knows from it whether it may let go."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    LATE = "late"
    WITHDRAWN = "withdrawn"
    HELD = "held"
    FINAL = "final"
    REJECTED = "rejected"


class Reason(StrEnum):
    """Why, where the status alone does not say."""

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
class Result:
    """One item's fate, as the reply tells it."""

    status: Status
    reason: Reason | None = None
    hash: str | None = None
    digest: str | None = None


@dataclass(frozen=True)
class Item:
    """A readable item: a ballot (not yet verified) and the content under it.

    ``content`` is None where the ballot is withdrawn.
    """

    ballot: Ballot
    content: bytes | None

    @property
    def digest(self) -> str | None:
        """The SHA-256 of the frozen content, where there is any."""
        return None if self.content is None else b64.digest(self.content)

    def result(self, status: Status, reason: Reason | None = None) -> Result:
        """This item's fate, with the echoes by which the device knows its own."""
        hashed = b64.encode(self.ballot.hash)
        return Result(status, reason, hashed, self.digest)


def read(raw: object) -> Item | Result:
    """Reads one item of the envelope; what cannot be read is a result already.

    Nothing here touches a neighbour: each item is read by itself.
    """
    match raw:
        case {"op": Op.SUBMIT, "ballot": str(ballot), "content": str(content)}:
            return _read(ballot, content)
        case {"op": Op.WITHDRAW, "ballot": str(ballot)}:
            return _read(ballot, None)
        case {"op": str(op)} if op not in set(Op):
            return Result(Status.REJECTED, Reason.OP_UNKNOWN)
        case _:
            return Result(Status.REJECTED, Reason.UNDECODABLE)


def _read(ballot: str, content: str | None) -> Item | Result:
    try:
        frozen = None if content is None else content.encode()
    except UnicodeEncodeError:  # a lone surrogate has no bytes
        return Result(Status.REJECTED, Reason.UNDECODABLE)
    if len(frozen or b"") > CONTENT_BYTES or len(ballot) > BALLOT_BYTES:
        return Result(Status.REJECTED, Reason.TOO_LARGE)
    try:
        return Item(ballots.parse(ballot), frozen)
    except ballots.UndecodableError:
        return Result(Status.REJECTED, Reason.UNDECODABLE)
    except ballots.BallotInvalidError:
        digest = None if frozen is None else b64.digest(frozen)
        return Result(Status.REJECTED, Reason.BALLOT_INVALID, digest=digest)
