"""Administrators and auditors of an agency, in the roster or not."""

from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import AuditAction
from rapport_service.agency.models import Person
from rapport_service.agency.roster_rules import RosterRowDiffs
from rapport_service.agency.service import (
    get_recorded_person,
    lock_organization,
    record_person,
)


class Right(StrEnum):
    """Right that an operator gives to a person, named as its column."""

    ADMIN = "admin"
    AUDITOR = "auditor"

    @property
    def noun(self) -> str:
        """The noun for a person who has it."""
        return {Right.ADMIN: "administrator", Right.AUDITOR: "auditor"}[self]


ADDED = {
    Right.ADMIN: AuditAction.ADMINISTRATOR_ADDED,
    Right.AUDITOR: AuditAction.AUDITOR_ADDED,
}
REMOVED = {
    Right.ADMIN: AuditAction.ADMINISTRATOR_REMOVED,
    Right.AUDITOR: AuditAction.AUDITOR_REMOVED,
}


class LastAdministratorError(Exception):
    """An agency must keep one administrator."""


class AdministratorsLeftOutError(LastAdministratorError):
    """A roster leaves out every administrator; the message names them."""


class RightNotHeldError(Exception):
    """The person is no administrator, or no auditor; the message says which."""


def grant_right(
    session: Session, organization_id: str, external_id: str, right: Right
) -> Person:
    """Makes a person an administrator or an auditor, in the roster or not.

    Raises:
        DocumentInvalidError: nobody can have this id.
    """
    lock_organization(session, organization_id)
    person = record_person(session, organization_id, external_id)
    setattr(person, right, True)
    session.flush()
    return person


def withdraw_right(
    session: Session, organization_id: str, external_id: str, right: Right
) -> Person:
    """Takes a right from a person, but not from the last administrator.

    Raises:
        UnknownPersonError: no person has this id.
        RightNotHeldError: the person does not have it.
        LastAdministratorError: nobody else is an administrator.
    """
    lock_organization(session, organization_id)  # two at once would leave none
    person = get_recorded_person(session, organization_id, external_id)
    holders = list_holders(session, organization_id, right)
    if person.external_id not in holders:
        raise RightNotHeldError(f"{external_id} is no {right.noun}")
    if right is Right.ADMIN and holders == [person.external_id]:
        raise LastAdministratorError(external_id)
    setattr(person, right, False)
    session.flush()
    return person


def rights_document(
    session: Session, organization_id: str, diff: RosterRowDiffs
) -> dict[str, list[str]]:
    """The administrators and auditors among people whom a roster would change."""
    changed = {
        row.external_id
        for pair in diff.people
        for row in (pair.before, pair.after)
        if row is not None
    }
    return {
        f"{right.noun}s": [
            person
            for person in list_holders(session, organization_id, right)
            if person in changed
        ]
        for right in Right
    }


def list_holders(session: Session, organization_id: str, right: Right) -> list[str]:
    """External ids of the administrators, or auditors, in their order."""
    return list(
        session.scalars(
            select(Person.external_id)
            .where(
                Person.organization_id == organization_id,
                getattr(Person, right).is_(True),
            )
            .order_by(Person.external_id)
        )
    )
