"""Replacement of the roster, with the end of access of people who leave it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from rapport_service.agency.roster import put_roster
from rapport_service.agency.roster_rules import Roster, RosterRowDiffs
from rapport_service.pollbook.devices import end_access_of_leavers


def replace_roster(
    session: Session,
    organization_id: str,
    roster: Roster,
    now: datetime,
    expected_digests: Collection[str] | None = None,
    confirmed_removals: int | None = None,
) -> RosterRowDiffs:
    """Puts a roster, and ends the devices and codes of everybody whom it leaves out.

    A person who returns, or who is given a number used before, enrols again.

    Args:
        expected_digests: the digests that the roster now may have, if given.
        confirmed_removals: how many people are to be removed, if they are many.

    Returns:
        What changed.

    Raises:
        RosterChangedError: the roster now is another one than expected.
        RemovalsUnconfirmedError: many people would be removed, and nobody confirmed
            their number.
    """
    diff = put_roster(
        session, organization_id, roster, expected_digests, confirmed_removals
    )
    left = [
        row.before.external_id
        for row in diff.people
        if row.before is not None and row.after is None
    ]
    end_access_of_leavers(session, organization_id, left, now)
    return diff
