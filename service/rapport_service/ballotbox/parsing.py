"""Parser of one item of a submission. Pure: its form, not its result."""

from dataclasses import dataclass

from rapport_schemas.enums import (
    MAX_CONTENT_BYTES,
    SubmissionOp,
    SubmissionReason,
    SubmissionStatus,
)
from rapport_service.blindsign import ballot as ballots
from rapport_service.blindsign.ballot import Ballot
from rapport_service.encoding import base64url

MAX_BALLOT_BYTES = 1024


@dataclass(frozen=True)
class SubmissionResult:
    """Result of one item, as the reply carries it."""

    status: SubmissionStatus
    reason: SubmissionReason | None = None
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

    def result(
        self, status: SubmissionStatus, reason: SubmissionReason | None = None
    ) -> SubmissionResult:
        """This item's result, with the hash and digest by which a device matches it."""
        hashed = base64url.encode(self.ballot.hash)
        return SubmissionResult(status, reason, hashed, self.digest)


def parse_item(raw: object) -> SubmittedItem | SubmissionResult:
    """Parses one item of a batch; an unreadable one gets its result at once.

    Each item is parsed by itself, so a bad one never spoils its neighbours.
    """
    match raw:
        case {
            "op": SubmissionOp.SUBMIT,
            "ballot": str(ballot),
            "content": str(content),
        }:
            return _parse_parts(ballot, content)
        case {"op": SubmissionOp.WITHDRAW, "ballot": str(ballot)}:
            return _parse_parts(ballot, None)
        case {"op": str(op)} if op not in set(SubmissionOp):
            return SubmissionResult(
                SubmissionStatus.REJECTED, SubmissionReason.OP_UNKNOWN
            )
        case _:
            return SubmissionResult(
                SubmissionStatus.REJECTED, SubmissionReason.UNDECODABLE
            )


def _parse_parts(ballot: str, content: str | None) -> SubmittedItem | SubmissionResult:
    try:
        frozen = None if content is None else content.encode()
    except UnicodeEncodeError:  # a lone surrogate has no bytes
        return SubmissionResult(SubmissionStatus.REJECTED, SubmissionReason.UNDECODABLE)
    if len(frozen or b"") > MAX_CONTENT_BYTES or len(ballot) > MAX_BALLOT_BYTES:
        return SubmissionResult(SubmissionStatus.REJECTED, SubmissionReason.TOO_LARGE)
    try:
        return SubmittedItem(ballots.parse(ballot), frozen)
    except ballots.UndecodableError:
        return SubmissionResult(SubmissionStatus.REJECTED, SubmissionReason.UNDECODABLE)
    except ballots.BallotInvalidError:
        digest = None if frozen is None else base64url.digest(frozen)
        return SubmissionResult(
            SubmissionStatus.REJECTED, SubmissionReason.BALLOT_INVALID, digest=digest
        )
