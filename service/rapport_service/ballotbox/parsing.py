"""Parser of one item of a submission. Pure: its form, not its result."""

from dataclasses import dataclass

from rapport_schemas.enums import (
    ENVELOPE_BYTES,
    SubmissionOp,
    SubmissionReason,
    SubmissionStatus,
)
from rapport_service.blindsign import ballot as ballots
from rapport_service.blindsign.ballot import Ballot
from rapport_service.encoding import base64url

MAX_BALLOT_LENGTH = 1024
"""Characters; a ballot has some 550."""

ENVELOPE_LENGTH = len(base64url.encode(bytes(ENVELOPE_BYTES)))
"""Characters of an envelope on the wire."""


@dataclass(frozen=True)
class SubmissionResult:
    """Result of one item, as the reply carries it."""

    status: SubmissionStatus
    reason: SubmissionReason | None = None
    hash: str | None = None
    digest: str | None = None


@dataclass(frozen=True)
class SubmittedItem:
    """A readable item: a ballot (not yet verified) and the envelope under it.

    The envelope of a withdrawal is random: on the wire it looks like any other.
    """

    op: SubmissionOp
    ballot: Ballot
    envelope: bytes
    digest: str

    def result(
        self, status: SubmissionStatus, reason: SubmissionReason | None = None
    ) -> SubmissionResult:
        """This item's result, with the hash and digest by which a device matches it."""
        hashed = base64url.encode(self.ballot.hash)
        return SubmissionResult(status, reason, hashed, self.digest)


def parse_item(raw: object) -> SubmittedItem | SubmissionResult:
    """Parses one item of a batch; an unreadable one gets its result at once.

    Each item is parsed by itself, so a bad one never spoils its neighbours. Lengths are
    checked before anything else is done with it.
    """
    match raw:
        case {"op": str(op)} if op not in set(SubmissionOp):
            return _rejected(SubmissionReason.OP_UNKNOWN)
        case {
            "op": str(op),
            "ballot": str(ballot),
            "envelope": str(envelope),
            **others,
        } if (
            not others
            and len(ballot) <= MAX_BALLOT_LENGTH
            and len(envelope) == ENVELOPE_LENGTH
        ):
            return _parse_parts(SubmissionOp(op), ballot, envelope)
        case _:
            return _rejected(SubmissionReason.UNDECODABLE)


def _parse_parts(
    op: SubmissionOp, ballot: str, envelope: str
) -> SubmittedItem | SubmissionResult:
    try:
        sealed = base64url.decode(envelope, ENVELOPE_BYTES)
    except base64url.NotBase64Error:
        return _rejected(SubmissionReason.UNDECODABLE)
    digest = base64url.digest(sealed)
    try:
        return SubmittedItem(op, ballots.parse(ballot), sealed, digest)
    except ballots.UndecodableError:
        return _rejected(SubmissionReason.UNDECODABLE)
    except ballots.BallotInvalidError:
        return _rejected(SubmissionReason.BALLOT_INVALID, digest)


def _rejected(reason: SubmissionReason, digest: str | None = None) -> SubmissionResult:
    return SubmissionResult(SubmissionStatus.REJECTED, reason, digest=digest)
