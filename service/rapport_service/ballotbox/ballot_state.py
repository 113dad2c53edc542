"""What becomes of an item whose ballot has spoken. Pure: no database, no clock."""

from dataclasses import dataclass

from rapport_service.ballotbox.models import StoredStatus
from rapport_service.ballotbox.parsing import (
    Reason,
    Status,
    SubmissionResult,
    SubmittedItem,
)


@dataclass(frozen=True)
class BallotState:
    """How a ballot stands.

    Attributes:
        status: the status that it got, or was given since.
        reason: why, where it is held.
        digest: of the content that binds it; None once it is withdrawn.
        counted: a release counts it, or the seal that has begun is about to.
    """

    status: StoredStatus
    reason: Reason | None
    digest: str | None
    counted: bool


WITHDRAWN = BallotState(StoredStatus.WITHDRAWN, None, None, counted=False)


def first_result(item: SubmittedItem, state: BallotState) -> SubmissionResult:
    """The fate of the item that made its ballot stand as it does."""
    return item.result(Status(state.status), state.reason)


def apply_repeat(
    item: SubmittedItem, state: BallotState
) -> tuple[SubmissionResult, BallotState]:
    """The fate of a later item, and how its ballot stands after it.

    A withdrawn ballot stays withdrawn. Otherwise the first content binds the ballot,
    and whoever sends it again hears how that stands.
    """
    if state.status == StoredStatus.WITHDRAWN:
        return item.result(Status.WITHDRAWN), state
    if item.content is None:
        if state.counted:
            return item.result(Status.FINAL, Reason.WITHDRAW_TOO_LATE), state
        return item.result(Status.WITHDRAWN), WITHDRAWN
    if item.digest != state.digest:
        return item.result(Status.HELD, Reason.CONTENT_CONFLICT), state
    if state.status == StoredStatus.ACCEPTED:
        return item.result(Status.DUPLICATE), state
    return first_result(item, state), state
