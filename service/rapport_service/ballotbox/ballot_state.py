"""State machine of one ballot: result of an item, and the state after it. Pure."""

from dataclasses import dataclass

from rapport_schemas.enums import SubmissionOp, SubmissionReason, SubmissionStatus
from rapport_service.ballotbox.models import StoredStatus
from rapport_service.ballotbox.parsing import SubmissionResult, SubmittedItem


@dataclass(frozen=True)
class BallotState:
    """Stored state of a used ballot.

    Attributes:
        status: of its first item, or since a withdrawal.
        digest: of the envelope that binds it; None once it is withdrawn.
    """

    status: StoredStatus
    digest: str | None


WITHDRAWN = BallotState(StoredStatus.WITHDRAWN, None)


def first_state(item: SubmittedItem) -> BallotState:
    """The state that a ballot's first item before the seal gives it."""
    if item.op == SubmissionOp.WITHDRAW:
        return WITHDRAWN
    return BallotState(StoredStatus.ACCEPTED, item.digest)


def first_result(item: SubmittedItem) -> SubmissionResult:
    """The result of a ballot's first item before the seal."""
    return item.result(SubmissionStatus(first_state(item).status))


def apply_repeat(
    item: SubmittedItem, state: BallotState
) -> tuple[SubmissionResult, BallotState]:
    """The result of a later item before the seal, and the ballot's state after it.

    A withdrawn ballot stays withdrawn. Otherwise the first envelope binds the ballot,
    and the same one again is a duplicate.
    """
    if item.op == SubmissionOp.WITHDRAW:
        return item.result(SubmissionStatus.WITHDRAWN), WITHDRAWN
    return _compare(item, state), state


def late_result(item: SubmittedItem, state: BallotState | None) -> SubmissionResult:
    """The result of an item after the seal began: it changes nothing.

    Args:
        item: of a genuine ballot.
        state: the ballot's; None where it was never used.
    """
    if state is not None and (
        item.op == SubmissionOp.SUBMIT or state.status == StoredStatus.WITHDRAWN
    ):
        return _compare(item, state)
    if item.op == SubmissionOp.WITHDRAW:
        return item.result(SubmissionStatus.FINAL, SubmissionReason.WITHDRAW_TOO_LATE)
    return item.result(SubmissionStatus.FINAL, SubmissionReason.TOO_LATE)


def _compare(item: SubmittedItem, state: BallotState) -> SubmissionResult:
    """The result of an item that a stored state answers, whatever the time."""
    if state.status == StoredStatus.WITHDRAWN:
        return item.result(SubmissionStatus.WITHDRAWN)
    if item.digest != state.digest:
        return item.result(SubmissionStatus.FINAL, SubmissionReason.ENVELOPE_CONFLICT)
    return item.result(SubmissionStatus.DUPLICATE)
