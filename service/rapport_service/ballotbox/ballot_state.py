"""State machine of one ballot: result of an item, and the state after it. Pure."""

from dataclasses import dataclass

from rapport_schemas.enums import SubmissionReason, SubmissionStatus
from rapport_service.ballotbox.models import StoredStatus
from rapport_service.ballotbox.parsing import SubmissionResult, SubmittedItem


@dataclass(frozen=True)
class BallotState:
    """Stored state of a used ballot.

    Attributes:
        status: of its first item, or since a withdrawal or a revalidation.
        reason: why it is held, if it is.
        digest: of the content that binds it; None once it is withdrawn.
        counted: a release counts it, or the seal that has begun is about to.
    """

    status: StoredStatus
    reason: SubmissionReason | None
    digest: str | None
    counted: bool


WITHDRAWN = BallotState(StoredStatus.WITHDRAWN, None, None, counted=False)


def first_result(item: SubmittedItem, state: BallotState) -> SubmissionResult:
    """The result of the item that gave its ballot this state."""
    return item.result(SubmissionStatus(state.status), state.reason)


def apply_repeat(
    item: SubmittedItem, state: BallotState
) -> tuple[SubmissionResult, BallotState]:
    """The result of a later item of a used ballot, and the ballot's state after it.

    A withdrawn ballot stays withdrawn. Otherwise the first content binds the ballot,
    and the same content again gets the present status.
    """
    if state.status == StoredStatus.WITHDRAWN:
        return item.result(SubmissionStatus.WITHDRAWN), state
    if item.content is None:
        if state.counted:
            return item.result(
                SubmissionStatus.FINAL, SubmissionReason.WITHDRAW_TOO_LATE
            ), state
        return item.result(SubmissionStatus.WITHDRAWN), WITHDRAWN
    if item.digest != state.digest:
        return item.result(
            SubmissionStatus.HELD, SubmissionReason.CONTENT_CONFLICT
        ), state
    if state.status == StoredStatus.ACCEPTED:
        return item.result(SubmissionStatus.DUPLICATE), state
    return first_result(item, state), state
