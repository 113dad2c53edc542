"""What becomes of an item whose ballot has spoken. Pure: no database, no clock."""

from dataclasses import dataclass

from rapport_service.ballotbox.items import Item, Reason, Result, Status
from rapport_service.ballotbox.models import Standing


@dataclass(frozen=True)
class Stand:
    """How a ballot stands.

    Attributes:
        standing: the status that it got, or was given since.
        reason: why, where it is held.
        digest: of the content that binds it; None once it is withdrawn.
        counted: a release counts it, or the seal that has begun is about to.
    """

    standing: Standing
    reason: Reason | None
    digest: str | None
    counted: bool


WITHDRAWN = Stand(Standing.WITHDRAWN, None, None, counted=False)


def first(item: Item, stand: Stand) -> Result:
    """The fate of the item that made its ballot stand as it does."""
    return item.result(Status(stand.standing), stand.reason)


def again(item: Item, stand: Stand) -> tuple[Result, Stand]:
    """The fate of a later item, and how its ballot stands after it.

    A withdrawn ballot stays withdrawn. Otherwise the first content binds the ballot,
    and whoever sends it again hears how that stands.
    """
    if stand.standing == Standing.WITHDRAWN:
        return item.result(Status.WITHDRAWN), stand
    if item.content is None:
        if stand.counted:
            return item.result(Status.FINAL, Reason.WITHDRAW_TOO_LATE), stand
        return item.result(Status.WITHDRAWN), WITHDRAWN
    if item.digest != stand.digest:
        return item.result(Status.HELD, Reason.CONTENT_CONFLICT), stand
    if stand.standing == Standing.ACCEPTED:
        return item.result(Status.DUPLICATE), stand
    return first(item, stand), stand
