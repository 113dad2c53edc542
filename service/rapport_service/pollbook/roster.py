"""Replacement of the roster, with the end of access of people who leave it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from rapport_schemas.enums import AuditAction, SubjectKind
from rapport_service.agency import audit
from rapport_service.agency.administrators import REMOVED, Right, list_holders
from rapport_service.agency.audit import Actor, Change, Subject
from rapport_service.agency.roster import put_roster
from rapport_service.agency.roster_rules import (
    Roster,
    RosterPerson,
    RosterRowDiffs,
    RosterTeam,
    RowDiff,
)
from rapport_service.agency.service import lock_organization
from rapport_service.pollbook.administrators import audit_right
from rapport_service.pollbook.devices import end_access_of_leavers
from rapport_service.pollbook.service import remove_leavers
from rapport_service.registry.readers import forget_readers_who_left

AnyRowDiff = RowDiff[RosterTeam] | RowDiff[RosterPerson]


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

    A person who returns, or who is given a number used before, enrols again, and
    neither answers nor reads any wave that was announced before. Audited
    with its difference, unless there is none, and with each administrator and auditor
    who is none any more.

    Args:
        expected_digests: the digests that the roster now may have, if given.
        confirmed_removals: how many people are to be removed, if they are many.

    Returns:
        What changed.

    Raises:
        RosterChangedError: the roster now is another one than expected.
        AdministratorsLeftOutError: nobody would be an administrator any more.
        RemovalsUnconfirmedError: many people would be removed, and nobody confirmed
            their number.
    """
    lock_organization(session, organization_id)  # else others could get a right now
    holders = {right: list_holders(session, organization_id, right) for right in Right}
    diff = put_roster(
        session, organization_id, roster, expected_digests, confirmed_removals
    )
    left = [
        row.before.external_id
        for row in diff.people
        if row.before is not None and row.after is None
    ]
    end_access_of_leavers(session, organization_id, left, now)
    remove_leavers(session, organization_id, left)
    forget_readers_who_left(session, organization_id, left)
    changes = [_audited_row(kind, row) for kind, row in _sort_for_audit(diff)]
    if changes:
        audit.append_entry(
            *(session, organization_id, now, actor, AuditAction.ROSTER_REPLACED),
            Subject(SubjectKind.ORGANIZATION, organization_id),
            changes,
        )
    for right, person in _find_holders_who_left(holders, left):
        audit_right(session, organization_id, person, REMOVED[right], now, actor)
    return diff


def _find_holders_who_left(
    holders: Mapping[Right, Iterable[str]], left: Iterable[str]
) -> Iterator[tuple[Right, str]]:
    gone = set(left)
    for right, people in holders.items():
        yield from ((right, person) for person in people if person in gone)


def _sort_for_audit(diff: RosterRowDiffs) -> list[tuple[SubjectKind, AnyRowDiff]]:
    """The changed rows, first those that an audit must not lose when it is cut.

    These are the rows that change what a supervisor reads, then the removals. All
    others keep their order: the teams, then the people.
    """
    rows: list[tuple[SubjectKind, AnyRowDiff]] = [
        *((SubjectKind.TEAM, row) for row in diff.teams),
        *((SubjectKind.PERSON, row) for row in diff.people),
    ]
    return sorted(
        rows, key=lambda row: (not _is_of_supervision(row[1]), row[1].after is not None)
    )


def _is_of_supervision(diff: AnyRowDiff) -> bool:
    """Whether a person supervises other teams now, or a team is below another one."""
    before, after = diff
    if isinstance(before, RosterTeam) and isinstance(after, RosterTeam):
        return before.parent != after.parent
    supervised = (
        row.supervises if isinstance(row, RosterPerson) else ()
        for row in (before, after)
    )
    return len(set(supervised)) > 1


def _audited_row(kind: SubjectKind, diff: AnyRowDiff) -> Change:
    before, after = (
        None if row is None else row._asdict() for row in (diff.before, diff.after)
    )
    ids = [row.pop("external_id") for row in (before, after) if row is not None]
    return Change(Subject(kind, ids[0]), before, after)
