"""Replacement of the roster, with the end of access of people who leave it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from rapport_schemas.enums import AuditAction, SubjectKind
from rapport_service.agency import audit
from rapport_service.agency.audit import Actor, Change, Subject
from rapport_service.agency.roster import put_roster
from rapport_service.agency.roster_rules import Roster, RosterRowDiffs, Row, RowDiff
from rapport_service.pollbook.devices import end_access_of_leavers
from rapport_service.registry.readers import forget_readers_who_left


def replace_roster(
    session: Session,
    organization_id: str,
    roster: Roster,
    now: datetime,
    actor: Actor,
    expected_digests: Collection[str] | None = None,
    confirmed_removals: int | None = None,
) -> RosterRowDiffs:
    """Puts a roster, and ends the devices and codes of everybody whom it leaves out.

    A person who returns, or who is given a number used before, enrols again, and reads
    no wave from before. Audited
    with its difference, unless there is none.

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
    forget_readers_who_left(session, organization_id, left)
    changes = [
        *(_audited_row(SubjectKind.TEAM, row) for row in diff.teams),
        *(_audited_row(SubjectKind.PERSON, row) for row in diff.people),
    ]
    if changes:
        audit.append_entry(
            *(session, organization_id, now, actor, AuditAction.ROSTER_REPLACED),
            Subject(SubjectKind.ORGANIZATION, organization_id),
            changes,
        )
    return diff


def _audited_row(kind: SubjectKind, diff: RowDiff[Row]) -> Change:
    before, after = (
        None if row is None else row._asdict() for row in (diff.before, diff.after)
    )
    ids = [row.pop("external_id") for row in (before, after) if row is not None]
    return Change(Subject(kind, ids[0]), before, after)
